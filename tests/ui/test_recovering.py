"""What a crashed session left: offered at the start, with what it is, brought back or taken away again."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from textual.widgets import Input

from fttui.dataset.document import Document
from fttui.ui.recovering import difference, what_changed
from fttui.ui.screens.recover import RecoverDialog, when_text
from ui.golden import screen_text
from ui.shell import EXAMPLE, ShellApp, toasts
from ui.workspace import at_rest, examples_file, shown, workspace_app


def crash(path: Path, edits: str) -> None:
    """Edit a file in another process, which dies without a word."""
    program = f"""
        import os
        from pathlib import Path
        from fttui.dataset.session import open_session
        document = open_session(Path({str(path)!r})).document
        {edits}
        os._exit(9)
    """
    code = "\n".join(line.strip() for line in textwrap.dedent(program).splitlines())
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 9, done.stderr


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """Three examples, of which the second was edited and the third deleted when the process died."""
    path = examples_file(tmp_path / "tone.jsonl")
    crash(path, "document.replace_raw(1, document.raw(1).replace(b'Hello', b'Good morning')); document.delete(2)")
    return path


async def asked(pilot: object, app: ShellApp) -> RecoverDialog:
    for _ in range(200):
        await pilot.pause(0.02)  # type: ignore[attr-defined]
        if isinstance(app.screen, RecoverDialog):
            break
    await pilot.pause()  # type: ignore[attr-defined]
    assert isinstance(app.screen, RecoverDialog)
    return app.screen


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_edits_are_offered_with_what_they_are_and_kept(crashed: Path, size: tuple[int, int]) -> None:
    app = workspace_app(crashed)
    async with app.run_test(size=size) as pilot:
        await asked(pilot, app)
        text = screen_text(app)
        assert "fttui ended before 2 edits of tone.jsonl could be saved" in text
        assert "line 2 changed" in text
        assert 'content": "Hello"' in text
        assert 'content": "Good morning"' in text
        assert "line 3 deleted" in text
        await pilot.press("enter")
        await at_rest(pilot, app)
        document = shown(app).document
        assert len(document) == 2
        assert b"Good morning" in document.raw(1)
        assert "tone.jsonl ●2" in screen_text(app)
        assert document.can_undo
        assert crashed.read_text("utf-8") == EXAMPLE * 3
        await pilot.press("ctrl+s")
        await at_rest(pilot, app)
        assert len(crashed.read_text("utf-8").splitlines()) == 2
    assert workspace_recovery(crashed) is None


async def test_edits_are_discarded_for_good_when_one_leaves(crashed: Path) -> None:
    app = workspace_app(crashed)
    async with app.run_test() as pilot:
        await asked(pilot, app)
        await pilot.press("d")
        await at_rest(pilot, app)
        document = shown(app).document
        assert list(document.lines()) == [EXAMPLE.encode()] * 3
        assert not document.is_dirty
        assert "redo brings them back" in toasts(app)
    assert workspace_recovery(crashed) is None


async def test_to_close_the_question_loses_nothing(crashed: Path) -> None:
    app = workspace_app(crashed)
    async with app.run_test() as pilot:
        await asked(pilot, app)
        await pilot.press("escape")
        await at_rest(pilot, app)
        assert len(shown(app).document) == 2
    assert workspace_recovery(crashed) is not None


async def test_lines_that_do_not_fit_any_more_are_saved_elsewhere(crashed: Path, tmp_path: Path) -> None:
    crashed.write_text(EXAMPLE * 5, encoding="utf-8")
    app = workspace_app(crashed)
    async with app.run_test(size=(100, 30)) as pilot:
        await asked(pilot, app)
        assert "they no longer fit" in screen_text(app)
        await pilot.press("s")
        await pilot.pause()
        field = app.screen.query_one(Input)
        assert field.value == str(tmp_path / "tone-edits.jsonl")
        field.value = str(crashed)
        await pilot.press("enter")
        await asked(pilot, app)
        assert "exists already" in toasts(app)
        await pilot.press("s")
        await pilot.pause()
        await pilot.press("enter")
        await at_rest(pilot, app)
        assert "Good morning" in (tmp_path / "tone-edits.jsonl").read_text("utf-8")
        assert list(shown(app).document.lines()) == [EXAMPLE.encode()] * 5
    assert workspace_recovery(crashed) is None


@pytest.mark.parametrize(("key", "is_left"), [("n", True), ("escape", True), ("d", False)])
async def test_lines_that_do_not_fit_any_more_can_wait(crashed: Path, key: str, is_left: bool) -> None:
    crashed.write_text(EXAMPLE * 5, encoding="utf-8")
    app = workspace_app(crashed)
    async with app.run_test(size=(100, 30)) as pilot:
        await asked(pilot, app)
        await pilot.press(key)
        await at_rest(pilot, app)
    assert (workspace_recovery(crashed) is not None) == is_left


async def test_each_file_is_asked_about_with_its_rows_behind_the_question(crashed: Path, tmp_path: Path) -> None:
    other = examples_file(tmp_path / "other.jsonl")
    crash(other, "document.delete(0)")
    app = workspace_app(other, crashed)
    async with app.run_test(size=(140, 40)) as pilot:
        await asked(pilot, app)
        assert "1 edit of other.jsonl" in screen_text(app)
        await pilot.press("y")
        await pilot.pause()
        await asked(pilot, app)
        assert "2 edits of tone.jsonl" in screen_text(app)
        assert shown(app).path == crashed
        await pilot.press("y")
        await at_rest(pilot, app)
        assert [file.document.is_dirty for file in app.services.files] == [True, True]


def workspace_recovery(path: Path) -> object:
    """What the next start would offer."""
    from fttui.dataset.session import open_session

    session = open_session(path)
    found = session.recovery
    session.close()
    return found


def test_what_changed_names_the_first_lines(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_bytes(b"".join(b'{"n": %d}\n' % number for number in range(40)))
    document = Document.open(path)
    for row in range(20):
        document.replace_raw(row, b'{"n": "\x1b]0;owned\x07[/b]"}')
    document.insert_raw(0, b"{}")
    found = what_changed(document)
    assert found.changes == 21
    assert [(line.line, line.kind) for line in found.lines[:2]] == [(1, "added"), (2, "changed")]
    assert len(found.lines) == 10
    assert found.lines[0].before == ""
    assert found.lines[1].after == '{"n": "␛]0;owned␇[/b]"}'


def test_a_difference_begins_shortly_before_it() -> None:
    assert difference("abc", "abd") == ("abc", "abd")
    old, new = difference("x" * 1000 + "old", "x" * 1000 + "new")
    assert (old, new) == ("…" + "x" * 12 + "old", "…" + "x" * 12 + "new")
    assert difference("", "y" * 500) == ("", "y" * 300)
    assert difference("same", "same, longer") == ("same", "same, longer")
    assert difference("a\n\x1bb", "") == ("a ␛b", "")


def test_the_day_is_said_when_it_was_another_one() -> None:
    now = time.mktime((2026, 11, 21, 14, 30, 0, 0, 0, -1))
    assert when_text(now - 60, now) == "14:29"
    assert when_text(now - 86_400, now) == "2026-11-20 14:30"
