"""A text in the person's own editor: a real program, what it leaves, and what can go wrong."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from fttui.core.errors import InputError
from fttui.ui.external_editor import edit_outside
from hostile import STRINGS


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def use(code: str) -> None:
        script = tmp_path / "editor.py"
        script.write_text(f"import sys, pathlib\npath = pathlib.Path(sys.argv[-1])\n{code}\n")
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", f"{shlex.quote(sys.executable)} {shlex.quote(str(script))}")

    return use


def test_what_the_editor_wrote_comes_back(editor) -> None:  # type: ignore[no-untyped-def]
    editor("path.write_bytes(path.read_bytes().replace(b'one', b'two'))")
    assert edit_outside("one \r\n one\x85") == "two \r\n two\x85"


@pytest.mark.parametrize("name", STRINGS)
def test_an_editor_that_does_nothing_changes_nothing(editor, name: str) -> None:  # type: ignore[no-untyped-def]
    editor("pass")
    assert edit_outside(STRINGS[name]) == STRINGS[name]


def test_the_line_end_that_editors_add_is_taken_off(editor) -> None:  # type: ignore[no-untyped-def]
    editor("path.write_bytes(path.read_bytes() + b'!\\n')")
    assert edit_outside("text") == "text!"
    assert edit_outside("text\n") == "text\n!\n"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [("sys.exit(3)", "status 3"), ("path.write_bytes(b'\\xff\\xfe')", "not UTF-8"), ("path.unlink()", "could not be")],
)
def test_failures_are_one_sentence_and_leave_nothing(editor, code: str, sentence: str) -> None:  # type: ignore[no-untyped-def]
    editor(code)
    with pytest.raises(InputError, match=sentence):
        edit_outside("text")


def test_no_editor_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "no-such-editor-here --wait")
    monkeypatch.delenv("VISUAL", raising=False)
    with pytest.raises(InputError, match="Set EDITOR"):
        edit_outside("text")
