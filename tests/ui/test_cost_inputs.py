"""What is typed on the Cost screen, read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hostile
from fttui.core.errors import InputError
from fttui.core.settings import CostSettings
from fttui.ui.cost_inputs import FIELDS, Defaults, read_currency, read_epochs, read_plan, read_rate
from fttui.ui.cost_pane_text import load_of, pays_of, placeholders

YEN = CostSettings(currency="JPY", rate=Decimal(150))
DEFAULTS = Defaults("gpt-4o-mini", prompt=56, completion=0, training=Decimal("4.92075"))


def test_empty_fields_stand_for_the_open_file() -> None:
    plan = read_plan({}, DEFAULTS)
    assert plan.calls is not None
    assert (plan.prompts, plan.completion, plan.calls.per_day, plan.limits) == ((56, 56), 0, None, None)
    assert plan.training == DEFAULTS.training
    assert placeholders(DEFAULTS, YEN)["training"] == "¥5"


def test_the_figures_of_the_list_prices() -> None:
    text, lines = pays_of(read_plan({"prompt-base": "246", "per-day": "100"}, DEFAULTS), YEN)
    assert "Pays after 1,632.1 calls, 16.3 days: call 1,633 pays it back." in text
    assert "¥0.00302 less" in text
    assert "Training ¥4.92." in text
    assert [line.points[-1][0] for line in lines] == [3266, 3266]
    base, tuned = (line.points for line in lines)
    assert base[0] == (0, 0)
    assert tuned[0] == (0, 4.92075)
    assert base[-1][1] > tuned[-1][1]
    never, lines = pays_of(read_plan({"prompt-base": "246", "completion": "55"}, DEFAULTS), YEN)
    assert never.startswith("Never pays. A call of the tuned model costs more.")
    assert lines


def test_the_load_of_a_day() -> None:
    texts = {"prompt-base": "3000", "completion": "1000", "per-day": "4000", "limit-base": "20,000"}
    text = load_of(read_plan(texts, DEFAULTS), YEN)
    assert "✓ base   16,000,000 tokens a day, 11,111 a minute; 13.3 h at 20,000" in text
    assert "The tuned model saves 11,776,000 tokens a day (74%)" in text
    slow = load_of(read_plan({**texts, "limit-base": "10000"}, DEFAULTS), YEN)
    assert "✖ base   16,000,000 tokens a day, 11,111 a minute; 26.7 h at 10,000: does not fit into a day" in slow
    assert "Fill in calls a day" in load_of(read_plan({}, DEFAULTS), YEN)


def test_each_field_that_cannot_be_used_says_why() -> None:
    plan = read_plan({"base": "nobody", "prompt-tuned": "many", "per-day": "0"}, DEFAULTS)
    assert plan.calls is None
    assert set(plan.problems) == {"base", "prompt-tuned", "per-day"}
    assert plan.problems["prompt-tuned"].startswith("prompt tokens of the tuned model: 'many' is not a number")
    assert pays_of(plan, YEN) == ("", ())
    assert load_of(plan, YEN) == ""


def test_without_a_price_of_the_training_calls_are_still_compared() -> None:
    text, lines = pays_of(read_plan({"prompt-base": "246"}, Defaults("gpt-4o-mini")), YEN)
    assert "is not known yet" in text
    assert "A call: base" in text
    assert not lines


def test_hosting_is_paid_by_the_calls_of_a_day() -> None:
    texts = {"base": "gpt-4.1", "tuned": "azure/gpt-4.1-mini", "prompt-base": "1000", "prompt-tuned": "1000"}
    defaults = Defaults("gpt-4.1", training=Decimal(5))
    dollars = CostSettings()
    assert "is not counted: fill in calls a day" in pays_of(read_plan(texts, defaults), dollars)[0]
    few = pays_of(read_plan({**texts, "per-day": "1000"}, defaults), dollars)[0]
    assert "From 25,501 calls a day they do." in few
    many = pays_of(read_plan({**texts, "per-day": "50000"}, defaults), dollars)[0]
    assert many.startswith("Pays after")
    assert "Hosting takes $0.000816 of each call: $40.80 a day." in many


@given(st.dictionaries(st.sampled_from([field.id for field in FIELDS]), st.text(max_size=12) | st.sampled_from(
    ["0", "1e9", "-1", "0.1/0.2", "azure/gpt-4.1", "gpt-4", "1e15", "٣", "nan/1"])), st.booleans())  # fmt: skip
def test_whatever_is_typed_there_is_a_plan_or_a_sentence(texts: dict[str, str], batch: bool) -> None:
    plan = read_plan(texts, DEFAULTS, batch=batch)
    assert (plan.calls is None) == bool(plan.problems)
    assert pays_of(plan, YEN)[0] or plan.problems
    load_of(plan, YEN)


def test_hostile_texts() -> None:
    for text in hostile.STRINGS.values():
        plan = read_plan({field.id: text for field in FIELDS}, DEFAULTS)
        assert all(len(problem) < 300 for problem in plan.problems.values())


@pytest.mark.parametrize(("text", "currency"), [("jpy", "JPY"), (" eur ", "EUR"), ("", "USD")])
def test_currencies(text: str, currency: str) -> None:
    assert read_currency(text) == currency


@pytest.mark.parametrize("text", ["¥", "dollars", "12", "US", "ＪＰＹ"])
def test_no_currencies(text: str) -> None:
    with pytest.raises(InputError, match="three letters"):
        read_currency(text)


def test_rates() -> None:
    assert read_rate("USD", "150") == 1
    assert read_rate("JPY", "150.5") == Decimal("150.5")
    with pytest.raises(InputError, match="How many JPY is a dollar"):
        read_rate("JPY", " ")
    with pytest.raises(InputError, match="above 0"):
        read_rate("JPY", "0")


def test_epochs() -> None:
    assert [read_epochs(text) for text in ("", "auto", " AUTO ", "3")] == [None, None, None, 3]
    for text in ("0", "51", "2.5", "many"):
        with pytest.raises(InputError):
            read_epochs(text)
