"""What a training file must be, and what training on it at a hosted provider is asked to be confirmed with."""

from __future__ import annotations

from pathlib import Path

from fttui.core.errors import InputError
from fttui.core.text import one_line


def check_training_file(path: Path) -> None:
    """Raise `InputError` when ``path`` cannot be read as text, or holds nothing."""
    from fttui.dataset.reader import open_text_file

    if open_text_file(path).stamp.size == 0:
        raise InputError(f"{one_line(str(path), 300)} is empty: there is nothing to train on.")


def training_question(profile: str, model: str, path: Path, epochs: int | None) -> str:
    """``Train gpt-4.1-mini at profile "openai" on 14 examples of tone.jsonl, for $0.0123 (price of 2026-07)?``

    Raises:
        FttuiError: The file or the price table cannot be read.
    """
    from fttui.costs.money import show_money
    from fttui.costs.prices import price_for
    from fttui.costs.training import training_cost
    from fttui.tokens.counter import count_file
    from fttui.tokens.models import rule_for

    rule = rule_for(model)
    totals = count_file(path, rule)
    price = price_for(model)
    cost = training_cost(totals.tokens, totals.examples, epochs, price, billable=totals.billable)
    about = "" if rule.exact else "about "
    size = f"{about}{cost.billed_tokens:,} tokens ({totals.examples:,} examples × {cost.epochs} epochs)"
    if cost.usd is None or (price is not None and price.is_local):
        priced = "at a price that is not known here"
    else:
        priced = f"for {about}{show_money(cost.usd)} (price of {cost.price_as_of})"
    name = one_line(path.name, 80)
    return f'Send {name} to profile "{profile}" and train {one_line(model, 100)} there on {size}, {priced}?'
