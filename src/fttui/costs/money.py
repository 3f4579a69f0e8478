"""Money and hours as a person reads them; sums stay exact `Decimal` values until then."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

_SIGNS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "KRW": "₩", "INR": "₹"}
_SMALL: Final = Decimal("0.1")


def show_money(amount: Decimal, currency: str = "USD") -> str:
    """``$1,234.50``; below 0.1, three significant digits: ``¥0.00302``."""
    sign = _SIGNS.get(currency.upper(), f"{currency.upper()} ")
    minus = "-" if amount < 0 else ""
    size = abs(amount)
    digits = 2 if not size or size >= _SMALL else 2 - size.adjusted()
    return f"{minus}{sign}{size:,.{digits}f}"


def show_hours(hours: Decimal) -> str:
    """``13.3 h``; less than a tenth of one in minutes: ``1.2 min``."""
    if hours and abs(hours) < _SMALL:
        return f"{hours * 60:,.1f} min"
    return f"{hours:,.1f} h"
