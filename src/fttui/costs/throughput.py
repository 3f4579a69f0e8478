"""Whether a daily load fits into a rate limit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Throughput:
    """A daily load of tokens.

    Attributes:
        tokens_a_day: The load.
        tokens_a_minute: What it needs when it is spread over the day.
        hours_at_limit: How long it takes at the rate limit; more than 24 does not fit.
    """

    tokens_a_day: int
    tokens_a_minute: Decimal
    hours_at_limit: Decimal


def throughput(tokens_per_call: int, calls_per_day: int, tokens_per_minute: int) -> Throughput:
    """The load of ``calls_per_day`` against a rate limit of ``tokens_per_minute`` (above 0)."""
    tokens = tokens_per_call * calls_per_day
    return Throughput(
        tokens_a_day=tokens,
        tokens_a_minute=Decimal(tokens) / _MINUTES_A_DAY,
        hours_at_limit=Decimal(tokens) / tokens_per_minute / 60,
    )
