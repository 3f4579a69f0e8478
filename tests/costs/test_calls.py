"""What one call costs."""

from __future__ import annotations

from decimal import Decimal

from fttui.costs.calls import call_price, no_price


def test_base_and_tuned_model_have_their_own_prices() -> None:
    assert call_price("gpt-4o-mini", 1_000_000, 0) == Decimal("0.15")
    assert call_price("ft:gpt-4o-mini-2024-07-18:org:tone:abc", 1_000_000, 1_000_000) == Decimal("1.50")


def test_an_unknown_model_has_no_price_and_an_own_one_is_free() -> None:
    assert call_price("somebody-elses-model", 10, 10) is None
    assert no_price("SmolLM2-135M", 10, 10) == 0
