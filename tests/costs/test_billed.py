"""Estimate against bill."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.costs.billed import Estimate, billed, estimate_from
from fttui.costs.prices import billing_of, local_price, price_for
from fttui.costs.training import training_cost

MINI = price_for("gpt-4.1-mini")
DONE = {"status": "succeeded", "trained_tokens": 10_500}


def test_the_difference_is_billed_less_estimated() -> None:
    found = billed(DONE, Estimate(10_000, 3, Decimal("0.05"), "2026-07"), MINI)
    assert found is not None
    assert (found.difference, found.share) == (500, Decimal("0.05"))
    assert (found.estimated_usd, found.usd) == (Decimal("0.05"), Decimal("0.0525"))


def test_without_an_estimate_there_is_still_a_bill() -> None:
    found = billed(DONE, None, MINI)
    assert found is not None
    assert (found.estimated, found.difference, found.share, found.usd) == (None, None, None, Decimal("0.0525"))
    free = billed(DONE, None, local_price("SmolLM2-135M"))
    assert free is not None
    assert free.usd == 0
    unknown = billed(DONE, None, None)
    assert unknown is not None
    assert unknown.usd is None


@pytest.mark.parametrize("tokens", [None, "many", True, -1, 1.5, [], {}])
def test_no_bill_before_the_provider_says_tokens(tokens: object) -> None:
    assert billed({"status": "succeeded", "trained_tokens": tokens}, None, MINI) is None
    assert billed({}, None, MINI) is None


@pytest.mark.parametrize("status", ["running", "queued", "failed", None, 3, []])
def test_no_bill_of_a_job_that_goes_on_or_failed(status: object) -> None:
    assert billed({**DONE, "status": status}, None, MINI) is None


@given(st.integers(0, 10**12), st.integers(1, 50), st.none() | st.decimals(0, 10**6, places=12), st.booleans())
def test_what_is_stored_comes_back(tokens: int, epochs: int, usd: Decimal | None, is_exact: bool) -> None:
    estimate = Estimate(tokens, epochs, usd, "2026-07", is_exact)
    assert estimate_from(estimate.as_dict()) == estimate


@pytest.mark.parametrize("stored", [None, {}, {"tokens": "3", "epochs": 3}, {"tokens": 3}])
def test_what_is_no_estimate_is_none(stored: dict[str, object] | None) -> None:
    assert estimate_from(stored) is None


def test_an_amount_that_is_no_number_is_no_amount() -> None:
    found = estimate_from({"tokens": 3, "epochs": 1, "usd": "much"})
    assert found is not None
    assert found.usd is None


@pytest.mark.parametrize(
    ("tokens", "minimum", "usd"),
    [(10_500, None, "4"), (10_500, "7", "7"), (10_500, "0", "0.0525"), (0, "7", "0"), (10**7, None, "50")],
)
def test_the_least_that_a_job_costs_is_billed_as_it_is_estimated(tokens: int, minimum: str | None, usd: str) -> None:
    assert MINI is not None
    price = replace(MINI, provider="mistral", minimum=None if minimum is None else Decimal(minimum))
    found = billed({"status": "succeeded", "trained_tokens": tokens}, None, price)
    expected = training_cost(tokens, 10, 1, price, billing=billing_of("mistral")).usd
    assert found is not None
    assert found.usd == expected == Decimal(usd)
