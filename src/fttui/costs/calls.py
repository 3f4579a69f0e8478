"""What one call of a model costs."""

from __future__ import annotations

from decimal import Decimal

from fttui.costs.prices import use_prices_for


def call_price(model: str, prompt_tokens: int, completion_tokens: int) -> Decimal | None:
    """What a call costs in US dollars, by the price table; None for a model that it does not have.

    Raises:
        SettingsError: The user's prices.toml cannot be used.
    """
    prices = use_prices_for(model)
    return None if prices is None else prices.of_call(prompt_tokens, completion_tokens)


def no_price(model: str, prompt_tokens: int, completion_tokens: int) -> Decimal:
    """What a call costs on one's own machine: nothing, whatever the model and its tokens."""
    return Decimal(0)
