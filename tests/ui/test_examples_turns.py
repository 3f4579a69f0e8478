"""Editing turns and calls by key: split, merge, move, a call's arguments or the whole call, folded keys, $EDITOR."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from fttui.ui.app import FttuiApp
from ui.examples_app import NARROW, WIDE, app_on, chat, editor_of, screen_of, settle, type_text, view_of, write_lines
from ui.golden import screen_text
from ui.shell import toasts

CALL = (
    b'{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","tool_calls":[{"id":"c1","type":"function",'
    b'"function":{"name":"add","arguments":"{\\"a\\": 1.50, \\"b\\": 2}"}}]},{"role":"tool","tool_call_id":"c1",'
    b'"content":"4"},{"role":"assistant","content":"It is 4."}],"tools":[{"type":"function","function":'
    b'{"name":"add"}}],"parallel_tool_calls":false,"ratio":1e3}'
)


def raw(app: FttuiApp, row: int = 0) -> bytes:
    document = app.services.document
    assert document is not None
    return document.raw(row)


def record(app: FttuiApp, row: int = 0) -> dict[str, Any]:
    return json.loads(raw(app, row))  # type: ignore[no-any-return]


def turns(app: FttuiApp) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in record(app)["messages"]]


async def put(pilot: Pilot[Any], app: FttuiApp, text: str) -> None:
    """Have another text in the open editor, as if it was typed."""
    editor = editor_of(app)
    editor.select_all()
    editor.replace(text, *editor.selection)
    await pilot.pause(0.06)


async def to_the_call(pilot: Pilot[Any], app: FttuiApp) -> None:
    """Stand on the first tool call of the example."""
    await pilot.press("home")
    calls = [at for at, card in enumerate(view_of(app).cards) if card.kind == "call"]
    await pilot.press(*"j" * calls[0])
    assert view_of(app).card == calls[0]


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_message_is_split_where_the_cursor_is_with_all_that_was_typed(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    path = write_lines(tmp_path / "one.jsonl", chat("sys", "Hello there. How are you?", "Fine"))
    app = app_on(path)
    async with app.run_test(size=size) as pilot:
        await settle(pilot, app)
        await pilot.press("enter", "j", "k", "enter")
        await type_text(pilot, "Oh! ")
        await pilot.press(*["right"] * len("Hello there."), "f9")
        await settle(pilot, app)
        assert turns(app) == [
            ("system", "sys"),
            ("user", "Oh! Hello there."),
            ("assistant", "How are you?"),
            ("assistant", "Fine"),
        ]
        assert screen_of(app)._pane.editor is None
        assert view_of(app).has_focus
        current = view_of(app).current
        assert current is not None
        assert current.body == "How are you?"
        await pilot.press("u")
        await settle(pilot, app)
        assert raw(app) == path.read_bytes().splitlines()[0]


async def test_where_nothing_is_to_be_split_the_editor_stays_open_with_its_text(tmp_path: Path) -> None:
    app = app_on(write_lines(tmp_path / "one.jsonl", chat("sys", "Hello", "Fine")))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("e", "X", "home", "f9")
        await settle(pilot, app)
        assert "nothing to part here" in toasts(app)
        assert editor_of(app).value == "XHello"
        await pilot.press("escape")
        await settle(pilot, app)
        assert turns(app)[1] == ("user", "XHello")


@pytest.mark.parametrize(
    ("line", "keys"),
    [(b'{"messages": [', ("e",)), (CALL, ("r", "e")), (CALL, ("j", "j", "x"))],
    ids=["a broken line", "a line as JSON", "a call"],
)
async def test_splitting_is_not_offered_where_there_is_no_message_to_split(
    tmp_path: Path, line: bytes, keys: tuple[str, ...]
) -> None:
    app = app_on(write_lines(tmp_path / "one.jsonl", line))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("enter", "home", *keys)
        await settle(pilot, app)
        assert editor_of(app).has_focus
        footer = screen_text(app).splitlines()[-1]
        assert "$EDITOR" in footer
        assert "Split" not in footer
        await pilot.press("f9")
        await settle(pilot, app)
        assert editor_of(app).has_focus
        assert "split" not in toasts(app)


async def test_a_message_is_merged_with_the_next_and_the_last_says_that_there_is_none(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "one.jsonl", chat("sys", "One", "Two"))
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("enter", "home", "j", "m")
        await settle(pilot, app)
        assert turns(app) == [("system", "sys"), ("user", "One\n\nTwo")]
        await pilot.press("m")
        await settle(pilot, app)
        assert "No message follows message 2" in toasts(app)
        await pilot.press("u")
        await settle(pilot, app)
        assert raw(app) == path.read_bytes().splitlines()[0]


async def test_messages_that_would_lose_something_are_not_merged(tmp_path: Path) -> None:
    app = app_on(write_lines(tmp_path / "call.jsonl", CALL))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("enter", "home", "m")
        await settle(pilot, app)
        assert raw(app) == CALL
        assert toasts(app)


async def test_a_message_moves_with_the_cursor_and_stops_at_the_ends(tmp_path: Path) -> None:
    app = app_on(write_lines(tmp_path / "one.jsonl", chat("a", "b", "c")))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("enter", "home", "J")
        await settle(pilot, app)
        assert [text for _, text in turns(app)] == ["b", "a", "c"]
        assert view_of(app).card == 1
        await pilot.press("J", "J")
        await settle(pilot, app)
        assert [text for _, text in turns(app)] == ["b", "c", "a"]
        assert toasts(app)
        await pilot.press("K", "K")
        await settle(pilot, app)
        assert [text for _, text in turns(app)] == ["a", "b", "c"]
        assert view_of(app).card == 0


async def test_arguments_with_a_mistake_keep_the_editor_open_until_they_are_mended(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "call.jsonl", CALL)
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("enter", "home", "j")
        current = view_of(app).current
        while current is not None and current.kind != "call":
            await pilot.press("j")
            current = view_of(app).current
        await pilot.press("e")
        await put(pilot, app, '{\n  "a": 1.50,\n  "b": two\n}')
        await pilot.press("escape")
        await settle(pilot, app)
        editor = editor_of(app)
        assert editor.problem
        assert editor.has_focus
        assert editor.cursor_location == (2, 7)
        assert raw(app) == CALL
        await pilot.press("delete", "delete", "delete", "3")
        assert not editor.problem
        await pilot.press("escape")
        await settle(pilot, app)
        assert raw(app) == CALL.replace(b'\\"b\\": 2}', b'\\"b\\": 3}')
        assert view_of(app).has_focus


async def test_arguments_are_kept_with_their_mistake_when_one_insists(tmp_path: Path) -> None:
    app = app_on(write_lines(tmp_path / "call.jsonl", CALL))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("enter")
        await to_the_call(pilot, app)
        await pilot.press("e")
        await put(pilot, app, '{"a": ')
        await pilot.press("escape", "escape")
        await settle(pilot, app)
        assert screen_of(app)._pane.editor is None
        assert record(app)["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"a": '
        await pilot.press("u")
        await settle(pilot, app)
        assert raw(app) == CALL


async def test_a_whole_call_is_edited_with_its_name_and_id(tmp_path: Path) -> None:
    app = app_on(write_lines(tmp_path / "call.jsonl", CALL))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("enter", "home", "x")
        await settle(pilot, app)
        assert "This is no tool call" in toasts(app)
        await to_the_call(pilot, app)
        await pilot.press("x")
        await pilot.pause()
        text = editor_of(app).value
        assert '"id": "c1"' in text
        await put(pilot, app, text.replace("c1", "c9").replace('"add"', '"sum"'))
        await pilot.press("escape")
        await settle(pilot, app)
        call = record(app)["messages"][1]["tool_calls"][0]
        assert (call["id"], call["function"]["name"]) == ("c9", "sum")
        assert raw(app) == CALL.replace(b'"id":"c1"', b'"id":"c9"').replace(b'"name":"add","arg', b'"name":"sum","arg')


async def test_deleting_a_call_leaves_the_message(tmp_path: Path) -> None:
    app = app_on(write_lines(tmp_path / "call.jsonl", CALL))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("enter")
        await to_the_call(pilot, app)
        await pilot.press("d")
        await settle(pilot, app)
        assert len(record(app)["messages"]) == 4
        assert "tool_calls" not in record(app)["messages"][1]


async def test_a_key_in_the_fold_is_edited_and_only_it_changes(tmp_path: Path) -> None:
    app = app_on(write_lines(tmp_path / "call.jsonl", CALL))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        assert "▸ tools (1), parallel_tool_calls: false, ratio: 1e3" in screen_text(app)
        await pilot.press("enter", "z")
        await pilot.pause()
        titles = [card.title for card in view_of(app).cards]
        at = titles.index("parallel_tool_calls")
        while view_of(app).card < at:
            await pilot.press("j")
        await pilot.press("e")
        await put(pilot, app, "tru")
        await pilot.press("escape")
        await settle(pilot, app)
        assert editor_of(app).problem
        await pilot.press("end", "e", "escape")
        await settle(pilot, app)
        assert raw(app) == CALL.replace(b'"parallel_tool_calls":false', b'"parallel_tool_calls":true')
        assert view_of(app).card == at
        await pilot.press("z")
        await pilot.pause()
        assert "▸ tools (1), parallel_tool_calls: true, ratio: 1e3" in screen_text(app)


@contextmanager
def own_editor(app: FttuiApp, monkeypatch: pytest.MonkeyPatch, folder: Path, program: str) -> Iterator[None]:
    """Have ``program``, lines of Python over the text ``t``, as $EDITOR."""
    script = folder / "editor.py"
    script.write_text(
        "import sys, pathlib\np = pathlib.Path(sys.argv[-1])\nt = p.read_text()\n" + program + "\np.write_text(t)\n"
    )
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{shlex.quote(sys.executable)} {shlex.quote(str(script))}")
    monkeypatch.setattr(app._driver.__class__, "can_suspend", True)
    yield


async def test_json_that_comes_back_from_outside_with_a_mistake_is_kept_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_lines(tmp_path / "call.jsonl", CALL, chat("s", "next", "a"))
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        with own_editor(app, monkeypatch, tmp_path, "t = t.replace('1e3', '1e')"):
            await pilot.press("r", "E")
            await settle(pilot, app)
        said = toasts(app)
        assert "Line " in said
        assert "column " in said
        assert b'"ratio": 1e }' in raw(app)
        assert len(app.services.document) == 2  # type: ignore[arg-type]
        assert "✖" in screen_text(app).splitlines()[2]
        await pilot.press("u")
        await settle(pilot, app)
        assert raw(app) == CALL


async def test_a_raw_line_goes_outside_laid_out_and_comes_back_in_the_files_style(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_on(write_lines(tmp_path / "call.jsonl", CALL))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        with own_editor(app, monkeypatch, tmp_path, "assert t.count('\\n') > 10\nt = t.replace('It is 4.', 'Four.')"):
            await pilot.press("r", "E")
            await settle(pilot, app)
        assert raw(app) == CALL.replace(b"It is 4.", b"Four.")


async def test_an_editor_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_on(write_lines(tmp_path / "call.jsonl", CALL))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        with own_editor(app, monkeypatch, tmp_path, "p.write_text('lost'); sys.exit(3)"):
            await pilot.press("E")
            await settle(pilot, app)
        assert raw(app) == CALL
        assert toasts(app)
