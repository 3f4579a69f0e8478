"""The Cost screen: prices side by side, the tokens of the examples, the rule of the epochs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from textual.pilot import Pilot

import hostile
from fttui.core.settings import CostSettings
from fttui.core.text import safe
from fttui.costs.prices import ModelPrice, billing_of
from fttui.ui.cost_inputs import (
    BASE,
    COMPLETION,
    PER_DAY,
    PROMPT_BASE,
    PROMPT_TUNED,
    TRAINING,
    TUNED,
    Defaults,
    read_plan,
)
from fttui.ui.cost_table import FileSize, epochs_rule, rows_of, spread, validation_sentence
from fttui.ui.screens.cost import CostScreen
from fttui.ui.widgets.calls_pane import CallsPane
from fttui.ui.widgets.table_list import TableList
from ui.golden import golden, screen_text
from ui.loop_app import NARROW, WIDE, loop_app, pairs_file, until

TODAY = "2026-11-21"


@pytest.fixture
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    import fttui.ui.screens.cost as module

    class Day(date):
        @classmethod
        def today(cls) -> Day:
            return cls.fromisoformat(TODAY)

    monkeypatch.setattr(module, "date", Day)


def examples(path: Path) -> Path:
    return pairs_file(path, [("What is " + "very " * (number % 7) + "big?", "A whale.") for number in range(40)])


@pytest.mark.usefixtures("fixed_day")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x40"])
async def test_models_side_by_side(size: tuple[int, int], tmp_path: Path) -> None:
    app = loop_app(examples(tmp_path / "tone.jsonl"), counts=True)
    async with app.run_test(size=size) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "All within the limit" in screen_text(app))
        golden(app, f"cost_{size[0]}x{size[1]}")


@pytest.mark.usefixtures("fixed_day")
async def test_choosing_a_model_changes_the_meter(tmp_path: Path) -> None:
    app = loop_app(examples(tmp_path / "tone.jsonl"), counts=True)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "All within the limit" in screen_text(app))
        table = app.screen.query_one(TableList)
        assert table.key == "gpt-4.1-mini"
        await pilot.press("j", "enter")
        await until(pilot, lambda: "on gpt-4.1 (price of" in screen_text(app))
        assert "● gpt-4.1 " in screen_text(app)
        await pilot.press("g", "u")
        await until(pilot, lambda: "free on SmolLM2-135M" in screen_text(app))


async def test_without_a_file_it_says_how_to_open_one() -> None:
    app = loop_app()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "No file is open: fttui FILE.jsonl" in screen_text(app))


def test_past_models_come_last_and_say_so() -> None:
    def price(name: str, training: str, until_day: str) -> ModelPrice:
        return ModelPrice(name, Decimal(training), None, None, None, "2026-07", "here", until_day, until_day)

    prices = [price("gone", "1", "2026-01-01"), price("dear", "25", "2027-01-01"), price("cheap", "3", "2027-01-01")]
    rows = rows_of(prices, "mine", "dear", FileSize(10, 100_000, True), 3, CostSettings(rate=Decimal(2)), TODAY)
    assert [row.key for row in rows] == ["mine", "cheap", "dear", "gone"]
    assert [cell.text for cell in rows[2].cells][:2] == ["● dear", "$15.00"]
    assert rows[2].cells[7].text == "$50.00"
    assert rows[3].cells[6].text == "no more"
    uncounted = rows_of(prices, "mine", "dear", FileSize(0, 0, False), None, CostSettings(), TODAY)
    assert uncounted[1].cells[1].text == "…"


async def test_hostile_names_of_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    prices = [
        ModelPrice(f"{number}{text}", Decimal(1), None, None, None, text, text, text, text)
        for number, text in enumerate(hostile.STRINGS.values())
    ]
    monkeypatch.setattr("fttui.costs.prices.all_prices", lambda: prices)
    app = loop_app(examples(tmp_path / "tone.jsonl"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: len(app.screen.query_one(TableList).rows) == len(prices) + 1)
        assert isinstance(app.screen, CostScreen)
        shown = screen_text(app)
        assert safe(shown) == shown


def test_the_rule_of_the_epochs_in_words() -> None:
    assert epochs_rule(12, 8, None).startswith("8 epochs for 12 examples: so few examples")
    assert epochs_rule(60, 3, None) == "3 epochs for 60 examples: the rule for 34 to 8,333 examples."
    assert epochs_rule(30_000, 1, None).startswith("1 epoch for 30,000 examples: so many")
    assert epochs_rule(60, 3, 5) == "5 epochs, as chosen; automatic would be 3."
    assert "more for fewer than 34" in epochs_rule(0, 3, None)


def test_the_spread_in_words() -> None:
    counts = {"min": 31, "p5": 32, "median": 55.5, "mean": 56, "p95": 70, "max": 1074}
    assert spread(counts) == "31 to 1,074 tokens an example, half at most 56, 95 % at most 70."
    assert spread(None) == ""


async def press(pilot: Pilot[None], *texts: str) -> None:
    """Type each text into a field of its own, enter after each."""
    for text in texts:
        await pilot.press(*text, "enter")


@pytest.mark.usefixtures("fixed_day")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x40"])
async def test_when_it_pays(size: tuple[int, int], tmp_path: Path) -> None:
    app = loop_app(examples(tmp_path / "tone.jsonl"), counts=True)
    async with app.run_test(size=size) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "All within the limit" in screen_text(app))
        await pilot.press("c")
        await press(pilot, "jpy", "150", "3")
        await pilot.press("escape", "b", "e")
        calls = {BASE: "gpt-4o-mini", PROMPT_BASE: "246", TUNED: "gpt-4o-mini", PROMPT_TUNED: "56", PER_DAY: "100"}
        for field, text in {**calls, COMPLETION: "0", TRAINING: "4.92075"}.items():
            app.screen.query_one(CallsPane).fill(field, text)
        await until(pilot, lambda: "call 1,633 pays it back" in screen_text(app))
        await pilot.press("escape")
        golden(app, f"cost_pays_{size[0]}x{size[1]}")
        assert ("base in" in screen_text(app)) is (size == WIDE)
        await pilot.press("t")
        assert "Fill in calls a day and a limit" in screen_text(app)
        await pilot.press("escape")
        assert "¥750" in screen_text(app) or size == NARROW


@pytest.mark.usefixtures("fixed_day")
async def test_every_key_in_a_field_counts_at_once(tmp_path: Path) -> None:
    app = loop_app(examples(tmp_path / "tone.jsonl"))
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: len(app.screen.query_one(TableList).rows) > 20)
        await pilot.press("t", "e")
        await press(pilot, "gpt-4", "3000", "20000", "0.30/1.20", "500", "", "1000")
        await pilot.press(*"400")
        assert "1,600,000 tokens a day, 1,111 a minute; 1.3 h at 20,000" in screen_text(app)
        await pilot.press("0")
        assert "16,000,000 tokens a day, 11,111 a minute; 13.3 h at 20,000" in screen_text(app)
        assert "saves $594.60 a day" in screen_text(app)
        await pilot.press("x")
        assert "✖ calls a day: '4000x' is not a number." in screen_text(app)
        assert "16,000,000" not in screen_text(app)
        await pilot.press("backspace")
        assert "16,000,000" in screen_text(app)


@pytest.mark.usefixtures("fixed_day")
async def test_a_teacher_is_compared_with_but_not_trained(tmp_path: Path) -> None:
    app = loop_app(examples(tmp_path / "tone.jsonl"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: len(app.screen.query_one(TableList).rows) > 20)
        app.screen.query_one(TableList).move_to("gpt-6-astra")
        await pilot.press("u")
        await until(pilot, lambda: [toast.message for toast in app._notifications])
        assert [toast.message for toast in app._notifications] == ["gpt-6-astra cannot be tuned: v compares with it."]
        assert app.services.model == "gpt-4.1-mini"
        await pilot.press("v")
        assert "gpt-6-astra" in screen_text(app)
        assert "A call: base" in screen_text(app)
        before = screen_text(app)
        await pilot.press("B")
        assert "[x] batch prices" in screen_text(app)
        assert screen_text(app) != before


async def test_the_currency_is_used_everywhere_or_a_sentence_says_why_not(tmp_path: Path) -> None:
    app = loop_app(examples(tmp_path / "tone.jsonl"), counts=True)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "All within the limit" in screen_text(app))
        await pilot.press("c", *"jpy")
        assert "✖ How many JPY is a dollar?" in screen_text(app)
        assert app.services.settings.cost.currency == "USD"
        await pilot.press("enter", *"15", "0")
        await until(pilot, lambda: "→ ¥2 on gpt-4.1-mini" in screen_text(app))
        assert "✖" not in screen_text(app)
        await pilot.press("enter", *"99")
        assert "✖ Epochs: auto, or a number from 1 to 50." in screen_text(app)
        await pilot.press("backspace")
        await until(pilot, lambda: "× 9 epochs" in screen_text(app))
        await pilot.press("escape", "1", "2")
        assert "jpy" in screen_text(app)


async def test_a_broken_price_file_is_a_sentence(tmp_path: Path, fttui_home: Path) -> None:
    (fttui_home / "config").mkdir(exist_ok=True)
    (fttui_home / "config" / "prices.toml").write_text("[models.a]\ntraining = 'x'\n")
    app = loop_app(examples(tmp_path / "tone.jsonl"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "training: expected US dollars" in " ".join(screen_text(app).split()))
        await pilot.press("b", "e", *"gpt-4")
        assert isinstance(app.screen, CostScreen)


async def test_a_price_file_that_breaks_later_does_not_end_the_app(tmp_path: Path, fttui_home: Path) -> None:
    app = loop_app(examples(tmp_path / "tone.jsonl"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: len(app.screen.query_one(TableList).rows) > 20)
        (fttui_home / "config").mkdir(exist_ok=True)
        (fttui_home / "config" / "prices.toml").write_text("[providers.openai]\nminimum = 'x'\n")
        await pilot.press("j", "j")
        assert "minimum: expected US dollars" in screen_text(app)
        await pilot.press("e", *"gpt-4")
        assert "✖" in screen_text(app)


def test_what_the_validation_file_costs() -> None:
    openai, together, other = billing_of("openai"), billing_of("together"), billing_of("fireworks")
    assert (
        validation_sentence("v.jsonl", 3100, openai) == "v.jsonl, for validation: 3,100 tokens, not charged by OpenAI."
    )
    assert "billed by Together AI once an evaluation" in validation_sentence("v.jsonl", 1, together)
    assert "does not say" in validation_sentence("v.jsonl", None, other)


def test_a_local_model_that_only_its_server_knows_is_free() -> None:
    (row,) = rows_of([], "", "local", FileSize(0, 0, False), None, CostSettings(), TODAY)
    plan = read_plan({}, Defaults(row.key))
    assert plan.calls is not None
    assert plan.calls.prices(Decimal(1)) == (0, 0)


async def test_the_histogram_is_summed_up_for_new_counts_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from fttui.tokens.live import LiveTotals

    calls: list[LiveTotals] = []
    counts = LiveTotals.counts

    def counting(totals: LiveTotals) -> object:
        calls.append(totals)
        return counts(totals)

    app = loop_app(examples(tmp_path / "tone.jsonl"), counts=True)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: app.services.totals is not None and app.services.totals.is_complete)
        await app.workers.wait_for_complete()
        monkeypatch.setattr(LiveTotals, "counts", counting)
        await pilot.press("2")
        await until(pilot, lambda: "All within the limit" in screen_text(app))
        assert len(calls) == 1
        for _ in range(5):
            app.on_numbers_changed()
            await pilot.pause()
        await app.workers.wait_for_complete()
        assert len(calls) == 1
        document = app.services.document
        assert document is not None
        document.delete(0)
        app.on_numbers_changed()
        await until(pilot, lambda: len(calls) == 2)
