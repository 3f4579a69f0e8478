"""The break-even points that must hold, to the digit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fttui.costs.break_even import break_even, call_prices
from fttui.costs.prices import UsePrices, price_for
from fttui.costs.throughput import throughput

YEN = Decimal(150)


def test_given_savings() -> None:
    found = break_even(Decimal("0.492075"), Decimal("0.000855"), Decimal(0))
    assert found.calls is not None
    assert round(found.calls, 1) == Decimal("575.5")
    assert (found.pays_at, found.verdict, found.days) == (576, "pays", None)


def list_prices() -> tuple[UsePrices, UsePrices]:
    price = price_for("gpt-4o-mini")
    assert price is not None
    assert price.base is not None
    assert price.tuned is not None
    return price.base, price.tuned


def test_a_shorter_prompt_pays_for_the_tuned_price() -> None:
    base, tuned = call_prices(*list_prices(), prompt_base=246, prompt_tuned=56, rate=YEN)
    assert base - tuned == Decimal("0.003015")
    found = break_even(Decimal("4.92075"), base, tuned, calls_per_day=100)
    assert found.calls is not None
    assert round(found.calls, 1) == Decimal("1632.1")
    assert found.pays_at == 1633
    assert found.days == found.calls / 100


def test_answers_can_make_it_never_pay() -> None:
    base, tuned = call_prices(*list_prices(), prompt_base=246, prompt_tuned=56, completion_tokens=55, rate=YEN)
    answers = call_prices(*list_prices(), prompt_base=0, prompt_tuned=0, completion_tokens=55, rate=YEN)
    assert answers[1] - answers[0] == Decimal("0.00495")
    assert tuned - base == Decimal("0.00495") - Decimal("0.003015")
    found = break_even(Decimal("4.92075"), base, tuned, calls_per_day=100)
    assert (found.calls, found.pays_at, found.days, found.verdict) == (None, None, None, "never")
    assert "more" in found.reason


def test_the_tuned_price_of_2023_was_eightfold() -> None:
    price = price_for("gpt-3.5-turbo-0613")
    assert price is not None
    assert price.base == UsePrices(Decimal("1.50"), Decimal("2.00"))
    for prompt, answer in ((1000, 0), (0, 1000), (123, 45)):
        base, tuned = call_prices(
            price.base,
            price.tuned or price.base,
            prompt_base=prompt,
            prompt_tuned=prompt,
            completion_tokens=answer,
        )
        assert tuned == 8 * base


def test_a_day_of_gpt_4() -> None:
    price = price_for("gpt-4")
    assert price is not None
    assert price.base is not None
    assert price.base.of_call(3000, 1000) * 4000 == 600


@pytest.mark.parametrize(
    ("training", "saved", "verdict", "pays_at"),
    [("0", "0.1", "at once", 0), ("1", "0", "never", None), ("0", "0", "never", None), ("1", "0.5", "pays", 2)],
)
def test_verdicts(training: str, saved: str, verdict: str, pays_at: int | None) -> None:
    found = break_even(Decimal(training), Decimal(saved), Decimal(0))
    assert (found.verdict, found.pays_at) == (verdict, pays_at)


def test_a_daily_load_against_a_rate_limit() -> None:
    load = throughput(4000, 4000, 20_000)
    assert load.tokens_a_day == 16_000_000
    assert round(load.tokens_a_minute) == 11_111
    assert round(load.hours_at_limit, 1) == Decimal("13.3")
