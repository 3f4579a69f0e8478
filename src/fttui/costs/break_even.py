"""After how many calls a fine-tuned model has paid for its training.

A tuned model costs more for a token and needs fewer of them, as it needs no long prompt. Whether it pays is decided by
the difference for one call; everything here is in one currency, and exact (`decimal`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Literal

from fttui.costs.rows import UsePrices

Verdict = Literal["pays", "at once", "never"]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """When training pays.

    Attributes:
        base_call: What a call of the base model costs.
        tuned_call: What the same call of the tuned model costs.
        saved: The difference for one call, less its share of the hosting; negative when the tuned model costs more.
        calls: Training ÷ saved, exact; None when it never pays.
        pays_at: The call that pays it back, ``calls`` rounded up; None when it never does.
        days: ``calls`` ÷ calls a day; None without a number of calls a day.
        verdict: "pays", "at once" (training costs nothing) or "never".
        reason: Why, as a sentence without amounts of money.
        hosting_call: A call's share of what a day of hosting costs; 0 where hosting costs nothing.
        least_calls_per_day: How many calls a day it takes to pay for the hosting; None where there is none to pay.
    """

    base_call: Decimal
    tuned_call: Decimal
    saved: Decimal
    calls: Decimal | None
    pays_at: int | None
    days: Decimal | None
    verdict: Verdict
    reason: str
    hosting_call: Decimal = Decimal(0)
    least_calls_per_day: int | None = None


def break_even(
    training: Decimal,
    base_call: Decimal,
    tuned_call: Decimal,
    *,
    calls_per_day: int | None = None,
    hosting_per_day: Decimal = Decimal(0),
) -> BreakEven:
    """Compare two prices of a call against the price of the training, all in one currency.

    Args:
        hosting_per_day: What a day of the tuned model's deployment costs; counts only with ``calls_per_day``.
    """
    hosting_call = hosting_per_day / calls_per_day if calls_per_day and hosting_per_day else Decimal(0)
    difference = base_call - tuned_call
    saved = difference - hosting_call
    calls: Decimal | None
    verdict: Verdict
    if saved <= 0:
        calls, verdict, reason = None, "never", _why_never(difference, hosting_call)
    elif training <= 0:
        calls, verdict, reason = Decimal(0), "at once", "Training costs nothing, and each call costs less."
    else:
        calls, verdict, reason = training / saved, "pays", "Each call of the tuned model costs less."
    return BreakEven(
        base_call=base_call,
        tuned_call=tuned_call,
        saved=saved,
        calls=calls,
        pays_at=None if calls is None else int(calls.to_integral_value(ROUND_CEILING)),
        days=None if calls is None or not calls_per_day else calls / calls_per_day,
        verdict=verdict,
        reason=reason,
        hosting_call=hosting_call,
        least_calls_per_day=_least_calls(difference, hosting_per_day),
    )


def _why_never(difference: Decimal, hosting_call: Decimal) -> str:
    if difference > 0 and hosting_call:
        return "A call of the tuned model costs less, but so few calls a day do not pay for its hosting."
    return "A call of the tuned model costs more." if difference < 0 else "A call of the tuned model costs as much."


def _least_calls(difference: Decimal, hosting_per_day: Decimal) -> int | None:
    """The first number of calls a day at which they save more than a day of hosting costs."""
    if hosting_per_day <= 0 or difference <= 0:
        return None
    return int(hosting_per_day // difference) + 1


def call_prices(
    base: UsePrices,
    tuned: UsePrices,
    *,
    prompt_base: int,
    prompt_tuned: int,
    completion_tokens: int = 0,
    rate: Decimal = Decimal(1),
) -> tuple[Decimal, Decimal]:
    """What one call costs on the base and on the tuned model; ``rate`` is the currency's units for a dollar."""
    return (
        base.of_call(prompt_base, completion_tokens) * rate,
        tuned.of_call(prompt_tuned, completion_tokens) * rate,
    )
