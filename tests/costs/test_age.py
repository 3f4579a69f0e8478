"""How old a price is."""

from __future__ import annotations

from datetime import date

import pytest

from fttui.costs.age import age_in_months, age_words, is_old, warning
from fttui.costs.prices import local_price, price_for

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("as_of", "months"),
    [("2026-11", 0), ("2026-07", 4), ("2025-11", 12), ("2025-10", 13), ("2026-10-22", 0), ("2026-10-21", 1),
     ("2027-01", 0), ("2026-13", None), ("lately", None), ("", None), ("2026", None)],
)  # fmt: skip
def test_whole_months(as_of: str, months: int | None) -> None:
    assert age_in_months(as_of, TODAY) == months


def test_in_words() -> None:
    assert [age_words(months) for months in (0, 1, 4, 12, 13, 24, 30)] == [
        "this month", "1 month old", "4 months old", "1 year old", "1 year and 1 month old", "2 years old",
        "2 years and 6 months old",
    ]  # fmt: skip


def test_old_is_more_than_a_year() -> None:
    assert not is_old("2025-11", TODAY)
    assert is_old("2025-10", TODAY)
    assert not is_old("whenever", TODAY)


def test_the_warning_says_which_price_is_old() -> None:
    mini, luna, ancient = price_for("gpt-4.1-mini"), price_for("gpt-6-luna"), price_for("gpt-3.5-turbo-0613")
    assert mini is not None and luna is not None and ancient is not None
    said = "The training price of 2025-07 is 1 year and 4 months old: check it first."
    assert warning(mini, TODAY) == said
    assert warning(luna, TODAY) == ""
    assert warning(ancient, TODAY).startswith("These prices of 2023-08 are 3 years and 3 months old")
    assert warning(local_price("SmolLM2-135M"), TODAY) == ""
