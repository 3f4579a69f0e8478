"""Plans of calls: from models or given prices to the break-even point and the daily load."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.core.errors import InputError
from fttui.costs.amounts import amount_of, count_of, rate_of
from fttui.costs.break_even import break_even
from fttui.costs.plan import Calls, base_use, tuned_use
from fttui.costs.rows import UsePrices

ONE = Decimal(1)
YEN = Decimal(150)


def plan(**more: object) -> Calls:
    values: dict[str, object] = {
        "base": base_use("gpt-4o-mini"),
        "tuned": tuned_use("gpt-4o-mini")[0],
        "prompt_base": 246,
        "prompt_tuned": 56,
    }
    return Calls(**{**values, **more})  # type: ignore[arg-type]


def test_the_figures_of_the_list_prices() -> None:
    found = plan(per_day=100).outlook(Decimal("4.92075"), YEN)
    assert found.saved == Decimal("0.003015")
    assert found.calls is not None
    assert round(found.calls, 1) == Decimal("1632.1")
    assert found.pays_at == 1633
    assert plan(completion=55).outlook(Decimal("4.92075"), YEN).verdict == "never"


def test_prices_can_be_given_in_place_of_models() -> None:
    assert base_use("0.15/0.60") == UsePrices(Decimal("0.15"), Decimal("0.60"))
    assert tuned_use(" $0.30 / $1.20 ") == (UsePrices(Decimal("0.30"), Decimal("1.20")), None)
    by_price = plan(base=base_use("0.15/0.60"), tuned=tuned_use("0.30/1.20")[0])
    assert by_price.outlook(ONE, ONE) == plan().outlook(ONE, ONE)


def test_batches_cost_half() -> None:
    at_once, batched = plan().outlook(ONE, ONE), plan(
        base=base_use("gpt-4o-mini", batch=True), tuned=tuned_use("gpt-4o-mini", batch=True)[0]
    ).outlook(ONE, ONE)  # fmt: skip
    assert (batched.base_call * 2, batched.tuned_call * 2) == (at_once.base_call, at_once.tuned_call)
    with pytest.raises(InputError, match="no batch price"):
        base_use("gpt-4", batch=True)


@pytest.mark.parametrize("text", ["no-such-model", "azure/no-such-model", "-1/2", "1/nan", "1e400/2", "", "/"])
def test_what_has_no_price_is_a_sentence(text: str) -> None:
    for use in (base_use, tuned_use):
        with pytest.raises(InputError):
            use(text)


def test_a_teacher_cannot_be_tuned_but_compared_with() -> None:
    teacher = base_use("gpt-6-astra")
    with pytest.raises(InputError, match="cannot be tuned"):
        tuned_use("gpt-6-astra")
    found = plan(base=teacher, prompt_base=1000, completion=200).outlook(Decimal(5), ONE)
    assert found.base_call == Decimal("0.02")
    assert found.pays_at == 254  # 5 ÷ (0.02 - 0.0002568) = 253.25


def test_hosting_has_to_be_paid_by_the_calls_of_a_day() -> None:
    tuned, row = tuned_use("azure/gpt-4.1-mini")
    assert row is not None
    assert row.hosting_hour == Decimal("1.70")
    prompts = {"prompt_base": 1000, "prompt_tuned": 1000}
    calls = plan(base=base_use("gpt-4.1"), tuned=tuned, hosting_hour=row.hosting_hour, **prompts)
    few, many = (replace(calls, per_day=number) for number in (1000, 50_000))
    never, pays = few.outlook(Decimal(10), ONE), many.outlook(Decimal(10), ONE)
    assert never.verdict == "never"
    assert "hosting" in never.reason
    assert never.least_calls_per_day == 25_501  # $40.80 a day at $0.0016 a call: 25,500 calls are not more
    assert pays.verdict == "pays"
    assert pays.hosting_call == Decimal("40.8") / 50_000


def test_the_daily_load_and_what_is_saved_of_it() -> None:
    calls = plan(
        base=base_use("gpt-4"), tuned=tuned_use("0.30/1.20")[0],
        prompt_base=3000, prompt_tuned=500, completion=1000, per_day=4000,
    )  # fmt: skip
    loads = calls.loads(20_000, 20_000, ONE)
    assert loads is not None
    base, tuned, saved = loads
    assert base.tokens_a_day == 16_000_000
    assert round(base.tokens_a_minute) == 11_111
    assert round(base.hours_at_limit, 1) == Decimal("13.3")
    assert (tuned.tokens_a_day, saved.tokens_a_day, saved.share) == (6_000_000, 10_000_000, Decimal("0.625"))
    assert saved.hours == base.hours_at_limit - tuned.hours_at_limit
    assert saved.a_day == 600 - Decimal("5.4")
    assert saved.a_month == saved.a_day * 30
    assert plan().loads(1, 1, ONE) is None


MONEY = st.decimals(min_value=0, max_value=1000, places=6)


@given(MONEY, MONEY, MONEY)
def test_the_call_that_pays_back_is_the_first_one(training: Decimal, base: Decimal, tuned: Decimal) -> None:
    found = break_even(training, base, tuned)
    if found.pays_at is None:
        assert base <= tuned
    else:
        assert found.pays_at * (base - tuned) >= training
        assert found.pays_at == 0 or (found.pays_at - 1) * (base - tuned) < training


@pytest.mark.parametrize(
    ("text", "value"), [("0.5", "0.5"), ("1,250", "1250"), (" 3 ", "3"), ("1e3", "1000"), ("0", "0")]
)
def test_amounts(text: str, value: str) -> None:
    assert amount_of(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "a", "-1", "nan", "inf", "1e999999", "1e-999999", "１x", "\ud800", "1" * 5000])
def test_no_amounts(text: str) -> None:
    for read in (amount_of, rate_of, count_of):
        with pytest.raises(InputError):
            read(text)


def test_counts_and_rates() -> None:
    assert count_of("1,000") == 1000
    for text in ("0.5", "0"):
        with pytest.raises(InputError):
            count_of(text, least=1)
    with pytest.raises(InputError, match="above 0"):
        rate_of("0")
