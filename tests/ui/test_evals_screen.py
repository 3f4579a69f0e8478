"""The Evals screen with answers that a test gives; the real server is in test_loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

import hostile
from fttui.core.text import safe
from fttui.dataset.document import Document
from fttui.evals.exact import Case, Outcome
from fttui.ui.eval_text import failing_rows, sample_test_for
from fttui.ui.eval_text import test_rows as rows_to_test
from fttui.ui.model_choice import ListedModel
from fttui.ui.widgets.table_list import TableList
from ui.golden import golden, screen_text
from ui.loop_app import NARROW, WIDE, loop_app, pairs_file, until

BASE, TUNED = "SmolLM2-135M", "ft:SmolLM2-135M:local:sport:4f2a1c"
PAIRS = [(f"Sentence {number}?", "hockey" if number % 3 else "baseball") for number in range(6)]


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The base model always chats, the tuned one always says hockey; other texts for single rows by ``row``."""
    special: dict[str, str] = {}

    async def models(*_: object) -> list[ListedModel]:
        return [ListedModel(TUNED, 5), ListedModel(BASE)]

    async def run(_: object, models: Sequence[str], cases: Sequence[Case]) -> AsyncIterator[Outcome]:
        for case in cases:
            for model in models:
                text = special.get(str(case.row), "hockey" if model == TUNED else "Sure! It is about a game.")
                error = "It broke off." if case.row == 5 and model == BASE else None
                passed = error is None and text.strip() == case.expected
                yield Outcome(model, case.row, case.expected, text, passed, error)

    monkeypatch.setattr("fttui.ui.screens.evals.listed_models", models)
    monkeypatch.setattr("fttui.ui.screens.evals.run_exact", run)
    return special


async def no_client(*_: object) -> None:
    return None


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x40"])
async def test_scores_and_failing_rows(size: tuple[int, int], tmp_path: Path) -> None:
    app = loop_app(pairs_file(tmp_path / "sport.jsonl", PAIRS))
    app.services.client = no_client  # type: ignore[assignment,method-assign]
    async with app.run_test(size=size) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "Nothing evaluated yet" in screen_text(app))
        golden(app, f"evals_empty_{size[0]}x{size[1]}")
        await pilot.press("n")
        await until(pilot, lambda: "4/6" in screen_text(app) and "0/5" in screen_text(app))
        await pilot.press("tab", "g")
        golden(app, f"evals_{size[0]}x{size[1]}")
        await pilot.press("enter")
        await until(pilot, lambda: "Examples" in type(app.screen).__name__)


async def test_a_sample_offers_its_held_out_rows() -> None:
    path = sample_test_for(Path("sport-train.jsonl"))
    assert path is not None
    assert sample_test_for(Path("mine.jsonl")) is None
    app = loop_app(path.with_name("sport-train.jsonl"))
    app.services.client = no_client  # type: ignore[assignment,method-assign]
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await pilot.press("5", "n")
        await until(pilot, lambda: "sport-test.jsonl: held-out rows" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "20 rows of sport-test.jsonl" in screen_text(app))
        await until(pilot, lambda: app.screen.query_one("#evals-failing", TableList).rows)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "in another file" in screen_text(app))


async def test_hostile_answers(answers: dict[str, str], tmp_path: Path) -> None:
    answers |= {str(number): text for number, text in enumerate(hostile.STRINGS.values())}
    app = loop_app(pairs_file(tmp_path / "x.jsonl", [("q", text.strip() or "x") for text in hostile.STRINGS.values()]))
    app.services.client = no_client  # type: ignore[assignment,method-assign]
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("5", "n")
        await until(pilot, lambda: "95 % interval" in screen_text(app) and "running" not in screen_text(app))
        shown = screen_text(app)
        assert safe(shown) == shown


async def test_without_a_file_it_says_what_to_do() -> None:
    app = loop_app()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "file of held-out examples" in screen_text(app))


def test_rows_that_are_no_single_question_are_left_out(tmp_path: Path) -> None:
    path = pairs_file(tmp_path / "x.jsonl", PAIRS[:2])
    path.write_text(path.read_text() + "not json\n" + '{"messages": []}\n')
    rows = rows_to_test(Document.open(path), is_open_file=True)
    assert len(rows.cases) == 2
    assert rows.sentence == "2 rows of x.jsonl; 2 others are not one question with one answer"
    many = pairs_file(tmp_path / "many.jsonl", [("q", "a")] * 300)
    assert (
        rows_to_test(Document.open(many), is_open_file=True).sentence
        == "the first 200 rows of many.jsonl, which has 300"
    )


def test_failing_rows_are_by_line_then_model() -> None:
    outcomes = [
        Outcome("b", 1, "x", "y", False, None),
        Outcome("a", 1, "x", " ", False, None),
        Outcome("a", 0, "x", "x", True, None),
        Outcome("b", 0, "x", "", False, "It broke off."),
    ]
    rows = failing_rows(outcomes, ["a", "b"])
    assert [row.key for row in rows] == ["0:b", "1:a", "1:b"]
    assert [row.cells[3].text for row in rows] == ["✖ It broke off.", "(nothing)", "y"]
