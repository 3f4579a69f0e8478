"""The lines around every screen, at every width."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

import hostile
from fttui.core.text import safe
from fttui.ui.widgets.footer import key_bar_text
from fttui.ui.widgets.meter import MeterNumbers, meter_text, money
from fttui.ui.widgets.status import warning_text
from fttui.ui.widgets.top_bar import TopBarState, top_bar_text

NUMBERS = MeterNumbers(1197, 12, 248310, 3, "gpt-4.1-mini", Decimal("3.72465"), "USD", "2026-07-13", False)
TABS = tuple(
    (str(number), title) for number, title in enumerate(("Examples", "Cost", "Jobs", "Playground", "Evals"), 1)
)
BAR = TopBarState("tickets.jsonl", 3, TABS, "Jobs", "local", "SmolLM2-135M")


def test_the_meter_says_how_many_how_much_and_what_is_wrong() -> None:
    assert meter_text(NUMBERS, 140).plain == (
        "1,197 examples · 248,310 tokens × 3 epochs = 744,930 → $3.72 on gpt-4.1-mini (price of 2026-07-13)"
        " · ✖ 12 broken"
    )


def test_the_meter_gets_shorter_without_losing_the_price() -> None:
    assert meter_text(NUMBERS, 78).plain == "1,197 ex · 248,310 tok × 3 = 744,930 → $3.72 on gpt-4.1-mini · ✖ 12"
    for width in range(60, 141):
        text = meter_text(NUMBERS, width)
        assert text.cell_length <= width
        assert "$3.72" in text.plain


def test_an_estimate_says_so() -> None:
    text = meter_text(replace(NUMBERS, state="estimate"), 140).plain
    assert "≈ 248,310 tokens" in text
    assert "≈ $3.72" in text
    assert "estimate" in text
    assert meter_text(replace(NUMBERS, state="estimating", broken=0), 140).plain == "1,197 examples · estimating …"


def test_one_of_a_kind_is_singular() -> None:
    text = meter_text(replace(NUMBERS, examples=1, tokens=1, epochs=1, broken=0), 140).plain
    assert text.startswith("1 example · 1 token × 1 epoch = 1 →")


def test_a_price_that_is_nothing_or_unknown_is_said() -> None:
    assert "→ free on x, your own machine" in meter_text(replace(NUMBERS, is_free=True, model="x"), 140).plain
    assert "→ no price known for x" in meter_text(replace(NUMBERS, amount=None, model="x"), 140).plain


def test_a_file_that_is_not_trained_on_has_no_price_of_its_own() -> None:
    held_out = MeterNumbers(120, 0, 31_000, role="validation")
    assert meter_text(held_out, 140).plain == "validation: 120 examples · 31,000 tokens, not trained on"
    beside = replace(held_out, training=NUMBERS)
    text = meter_text(beside, 140).plain
    assert text == (
        "validation: 120 examples · 31,000 tokens, not trained on · training: 1,197 examples → $3.72 on gpt-4.1-mini"
    )
    assert meter_text(beside, 78).plain == "validation: 120 examples · 31,000 tokens, not trained on"
    counting = replace(beside, state="estimating", broken=2, training=replace(NUMBERS, state="estimating"))
    assert meter_text(counting, 140).plain == (
        "validation: 120 examples · estimating …, not trained on · ✖ 2 broken · training: 1,197 examples"
    )
    for width in range(40, 141):
        assert meter_text(beside, width).cell_length <= width


def test_without_a_file_the_meter_says_how_to_open_one() -> None:
    assert "fttui FILE.jsonl" in meter_text(None, 80).plain


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("3.72", "USD", "$3.72"),
        ("1234.5", "USD", "$1,234.50"),
        ("0.0041", "USD", "$0.0041"),
        ("0.00412", "USD", "$0.0041"),
        ("0", "USD", "$0.00"),
        ("558.3", "JPY", "¥558"),
        ("3.4", "EUR", "€3.40"),
        ("3.4", "CHF", "3.40 CHF"),
    ],
)
def test_money_has_its_sign_and_two_figures_that_count(amount: str, currency: str, text: str) -> None:
    assert money(Decimal(amount), currency) == text


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("changes", [0, 3, 12_345])
def test_the_top_bar_is_exactly_as_wide_as_the_screen(width: int, changes: int) -> None:
    for name in ("", "a.jsonl", "a-file-with-quite-a-long-name.jsonl", "日本語のファイル名がとても長い.jsonl"):
        text = top_bar_text(replace(BAR, file=name, changes=changes), width)
        assert text.cell_length in (width, width - 1)  # half of a wide character cannot be shown
        assert "4 Playground" in text.plain
        assert ("●" in text.plain) == (changes > 0)


def test_the_top_bar_names_the_profile_even_when_narrow() -> None:
    assert top_bar_text(BAR, 80).plain.rstrip().endswith("local")
    assert top_bar_text(BAR, 140).plain.rstrip().endswith("local · SmolLM2-135M")
    assert "tickets.jsonl ●3" in top_bar_text(BAR, 80).plain


@pytest.mark.parametrize("text", hostile.STRINGS.values(), ids=hostile.STRINGS.keys())
def test_strange_names_do_no_harm(text: str) -> None:
    shown = top_bar_text(replace(BAR, file=text, profile=text, model=text), 80)
    assert shown.cell_length <= 80
    assert "\x1b" not in shown.plain
    assert "\n" not in meter_text(replace(NUMBERS, model=text, currency=text), 140).plain


def test_the_footer_shows_at_most_eight_and_always_the_last() -> None:
    entries = [(f"f{number}", f"label {number}", f"a.b{number}") for number in range(1, 13)]
    assert key_bar_text(entries, 300).plain.count("label") == 8
    assert key_bar_text(entries, 300).plain.endswith("f12 label 12")
    narrow = key_bar_text(entries, 40)
    assert narrow.cell_length <= 40
    assert narrow.plain == "f1 label 1  f2 label 2  f12 label 12"
    assert key_bar_text([], 40).plain == ""


def test_the_top_bar_says_what_one_has_to_know_of_the_file() -> None:
    bar = replace(BAR, remarks=("validation", "read-only", "2 of 3"))
    assert "tickets.jsonl ●3 · validation · read-only · 2 of 3" in top_bar_text(bar, 180).plain
    for width in range(80, 181):
        text = top_bar_text(bar, width)
        assert text.cell_length in (width, width - 1)
        assert "●3" in text.plain


def test_a_warning_says_how_many_more_there_are_in_any_width() -> None:
    assert warning_text(["The disk is full."], 80).plain == "⚠ The disk is full."
    assert warning_text(["The disk is full.", "x"], 80).plain == "⚠ The disk is full.  and 1 more"
    assert warning_text(["The disk is full.", "x"], 24).plain == "⚠ The disk …  and 1 more"
    for text in hostile.STRINGS.values():
        assert safe(warning_text([text], 60).plain) == warning_text([text], 60).plain
        assert warning_text([text], 60).cell_length <= 60
