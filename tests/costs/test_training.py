"""The price of a training."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fttui.costs.prices import billing_of, local_price, price_for
from fttui.costs.rows import ModelPrice, ProviderBilling
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


def test_openai_charges_nothing_for_validation_and_says_so_where() -> None:
    openai = billing_of("openai")
    assert (openai.validation, bool(openai.said), bool(openai.source)) == ("free", True, True)
    cost = training_cost(1000, 50, 2, price_for("gpt-4.1"), validation=500, evaluations=10, billing=openai)
    assert (cost.usd, cost.validation_tokens) == (Decimal("0.05"), 0)


def test_together_charges_each_evaluation() -> None:
    own = ModelPrice("mine", Decimal(1), None, None, None, "2026-11", "a page", provider="together")
    cost = training_cost(1000, 50, 2, own, validation=500, evaluations=10, billing=billing_of(own.provider))
    assert (cost.billed_tokens, cost.validation_tokens, cost.usd) == (2000, 5000, Decimal("0.007"))


def test_a_job_costs_its_minimum_at_least() -> None:
    mistral = billing_of("mistral")
    own = ModelPrice("mine", Decimal(1), None, None, None, "2026-11", "a page", provider="mistral")
    small = training_cost(1000, 50, 2, own, billing=mistral)
    assert (small.usd, small.is_minimum) == (Decimal(4), True)
    large = training_cost(10_000_000, 50, 2, own, billing=mistral)
    assert (large.usd, large.is_minimum) == (Decimal(20), False)
    assert training_cost(0, 0, None, own, billing=mistral).usd == 0


def test_a_provider_that_nobody_knows_is_unknown() -> None:
    assert billing_of("somebody") == ProviderBilling("somebody", "somebody", "unknown", "", "", "")
