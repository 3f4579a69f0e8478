"""The table that ``fttui cost`` prints."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fttui.costs.money import show_money

if TYPE_CHECKING:
    from fttui.costs.break_even import BreakEven
    from fttui.costs.prices import ModelPrice
    from fttui.costs.throughput import Throughput
    from fttui.costs.training import TrainingCost

Row = tuple[str, str]


def cost_rows(
    document: dict[str, Any],
    cost: TrainingCost,
    price: ModelPrice | None,
    pays: BreakEven | None,
    loads: tuple[Throughput, Throughput] | None,
    exactness: str,
    *,
    training_given: bool,
) -> list[Row]:
    """What a person reads: the sums of the JSON document, rounded, with where each comes from."""
    rule = "automatic rule" if cost.epochs_rule == "auto" else "chosen"
    rows = [
        ("examples", f"{document['examples']:,}"),
        *([("broken lines, not counted", f"{document['broken']:,}")] if document["broken"] else []),
        ("tokens", f"{cost.tokens:,} ({exactness})"),
        ("epochs", f"{cost.epochs} ({rule})"),
        ("billed tokens", f"{cost.billed_tokens:,}{_cut(document)}"),
        ("training", _training(document["training"], price, training_given)),
    ]
    if price is not None and not training_given:
        rows += _provenance(price)
    currency = document["training"]["currency"]
    return [*rows, *_break_even_rows(pays, currency), *_load_rows(loads)]


def _cut(document: dict[str, Any]) -> str:
    if not document["over_limit"]:
        return ""
    return f" ({document['over_limit']:,} examples are cut at {document['limit']:,} tokens)"


def _training(training: dict[str, Any], price: ModelPrice | None, training_given: bool) -> str:
    if training["usd"] is None:
        hour = price.training_hour if price else None
        return f"{show_money(hour)} for an hour of training" if hour is not None else "cannot be trained"
    if price is not None and price.is_local and not training_given:
        return "nothing: on your own machine"
    shown = show_money(training["amount"], training["currency"])
    how = " (as given)" if training_given else ""
    if training["currency"] == "USD":
        return shown + how
    return f"{shown}{how} = {show_money(training['usd'])}"


def _provenance(price: ModelPrice) -> list[Row]:
    if price.is_local:
        return []
    rows = [("price", f"of {price.as_of}; {price.source}")]
    if price.training is not None:
        rows.append(("", f"{show_money(price.training)} for a million trained tokens"))
    if price.trainable_until:
        rows.append(("", f"no training after {price.trainable_until}; the model is off from {price.off}"))
    elif price.off:
        rows.append(("", f"the model is off from {price.off}"))
    return rows


def _break_even_rows(pays: BreakEven | None, currency: str) -> list[Row]:
    if pays is None:
        return []
    difference = f"{show_money(abs(pays.saved), currency)} {'less' if pays.saved > 0 else 'more'}"
    rows = [
        ("a call, base", show_money(pays.base_call, currency)),
        ("a call, tuned", f"{show_money(pays.tuned_call, currency)}: {difference if pays.saved else 'the same'}"),
    ]
    if pays.calls is None or pays.pays_at is None:
        return [*rows, ("training pays", f"never. {pays.reason}")]
    days = "" if pays.days is None else f", after {_rounded(pays.days)} days"
    at = f"after {_rounded(pays.calls)} calls: call {pays.pays_at:,} pays it back{days}"
    return [*rows, ("training pays", at if pays.verdict == "pays" else f"at once. {pays.reason}")]


def _load_rows(loads: tuple[Throughput, Throughput] | None) -> list[Row]:
    if loads is None:
        return []
    return [
        (
            f"a day's load, {name}",
            f"{load.tokens_a_day:,} tokens, {load.tokens_a_minute:,.0f} a minute; "
            f"{load.hours_at_limit:,.1f} h at the rate limit{'' if load.hours_at_limit <= 24 else ': does not fit'}",
        )
        for name, load in zip(("base", "tuned"), loads, strict=True)
    ]


def _rounded(value: Decimal) -> str:
    return f"{value:,.1f}"
