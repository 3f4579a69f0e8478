"""Whether a daily load fits into a rate limit, and what a tuned model with its shorter prompt saves of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_MINUTES_A_DAY = 24 * 60
DAYS_A_MONTH = 30


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

    @property
    def fits(self) -> bool:
        """Whether the rate limit lets a day's load through in a day."""
        return self.hours_at_limit <= 24


@dataclass(frozen=True, slots=True)
class Saving:
    """What the tuned model saves of a daily load; negative where it needs more.

    Attributes:
        tokens_a_day: Tokens that are not sent or written.
        share: Of the base model's tokens, 0 to 1; None when there are none.
        hours: At the rate limits.
        a_day: Money, hosting included.
        a_month: The same for 30 days.
    """

    tokens_a_day: int
    share: Decimal | None
    hours: Decimal
    a_day: Decimal
    a_month: Decimal


def throughput(tokens_per_call: int, calls_per_day: int, tokens_per_minute: int) -> Throughput:
    """The load of ``calls_per_day`` against a rate limit of ``tokens_per_minute`` (above 0)."""
    tokens = tokens_per_call * calls_per_day
    return Throughput(
        tokens_a_day=tokens,
        tokens_a_minute=Decimal(tokens) / _MINUTES_A_DAY,
        hours_at_limit=Decimal(tokens) / tokens_per_minute / 60,
    )


def saving(
    base: Throughput,
    tuned: Throughput,
    *,
    base_call: Decimal,
    tuned_call: Decimal,
    calls_per_day: int,
    hosting_per_day: Decimal = Decimal(0),
) -> Saving:
    """Compare the load of both models; the prices of a call and of the hosting are in one currency."""
    tokens = base.tokens_a_day - tuned.tokens_a_day
    a_day = (base_call - tuned_call) * calls_per_day - hosting_per_day
    return Saving(
        tokens_a_day=tokens,
        share=Decimal(tokens) / base.tokens_a_day if base.tokens_a_day else None,
        hours=base.hours_at_limit - tuned.hours_at_limit,
        a_day=a_day,
        a_month=a_day * DAYS_A_MONTH,
    )
