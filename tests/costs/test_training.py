"""The price of a training."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fttui.costs.prices import local_price, price_for
from fttui.costs.training import training_cost


def test_the_example_of_the_guide() -> None:
    """100,000 tokens, 3 epochs: $0.90 on gpt-4o-mini, $2.40 on gpt-3.5-turbo."""
    for model, usd in (("gpt-4o-mini", "0.90"), ("gpt-3.5-turbo", "2.40")):
        cost = training_cost(100_000, 500, 3, price_for(model))
        assert cost.usd == Decimal(usd)
        assert (cost.billed_tokens, cost.epochs_rule) == (300_000, "chosen")


@pytest.mark.parametrize(("examples", "epochs"), [(10, 10), (12, 8), (33, 3), (34, 3), (8333, 3), (9000, 2), (3, 25)])
def test_the_automatic_rule(examples: int, epochs: int) -> None:
    cost = training_cost(1000, examples, None, price_for("gpt-4.1-mini"))
    assert (cost.epochs, cost.epochs_rule, cost.billed_tokens) == (epochs, "auto", 1000 * epochs)
    assert cost.price_as_of == "2026-07"


def test_what_is_cut_is_not_billed() -> None:
    cost = training_cost(100_000, 50, 2, price_for("gpt-4.1"), billable=65_536)
    assert (cost.tokens, cost.billed_tokens) == (100_000, 131_072)
    assert cost.usd == Decimal("3.2768")


def test_without_a_price_there_are_only_tokens() -> None:
    assert training_cost(1000, 50, 2, None).usd is None
    assert training_cost(1000, 50, 2, price_for("o4-mini")).usd is None
    assert training_cost(1000, 50, 2, local_price("SmolLM2-135M")).usd == 0


def test_an_empty_file_costs_nothing() -> None:
    assert training_cost(0, 0, None, price_for("gpt-4.1")).usd == 0
