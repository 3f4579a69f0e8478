"""How old a price is: prices change, and a table that is shipped cannot know."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from fttui.costs.rows import ModelPrice

OLD_MONTHS: Final = 12
_AS_OF: Final = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")


def age_in_months(as_of: str, today: date) -> int | None:
    """Whole months since ``2026-07`` or ``2026-07-04``; None for anything that is no such date."""
    found = _AS_OF.fullmatch(as_of)
    if found is None or not 1 <= int(found[2]) <= 12:
        return None
    months = (today.year - int(found[1])) * 12 + today.month - int(found[2])
    if found[3] is not None and today.day < int(found[3]):
        months -= 1
    return max(0, months)


def age_words(months: int) -> str:
    """``this month``, ``1 month old``, ``1 year and 4 months old``."""
    if months == 0:
        return "this month"
    years, rest = divmod(months, 12)
    parts = [_counted(years, "year")] if years else []
    return " and ".join([*parts, *([_counted(rest, "month")] if rest else [])]) + " old"


def is_old(as_of: str, today: date) -> bool:
    """Whether a price was read more than a year ago."""
    months = age_in_months(as_of, today)
    return months is not None and months > OLD_MONTHS


def training_date(price: ModelPrice) -> str:
    """When the price of training was read."""
    return price.training_as_of or price.as_of


def warning(price: ModelPrice, today: date) -> str:
    """A sentence about prices of more than a year ago; empty when none is so old."""
    if price.is_local:
        return ""
    dates = {"use": price.as_of}
    if price.training is not None or price.training_hour is not None:
        dates["training"] = training_date(price)
    old = {name: as_of for name, as_of in dates.items() if is_old(as_of, today)}
    if not old:
        return ""
    name, as_of = next(iter(old.items()))
    months = age_in_months(as_of, today)
    age = age_words(months) if months is not None else "old"
    if set(old) == set(dates) and len(set(old.values())) == 1:
        return f"These prices of {as_of} are {age}: check them first."
    what = "training price" if name == "training" else "price of a call"
    return f"The {what} of {as_of} is {age}: check it first."


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
