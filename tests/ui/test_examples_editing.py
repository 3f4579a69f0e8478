"""Editing on the Examples screen, on real files, with the bytes compared."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from fttui.ui.widgets.text_fields import Field
from hostile import STRINGS, chat_line
from ui.examples_app import (
    NARROW,
    WIDE,
    app_on,
    chat,
    editor_of,
    rows_of,
    screen_of,
    settle,
    small_file,
    type_text,
    view_of,
    write_lines,
)
from ui.golden import screen_text


def texts(line: bytes) -> list[str]:
    return [message["content"] for message in json.loads(line)["messages"]]


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_edit_undo_redo_and_save_leave_the_other_lines_alone(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "style.jsonl"
    first = b'{"messages":[{"role":"user","content":"caf\\u00e9"},{"role":"assistant","content":"yes"}],"n":1.5}'
    second = b'{ "messages" : [ {"content":"odd  spacing","role":"user"} ] }'
    before = b"\xef\xbb\xbf" + first + b"\r\n" + second + b"\n\n" + first
    path.write_bytes(before)
    app = app_on(path)
    async with app.run_test(size=size) as pilot:
        await settle(pilot, app)
        await pilot.press("e")
        await type_text(pilot, "Ein ")
        await pilot.press("escape")
        await pilot.pause()
        assert "Ein café" in screen_text(app)
        await pilot.press("ctrl+s")
        await settle(pilot, app)
        changed = first.replace(b"caf", b"Ein caf")
        after = b"\xef\xbb\xbf" + changed + b"\r\n" + second + b"\n\n" + first
        assert path.read_bytes() == after
        await pilot.press("u", "ctrl+s")
        await settle(pilot, app)
        assert path.read_bytes() == before
        await pilot.press("ctrl+r", "ctrl+s")
        await settle(pilot, app)
        assert path.read_bytes() == after


async def test_leaving_the_editor_without_typing_changes_nothing(tmp_path: Path) -> None:
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("e", "escape", "j", "e", "escape")
        await pilot.pause()
        assert not app.services.document.is_dirty  # type: ignore[union-attr]


@pytest.mark.parametrize("name", [name for name in STRINGS if name not in ("long",)])
async def test_editing_a_hostile_text_changes_only_what_was_typed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "one.jsonl"
    path.write_bytes(chat_line(STRINGS[name]))
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("enter", "e")
        await pilot.pause()
        await pilot.press("x")
        await pilot.pause(0.06)
        await pilot.press("escape")
        await pilot.pause()
        wanted = chat_line(STRINGS[name])
        assert texts(app.services.document.raw(0)) == [STRINGS[name], "x" + STRINGS[name], STRINGS[name]]  # type: ignore[union-attr]
        await pilot.press("u", "e", "escape", "ctrl+s")
        await settle(pilot, app)
        assert path.read_bytes() == wanted


async def test_other_keys_are_in_a_fold_and_edited_there(tmp_path: Path) -> None:
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("end", "enter", "end", "e")
        await pilot.pause()
        assert "▾ tools (1)" in screen_text(app)
        assert '"name": "add"' in screen_text(app)
        await pilot.press("down", "e")
        await pilot.pause()
        editor = editor_of(app)
        editor.text = editor.text.replace("add", "subtract")
        await pilot.press("escape")
        await pilot.pause()
        assert '"name": "subtract"' in screen_text(app)
        tools = json.loads(app.services.document.raw(3))["tools"]  # type: ignore[union-attr]
        assert tools == [{"type": "function", "function": {"name": "subtract"}}]
        await pilot.press("z")
        await pilot.pause()
        assert "▸ tools (1)" in screen_text(app)
        assert "subtract" not in screen_text(app)


async def test_a_text_too_long_for_the_editor_says_so(tmp_path: Path) -> None:
    app = app_on(write_lines(tmp_path / "long.jsonl", chat("", "word " * 100_000)))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("enter", "e")
        await pilot.pause()
        assert any("E opens it in your editor" in notice.message for notice in app._notifications)


async def test_a_broken_line_is_repaired_by_hand_and_stays_broken_until_then(tmp_path: Path) -> None:
    path = small_file(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("down", "down")
        await pilot.pause()
        assert "never closes" in screen_text(app)
        await pilot.press("e", "end", "backspace", "escape")
        await pilot.pause()
        assert "esc again keeps it" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "✖" in screen_text(app).splitlines()[4]
        await pilot.press("e", "end")
        await pilot.press("backspace", "backspace", "quotation_mark")
        await type_text(pilot, "}]}")
        await pilot.press("escape", "ctrl+s")
        await settle(pilot, app)
    lines[2] = b'{"messages": [{"role": "user", "content": "never closed"}]}\n'
    assert path.read_bytes() == b"".join(lines)


async def test_a_line_with_bad_bytes_can_be_edited_without_losing_them(tmp_path: Path) -> None:
    path = tmp_path / "bytes.jsonl"
    path.write_bytes(b'{"messages": [{"content": "\xff\x80"}]} \n')
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("e", "x", "escape", "ctrl+s")
        await settle(pilot, app)
    assert path.read_bytes() == b'x{"messages": [{"content": "\xff\x80"}]} \n'


async def test_messages_are_added_renamed_weighed_and_deleted(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "one.jsonl", chat("sys", "question", "answer"))
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        document = app.services.document
        assert document is not None
        await pilot.press("enter", "end", "a")
        await pilot.pause()
        await pilot.press("enter")
        await type_text(pilot, "more?")
        await pilot.press("escape")
        await pilot.pause()
        assert json.loads(document.raw(0))["messages"][3] == {"role": "user", "content": "more?"}
        await pilot.press("A")
        await pilot.pause()
        await pilot.press("up", "enter")
        await type_text(pilot, "in between")
        await pilot.press("escape")
        await pilot.pause()
        assert texts(document.raw(0)) == ["sys", "question", "answer", "in between", "more?"]
        await pilot.press("d")
        assert texts(document.raw(0)) == ["sys", "question", "answer", "more?"]
        await pilot.press("k", "w")
        assert json.loads(document.raw(0))["messages"][2]["weight"] == 0
        await pilot.press("w")
        assert json.loads(document.raw(0))["messages"][2]["weight"] == 1
        await pilot.press("t")
        await pilot.pause()
        await pilot.press("down", "enter")
        await pilot.pause()
        assert json.loads(document.raw(0))["messages"][2]["role"] == "tool"
        for _ in range(8):
            await pilot.press("u")
        await pilot.pause()
        assert not document.is_dirty


async def test_examples_are_added_copied_and_deleted_and_the_cursor_is_where_it_happened(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "five.jsonl", *(chat("", f"q{n}") for n in range(5)))
    before = path.read_bytes().splitlines()
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        document = app.services.document
        assert document is not None

        def lines() -> list[bytes]:
            return [document.raw(row) for row in range(len(document))]

        await pilot.press("down", "D")
        assert lines() == [*before[:2], before[1], *before[2:]]
        assert rows_of(app).cursor == 2
        await pilot.press("end", "d")
        await pilot.pause()
        assert lines() == [*before[:2], before[1], *before[2:4]]
        assert rows_of(app).cursor == 4
        await pilot.press("home", "n")
        await type_text(pilot, "brand new")
        await pilot.press("escape")
        await pilot.pause()
        assert texts(lines()[1]) == ["brand new", ""]
        await pilot.press("escape", "end", "u", "u")
        await pilot.pause()
        assert rows_of(app).cursor == 1
        await pilot.press("u", "u")
        await pilot.pause()
        assert lines() == before
        await pilot.press(*["d"] * 7)
        await pilot.pause()
        assert lines() == []
        await pilot.press(*["u"] * 5)
        await pilot.pause()
        assert lines() == before


async def test_nothing_typed_is_lost_when_one_goes_elsewhere(tmp_path: Path) -> None:
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        document = app.services.document
        assert document is not None
        await pilot.press("e", "x")
        await pilot.click(type(rows_of(app)), offset=(10, 1))
        await pilot.pause()
        assert texts(document.raw(0))[1].startswith("xHow")
        await pilot.press("home", "e", "y")
        await app.action_show("cost")
        await pilot.pause()
        assert texts(document.raw(0))[1].startswith("yxHow")


async def test_saving_from_within_the_editor_keeps_what_was_typed(tmp_path: Path) -> None:
    path = small_file(tmp_path)
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("e", "x", "ctrl+s")
        await settle(pilot, app)
    assert texts(path.read_bytes().splitlines()[0])[1].startswith("xHow")


async def test_the_meter_hears_of_the_draft_and_of_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_on(small_file(tmp_path))
    heard: list[tuple[int, str | None]] = []

    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)

        def draft(row: int, record: dict[str, list[dict[str, str]]] | None) -> None:
            heard.append((row, None if record is None else record["messages"][1]["content"]))

        monkeypatch.setattr(app, "draft", draft)
        await pilot.press("e", "x", "y")
        await pilot.pause(0.1)
        await pilot.press("escape")
        await pilot.pause()
    assert heard[-2:] == [(0, "xyHow do I reset my password?"), (0, None)]


async def test_save_as_goes_on_with_the_other_file(tmp_path: Path) -> None:
    path = small_file(tmp_path)
    before = path.read_bytes()
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("d", "S")
        await pilot.pause()
        app.screen.query_one(Field).value = str(tmp_path / "other.jsonl")
        await pilot.press("enter")
        await settle(pilot, app)
    assert path.read_bytes() == before
    assert (tmp_path / "other.jsonl").read_bytes() == b"".join(before.splitlines(keepends=True)[1:])


async def test_a_message_goes_to_the_persons_own_editor_and_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "editor.py"
    script.write_text("import sys, pathlib\np = pathlib.Path(sys.argv[-1])\np.write_text(p.read_text().upper())\n")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{shlex.quote(sys.executable)} {shlex.quote(str(script))}")
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        monkeypatch.setattr(app._driver.__class__, "can_suspend", True)
        await pilot.press("E")
        await pilot.pause()
        document = app.services.document
        assert document is not None
        assert texts(document.raw(0))[1] == "HOW DO I RESET MY PASSWORD?"
        assert screen_of(app).is_current


async def test_copying_gives_the_line_as_it_stands(tmp_path: Path) -> None:
    path = small_file(tmp_path)
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("down", "y")
        assert app.clipboard.encode() == path.read_bytes().splitlines()[1]
        assert view_of(app).cards


async def test_the_editor_grows_with_its_text(tmp_path: Path) -> None:
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("e")
        await pilot.pause()
        height = editor_of(app).size.height
        await type_text(pilot, "\n\n\n\n")
        await pilot.pause()
        assert editor_of(app).size.height > height
        assert "Choose Forgotten" in screen_text(app)
