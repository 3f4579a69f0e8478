"""What a job was billed beside what it was expected to cost, in a line."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fttui.core.errors import SettingsError
from fttui.core.settings import CostSettings
from fttui.jobs.objects import Job
from fttui.ui.widgets.meter import money

if TYPE_CHECKING:
    from fttui.costs.rows import ModelPrice


def bill_line(job: Job, stored: Mapping[str, Any] | None, *, is_local: bool, cost: CostSettings) -> str:
    """``Billed 10,500 tokens, $0.05: 5.0 % more than the estimate of 10,000.``; empty before there is a bill."""
    from fttui.costs.billed import billed, estimate_from

    bill = billed(job, estimate_from(stored), _price(str(job.get("model") or ""), is_local))
    if bill is None:
        return ""

    def priced(usd: Decimal | None) -> str:
        return "" if usd is None else ", free" if not usd else f", {money(usd * cost.rate, cost.currency)}"

    said = f"Billed {bill.tokens:,} tokens{priced(bill.usd)}"
    if bill.estimated is None:
        return f"{said}."
    if not bill.share:
        return f"{said}: as estimated."
    word = "more" if bill.share > 0 else "less"
    return f"{said}: {abs(bill.share):.1%} {word} than the estimate of {bill.estimated:,}{priced(bill.estimated_usd)}."


def _price(model: str, is_local: bool) -> ModelPrice | None:
    from fttui.costs.prices import local_price, price_for

    if is_local:
        return local_price(model)
    try:
        return price_for(model)
    except SettingsError:  # the start of the app has said so
        return None
