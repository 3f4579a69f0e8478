"""After a job: what was estimated against what was billed.

``trained_tokens`` of a job is "the total number of billable tokens processed" (OpenAI's reference of the object), so
price × trained tokens is the bill, and tokens × epochs was the estimate. A provider's minimum counts in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from fttui.costs.prices import billing_of
from fttui.costs.rows import MILLION, ModelPrice
from fttui.costs.training import minimum_of


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was expected when a job was asked for.

    Attributes:
        tokens: Billed tokens: tokens of the file × epochs.
        epochs: How many of them.
        usd: What that was to cost; None when no price was known.
        price_as_of: When that price was read.
        is_exact: Whether the tokens were counted with the model's own vocabulary.
    """

    tokens: int
    epochs: int
    usd: Decimal | None
    price_as_of: str
    is_exact: bool = True

    def as_dict(self) -> dict[str, Any]:
        """For the store; money as text, so that it stays exact."""
        return {
            "tokens": self.tokens,
            "epochs": self.epochs,
            "usd": None if self.usd is None else str(self.usd),
            "price_as_of": self.price_as_of,
            "is_exact": self.is_exact,
        }


def estimate_from(stored: Mapping[str, Any] | None) -> Estimate | None:
    """What `Estimate.as_dict` gave; None for anything else."""
    if stored is None:
        return None
    tokens, epochs, usd = stored.get("tokens"), stored.get("epochs"), stored.get("usd")
    if not isinstance(tokens, int) or not isinstance(epochs, int):
        return None
    try:
        amount = Decimal(usd) if isinstance(usd, str) else None
    except InvalidOperation:
        amount = None
    return Estimate(tokens, epochs, amount, str(stored.get("price_as_of") or ""), bool(stored.get("is_exact", True)))


@dataclass(frozen=True, slots=True)
class Billed:
    """The bill of a job beside its estimate.

    Attributes:
        tokens: Trained tokens, as the provider counts them.
        usd: What they cost by the price table; None when no price is known.
        estimated: Tokens that were expected, or None when nobody estimated this job here.
        estimated_usd: What was expected, or None.
        difference: Billed less estimated tokens, or None.
        share: The same of the estimate: 0.05 is 5 % more than expected; None without an estimate.
    """

    tokens: int
    usd: Decimal | None
    estimated: int | None
    estimated_usd: Decimal | None
    difference: int | None
    share: Decimal | None


def billed(job: Mapping[str, Any], estimate: Estimate | None, price: ModelPrice | None) -> Billed | None:
    """Compare a job's ``trained_tokens`` with what was estimated; None before the provider says them.

    A job that goes on has trained a part of them only, and one that failed is not billed.

    Raises:
        SettingsError: The user's prices.toml cannot be used.
    """
    tokens = job.get("trained_tokens")
    if job.get("status") not in ("succeeded", "cancelled"):
        return None
    if isinstance(tokens, bool) or not isinstance(tokens, int) or tokens < 0:
        return None
    difference = None if estimate is None else tokens - estimate.tokens
    share = (
        None if estimate is None or difference is None or not estimate.tokens else Decimal(difference) / estimate.tokens
    )
    return Billed(
        tokens=tokens,
        usd=_usd(tokens, price),
        estimated=None if estimate is None else estimate.tokens,
        estimated_usd=None if estimate is None else estimate.usd,
        difference=difference,
        share=share,
    )


def _usd(tokens: int, price: ModelPrice | None) -> Decimal | None:
    if price is None or price.training is None:
        return None
    usd = price.training * tokens / MILLION
    return usd if price.is_local or not tokens else max(usd, minimum_of(price, billing_of(price.provider)))
