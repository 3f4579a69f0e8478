"""Numbers that a person types: amounts of money, rates, counts of tokens and calls."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

from fttui.core.errors import InputError
from fttui.core.text import one_line

MOST: Final = Decimal(10) ** 15
LEAST: Final = Decimal(10) ** -15
"""What lies beyond is a slip of the finger, and would fill a screen with digits."""


def amount_of(text: str) -> Decimal:
    """A number from 0: ``0.4921``, ``1,250``.

    Raises:
        InputError: It is none.
    """
    try:
        amount = Decimal(text.strip().replace(",", "").replace("_", ""))
    except InvalidOperation:
        raise InputError(f"{_quoted(text)} is not a number.") from None
    if not amount.is_finite() or amount < 0:
        raise InputError(f"{_quoted(text)}: a number from 0 is needed.")
    if amount and not LEAST <= amount <= MOST:
        raise InputError(f"{_quoted(text)}: a number that is not so {'large' if amount > MOST else 'small'} is needed.")
    return amount


def rate_of(text: str) -> Decimal:
    """Units of a currency for a dollar: a number above 0.

    Raises:
        InputError: It is none.
    """
    rate = amount_of(text)
    if not rate:
        raise InputError("A rate is a number above 0, such as 150 for ¥150 = $1.")
    return rate


def count_of(text: str, *, least: int = 0) -> int:
    """A whole number of tokens or calls.

    Raises:
        InputError: It is none, or less than ``least``.
    """
    amount = amount_of(text)
    if amount != amount.to_integral_value():
        raise InputError(f"{_quoted(text)}: a whole number is needed.")
    if amount < least:
        raise InputError(f"{_quoted(text)}: a whole number from {least} is needed.")
    return int(amount)


def is_sane(amount: Decimal) -> bool:
    """Whether an amount can be a price: finite, not negative and not so large that sums of it cannot be shown."""
    return amount.is_finite() and (not amount or LEAST <= amount <= MOST)


def _quoted(text: str) -> str:
    return repr(one_line(text, 40))
