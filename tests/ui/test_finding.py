"""What a thread does for a query: what it says of rows that were left out, and what it loads beforehand."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fttui.dataset.document import Document
from fttui.dataset.marks.marks import Marks
from fttui.dataset.query import built_in_columns
from fttui.ui import finding
from fttui.ui.finding import Found, find
from fttui.ui.screens.replace import ReplaceScreen
from fttui.ui.widgets.option import Option
from fttui.ui.widgets.text_fields import Field
from ui.examples_app import app_on, chat, small_file, write_lines
from ui.golden import screen_text
from ui.loop_app import until

ENDLESS = "(x|xx)+[yz]"
UNLUCKY = "x" * 200


def last(document: Document, text: str, marks: Marks | None = None) -> Found:
    return [*find(document, built_in_columns(document, marks), text, cancelled=lambda: False)][-1]


def test_says_how_many_rows_a_slow_expression_left_out(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", *(chat("", text) for text in ("xxy", UNLUCKY, "", UNLUCKY)))
    document = Document.open(path)
    found = last(document, f"/{ENDLESS}/")
    assert list(found.rows) == [0]
    assert found.is_done and not found.problem
    assert found.note == "2 examples left out: the regular expression takes too long there."
    assert last(document, "/xy/").note == ""


def test_says_when_notes_cannot_be_searched(tmp_path: Path) -> None:
    document = Document.open(small_file(tmp_path))
    marks = Marks(document)
    marks.note(0, UNLUCKY)
    found = last(document, f"note:/{ENDLESS}/", marks)
    assert found.is_done and not found.rows
    assert "takes too long on a tag or a note" in found.problem
    marks.close()


def test_numpy_is_loaded_for_many_rows_only() -> None:
    code = """
import sys
from fttui.ui.finding import get_ready
get_ready(100)
assert "numpy" not in sys.modules and "fttui.dataset.query" in sys.modules
get_ready(1_000_000)
assert "numpy" in sys.modules
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_find_and_replace_say_how_many_were_left_out(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", *(chat("", text) for text in ("xxy", UNLUCKY, "", UNLUCKY)))
    app = app_on(path)
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, ReplaceScreen))
        app.screen.query_one("#regex", Option).value = True
        app.screen.query_one("#find", Field).value = ENDLESS
        await until(pilot, lambda: "1 in 1 example. 2 examples left out" in screen_text(app))
        app.screen.query_one("#to", Field).focus()
        await pilot.press("enter")
        await until(pilot, lambda: any("2 examples left out" in toast.message for toast in app._notifications))
        document = app.services.document
        assert document is not None and b"xxy" not in document.raw(0) and UNLUCKY.encode() in document.raw(1)


@pytest.mark.parametrize("key", ["slash", "s"])
async def test_asking_for_rows_loads_that_beside_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    told: list[tuple[int, bool]] = []

    def note(rows: int) -> None:
        told.append((rows, threading.current_thread() is threading.main_thread()))

    monkeypatch.setattr(finding, "get_ready", note)
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        await pilot.press(key)
        await until(pilot, lambda: bool(told))
    assert told == [(4, False)]
