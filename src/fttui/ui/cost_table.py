"""What the Cost screen says: models side by side, and the rule of the epochs. Pure functions over the price table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fttui.core.settings import CostSettings
from fttui.costs.age import warning
from fttui.costs.prices import LOCAL
from fttui.costs.rows import ModelPrice, ProviderBilling, UsePrices
from fttui.costs.training import training_cost
from fttui.ui.widgets.meter import money
from fttui.ui.widgets.table_list import Cell, Column, TableRow

COLUMNS = (
    Column("model", 20),
    Column("training", 9, right=True),
    Column("1K calls", 8, right=True),
    Column("in", 7, right=True, optional=True),
    Column("out", 7, right=True, optional=True),
    Column("off", 10),
    Column("train until", 11, optional=True),
    Column("per M", 7, right=True, optional=True),
    Column("base in", 7, right=True, optional=True),
    Column("out", 7, right=True, optional=True),
    Column("price of", 9, optional=True),
)


@dataclass(frozen=True, slots=True)
class FileSize:
    """What is priced: the examples and the tokens that are billed once an epoch; ``is_known`` when all is counted."""

    examples: int
    tokens: int
    is_known: bool


@dataclass(frozen=True, slots=True)
class CallSize:
    """Tokens of a call: prompts on an untuned and on a tuned model, and the answer."""

    prompt_base: int = 0
    prompt_tuned: int = 0
    completion: int = 0


def model_name(price: ModelPrice) -> str:
    """The short id of a model: the table's rows have the dated one."""
    return price.name


def rows_of(
    prices: Iterable[ModelPrice],
    local_model: str,
    chosen: str,
    size: FileSize,
    epochs: int | None,
    cost: CostSettings,
    today: str,
    calls: CallSize | None = None,
) -> list[TableRow]:
    """One row a model: the local one, those that can be trained still, those to compare with, and last what is past.

    In each group the cheapest is first. A model that cannot be tuned is priced untuned, and with the base's prompt.

    Args:
        local_model: The local backend's base model; "" when only its server knows.
        chosen: The model of the meter: it is marked.
        today: As ``2026-11-21``: what ended before is shown as past.
        calls: What a call is, for the price of a thousand.
    """
    ordered = sorted(prices, key=lambda price: _place(price, today))
    rows = [_local_row(local_model, chosen)]
    return rows + [_row(price, chosen, size, epochs, cost, today, calls or CallSize()) for price in ordered]


def _place(price: ModelPrice, today: str) -> tuple[bool, bool, bool, Decimal, Decimal]:
    use = price.tuned or price.base
    training = price.training if price.training is not None else Decimal(0)
    return (
        _is_past(price, today),
        not price.is_tunable,
        price.is_tunable and price.training is None,
        training,
        use.output if use is not None else Decimal(0),
    )


def _local_row(model: str, chosen: str) -> TableRow:
    name = model or LOCAL
    free = [Cell("free")] * 3
    cells = [Cell(_marked(name, chosen)), Cell("free", "good"), *free, Cell("never"), Cell("any time"), *free]
    return TableRow(name, (*cells, Cell("")))


def _row(
    price: ModelPrice, chosen: str, size: FileSize, epochs: int | None, cost: CostSettings, today: str, calls: CallSize
) -> TableRow:
    is_past = _is_past(price, today)
    tone = "muted" if is_past or not price.is_tunable else ""
    use = price.tuned or price.base
    a_call = None if use is None else use.of_call(_prompt(price, calls), calls.completion)
    old = warning(price, date.fromisoformat(today))
    cells = (
        Cell(_marked(price.name, chosen), tone),
        Cell(_training(price, size, epochs, cost), tone),
        Cell(_money(a_call * 1000, cost) if a_call else "", tone),
        Cell(_use(use, cost, "input"), tone),
        Cell(_use(use, cost, "output"), tone),
        Cell(price.off or "", tone),
        Cell("no more" if is_past and price.is_tunable else price.trainable_until or "", "bad" if is_past else ""),
        Cell(_money(price.training, cost), tone),
        Cell(_use(price.base, cost, "input"), tone),
        Cell(_use(price.base, cost, "output"), tone),
        Cell(f"{price.as_of}{' ⚠' if old else ''}", "muted"),
    )
    return TableRow(price.name, cells)


def _prompt(price: ModelPrice, calls: CallSize) -> int:
    return calls.prompt_tuned if price.tuned is not None else calls.prompt_base


def _training(price: ModelPrice, size: FileSize, epochs: int | None, cost: CostSettings) -> str:
    """What training on the file costs; or why there is no such sum."""
    if not price.is_tunable:
        return "no tuning"
    if price.training_hour is not None:
        return f"{_money(price.training_hour, cost).removesuffix('.00')}/h"
    if price.training is None:
        return "not known"
    return _money(training_cost(size.tokens, size.examples, epochs, price).usd, cost) if size.is_known else "…"


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


def validation_sentence(title: str, tokens: int | None, billing: ProviderBilling) -> str:
    """What the validation file costs: ``valid.jsonl, for validation: 3,100 tokens, not charged by OpenAI.``"""
    size = "" if tokens is None else f" {tokens:,} tokens,"
    charged = {
        "free": f"not charged by {billing.title}",
        "billed": f"billed by {billing.title} once an evaluation",
        "unknown": f"{billing.title} does not say whether it is charged",
    }[billing.validation]
    return f"{title}, for validation:{size} {charged}."
