"""``fttui cost --prices``: the price table, with the models to compare with."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from fttui.cli.common import Output
from fttui.costs.age import age_in_months, training_date, warning
from fttui.costs.money import show_money
from fttui.costs.prices import all_prices
from fttui.costs.rows import ModelPrice, UsePrices

_COLUMNS = ("model", "training", "base in/out", "tuned in/out", "train until", "off", "price of")


def print_prices(output: Output, currency: str | None, rate: Decimal | None) -> None:
    """Print every row of the table: dollars for a million tokens in JSON, the currency in text.

    Raises:
        FttuiError: The settings or the price table cannot be read.
    """
    from fttui.cli.cost_answer import currency_of
    from fttui.core.settings import require_settings

    unit, units = currency_of(currency, rate, require_settings())
    today = date.today()
    prices = sorted(all_prices(), key=lambda price: not price.is_tunable)
    if output.is_json:
        output.document({"prices": [_document(price, today) for price in prices]})
        return
    output.table(_COLUMNS, [_row(price, unit, units, today) for price in prices])
    output.text(f"For a million tokens, in {unit}; an old price has a !. Tuning, batches and sources: --format json.")


def _row(price: ModelPrice, currency: str, rate: Decimal, today: date) -> tuple[str, ...]:
    def money(usd: Decimal) -> str:
        return show_money(usd * rate, currency)

    def use(prices: UsePrices | None) -> str:
        return "" if prices is None else f"{money(prices.input)} / {money(prices.output)}"

    training = "not known" if price.is_tunable else "cannot be tuned"
    if price.training is not None:
        training = money(price.training)
    elif price.training_hour is not None:
        training = f"{money(price.training_hour)} an hour"
    old = " !" if warning(price, today) else ""
    until = price.trainable_until or ""
    return price.name, training, use(price.base), use(price.tuned), until, price.off or "", f"{price.as_of}{old}"


def _document(price: ModelPrice, today: date) -> dict[str, Any]:
    return {
        "model": price.model,
        "aliases": list(price.aliases),
        "provider": price.provider,
        "tunable": price.is_tunable,
        "training": price.training,
        "training_hour": price.training_hour,
        "hosting_hour": price.hosting_hour,
        "minimum": price.minimum,
        "base": _use(price.base),
        "tuned": _use(price.tuned),
        "trainable_until": price.trainable_until,
        "off": price.off,
        "as_of": price.as_of,
        "training_as_of": training_date(price),
        "age_months": age_in_months(price.as_of, today),
        "warning": warning(price, today),
        "source": price.source,
    }


def _use(use: UsePrices | None) -> dict[str, Decimal | None] | None:
    if use is None:
        return None
    return {
        "input": use.input,
        "cached_input": use.cached_input,
        "output": use.output,
        "batch_input": use.batch_input,
        "batch_output": use.batch_output,
    }
