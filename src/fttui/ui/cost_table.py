"""What the Cost screen says: models side by side, and the rule of the epochs. Pure functions over the price table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from fttui.core.settings import CostSettings
from fttui.costs.prices import ModelPrice, UsePrices
from fttui.costs.training import training_cost
from fttui.ui.widgets.meter import money
from fttui.ui.widgets.table_list import Cell, Column, TableRow

COLUMNS = (
    Column("model", 24),
    Column("training", 10, right=True),
    Column("per M", 8, right=True),
    Column("in", 7, right=True, optional=True),
    Column("out", 7, right=True, optional=True),
    Column("train until", 11, optional=True),
    Column("off", 10),
    Column("price of", 8, optional=True),
)


@dataclass(frozen=True, slots=True)
class FileSize:
    """What is priced: the examples and the tokens that are billed once an epoch; ``is_known`` when all is counted."""

    examples: int
    tokens: int
    is_known: bool


def model_name(price: ModelPrice) -> str:
    """The short id of a model: the table's rows have the dated one."""
    return price.aliases[0] if price.aliases else price.model


def rows_of(
    prices: Iterable[ModelPrice],
    local_model: str,
    chosen: str,
    size: FileSize,
    epochs: int | None,
    cost: CostSettings,
    today: str,
) -> list[TableRow]:
    """One row a model: the local one first, then those that can be trained still, the cheapest first.

    Args:
        local_model: The local backend's base model; "" when only its server knows.
        chosen: The model of the meter: it is marked.
        today: As ``2026-11-21``: what ended before is shown as past.
    """
    priced = sorted((p for p in prices if p.training is not None), key=lambda p: (_is_past(p, today), p.training or 0))
    rows = [_local_row(local_model, chosen)]
    return rows + [_row(price, chosen, size, epochs, cost, today) for price in priced]


def _local_row(model: str, chosen: str) -> TableRow:
    name = model or "local"
    cells = [Cell(_marked(name, chosen)), Cell("free", "good"), Cell("free"), Cell("free"), Cell("free")]
    return TableRow(name, (*cells, Cell("any time"), Cell("never"), Cell("")))


def _row(
    price: ModelPrice, chosen: str, size: FileSize, epochs: int | None, cost: CostSettings, today: str
) -> TableRow:
    name = model_name(price)
    training = training_cost(size.tokens, size.examples, epochs, price).usd if size.is_known else None
    is_past = _is_past(price, today)
    tone = "muted" if is_past else ""
    use = price.tuned
    cells = (
        Cell(_marked(name, chosen), tone),
        Cell(_money(training, cost) if size.is_known else "…", tone),
        Cell(_money(price.training, cost), tone),
        Cell(_use(use, cost, "input"), tone),
        Cell(_use(use, cost, "output"), tone),
        Cell("no more" if is_past else price.trainable_until or "", "bad" if is_past else ""),
        Cell(price.off or "", tone),
        Cell(price.as_of, "muted"),
    )
    return TableRow(name, cells)


def _marked(name: str, chosen: str) -> str:
    return f"● {name}" if name == chosen else f"  {name}"


def _is_past(price: ModelPrice, today: str) -> bool:
    last = price.trainable_until or price.off
    return last is not None and last < today


def _money(usd: Decimal | None, cost: CostSettings) -> str:
    return "" if usd is None else money(usd * cost.rate, cost.currency)


def _use(use: UsePrices | None, cost: CostSettings, side: str) -> str:
    return "" if use is None else _money(getattr(use, side), cost)


def epochs_rule(examples: int, automatic: int, chosen: int | None) -> str:
    """How many epochs the open file gets, and why."""
    if chosen is not None:
        return f"{chosen} epochs, as chosen; automatic would be {automatic}."
    if examples <= 0:
        return "Epochs: 3 as a rule; more for fewer than 34 examples, fewer for more than 8,333."
    word = "epoch" if automatic == 1 else "epochs"
    if examples * 3 < 100:
        why = "so few examples are shown more often, about 100 in all (25 epochs at most)"
    elif examples * 3 > 25_000:
        why = "so many examples are shown less often, about 25,000 in all"
    else:
        why = "the rule for 34 to 8,333 examples"
    return f"{automatic} {word} for {examples:,} examples: {why}."


def spread(counts: dict[str, float] | None) -> str:
    """The distribution in one line: ``31 to 74 tokens, half of them below 55, 95 % below 70``."""
    if not counts:
        return ""
    low, middle, high, most = (counts[name] for name in ("min", "median", "p95", "max"))
    return f"{low:,.0f} to {most:,.0f} tokens an example, half at most {middle:,.0f}, 95 % at most {high:,.0f}."
