"""The Examples screen as it looks, and how one moves about in it."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from fttui.core.text import needs_escaped_editing
from fttui.ui.handover import NewExample, ShowRow
from hostile import FILE, LINES
from ui.examples_app import NARROW, WIDE, app_on, chat, rows_of, settle, small_file, type_text, view_of, write_lines
from ui.golden import golden, screen_text
from ui.loop_app import until


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_rows_and_conversation_as_they_look(tmp_path: Path, size: tuple[int, int]) -> None:
    app = app_on(small_file(tmp_path), counts=True)
    name = f"examples_{size[0]}x{size[1]}"
    async with app.run_test(size=size) as pilot:
        await settle(pilot, app)
        assert app.services.totals is not None
        assert await asyncio.to_thread(app.services.totals.wait, 30)
        await pilot.pause(0.15)
        golden(app, f"{name}_rows")
        await pilot.press("end", "enter")
        await pilot.pause()
        golden(app, f"{name}_conversation")
        await pilot.press("escape", "up")
        await pilot.pause()
        golden(app, f"{name}_broken")
        await pilot.press("home", "e")
        await pilot.pause()
        golden(app, f"{name}_editing")


async def test_no_file_and_an_empty_file_say_what_to_do_next(tmp_path: Path) -> None:
    app = app_on(None)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.pause()
        assert "fttui demo" in screen_text(app)
        for key in "edunypicrRLFTNvMWDJKVSswxmzo*| ":
            await pilot.press("space" if key == " " else key)
            while len(app.screen_stack) > 1:
                app.pop_screen()
        await pilot.press("enter", "down", "slash", "equals_sign", "full_stop", "escape")
        assert "fttui demo" in screen_text(app)
    (tmp_path / "empty.jsonl").write_bytes(b"")
    app = app_on(tmp_path / "empty.jsonl")
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot, app)
        assert "n adds the first one" in screen_text(app)
        await pilot.press("d", "e", "D", "y", "p", "end")
        await pilot.press("n")
        await type_text(pilot, "Hi there")
        await pilot.press("escape", "ctrl+s")
        await settle(pilot, app)
    record = json.loads((tmp_path / "empty.jsonl").read_text())
    assert [message["content"] for message in record["messages"]] == ["Hi there", ""]


async def test_one_pane_at_a_time_on_a_narrow_screen_with_the_same_keys(tmp_path: Path) -> None:
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot, app)
        assert rows_of(app).region.width == 80
        await pilot.press("enter")
        await pilot.pause()
        assert view_of(app).has_focus
        assert view_of(app).region.width == 80
        await pilot.press("escape")
        await pilot.pause()
        assert rows_of(app).has_focus
        await pilot.press("tab")
        await pilot.pause()
        assert view_of(app).has_focus
        await pilot.press("tab")
        await pilot.pause()
        assert rows_of(app).has_focus


async def test_the_cursor_walks_over_messages_and_rows(tmp_path: Path) -> None:
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("enter")
        current = view_of(app).current
        assert current is not None and current.title == "user"
        await pilot.press("j", "j", "j")
        assert view_of(app).card == 2
        await pilot.press("k", "up", "up")
        assert view_of(app).card == 0
        await pilot.press("right_square_bracket")
        await pilot.pause()
        assert rows_of(app).cursor == 1
        assert "キャンセル" in screen_text(app)
        assert view_of(app).has_focus


async def test_a_long_message_is_scrolled_through_before_the_next(tmp_path: Path) -> None:
    app = app_on(write_lines(tmp_path / "long.jsonl", chat("short", "\n".join(f"line {n}" for n in range(200)), "end")))
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot, app)
        await pilot.press("enter")
        view = view_of(app)
        seen = ""
        for _ in range(40):
            await pilot.press("down")
            seen += screen_text(app)
            if view.card == 2:
                break
        assert view.card == 2
        assert not [n for n in range(200) if not re.search(rf"line {n}\b", seen)]


async def test_raw_shows_the_line_laid_out_and_back(tmp_path: Path) -> None:
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("r")
        await pilot.pause()
        assert "line in the file, laid out" in screen_text(app)
        assert '"role": "system",' in screen_text(app)
        assert json.loads(view_of(app).cards[0].body) == json.loads(
            (tmp_path / "tickets.jsonl").read_text().split("\n")[0]
        )
        await pilot.press("r")
        await pilot.pause()
        assert '"role"' not in screen_text(app)


async def test_going_to_a_line(tmp_path: Path) -> None:
    app = app_on(write_lines(tmp_path / "many.jsonl", *(chat("", f"question {n}") for n in range(500))))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("g")
        await pilot.pause()
        await type_text(pilot, "nonsense\n")
        assert rows_of(app).cursor == 0
        await pilot.press("escape", "g")
        await pilot.pause()
        await type_text(pilot, "321\n")
        await pilot.pause()
        assert rows_of(app).cursor == 320
        assert "question 320" in screen_text(app)


async def test_finding_as_one_types_and_again(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "many.jsonl", *(chat("", f"question {n}", "Grün" if n % 100 == 99 else "blau") for n in range(500))
    )
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("slash")
        await pilot.pause()
        await type_text(pilot, "grün")
        await until(pilot, lambda: rows_of(app).count == 5)
        assert rows_of(app).cursor_row == 99
        await pilot.press("enter", "j")
        await pilot.pause()
        assert rows_of(app).has_focus
        assert rows_of(app).cursor_row == 199
        await pilot.press("slash")
        await pilot.pause()
        await type_text(pilot, "no such words")  # the old query is selected, so that typing replaces it
        await until(pilot, lambda: rows_of(app).count == 0)
        assert "No example is found" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: rows_of(app).count == 500)
        assert rows_of(app).has_focus
        assert rows_of(app).cursor_row == 199


async def test_handovers_show_a_row_and_take_an_answer(tmp_path: Path) -> None:
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await app.go("examples", ShowRow(3))
        await pilot.pause()
        assert rows_of(app).cursor == 3
        await app.go("examples", NewExample(chat("", "from the playground", "an answer")))
        await pilot.pause()
        assert rows_of(app).cursor == 4
        assert "from the playground" in screen_text(app)


@pytest.mark.parametrize(
    "keys", [("r", "r"), ("enter", "end", "escape"), ("enter", "j", "e", "x", "escape", "escape", "escape", "u")]
)
async def test_every_hostile_line_is_shown_without_harm(tmp_path: Path, keys: tuple[str, ...]) -> None:
    path = tmp_path / "hostile.jsonl"
    path.write_bytes(FILE)
    app = app_on(path)
    async with app.run_test(size=WIDE if "r" in keys else NARROW) as pilot:
        await settle(pilot, app)
        assert rows_of(app).count == len(LINES)
        for _ in range(len(LINES)):
            for key in (*keys, "down"):
                await pilot.press(key)
                assert not needs_escaped_editing(screen_text(app))
        assert rows_of(app).cursor == len(LINES) - 1
        document = app.services.document
        assert document is not None
        while document.can_undo:
            document.undo()
        assert b"".join([b"\xef\xbb\xbf", *document.lines()]) == FILE
    assert path.read_bytes() == FILE


async def test_a_hundred_thousand_rows_are_at_hand_from_end_to_end(tmp_path: Path) -> None:
    path = tmp_path / "big.jsonl"
    line = json.dumps(chat("system", "user", "assistant")).encode()
    path.write_bytes(b"".join(line.replace(b'"user"', b'"user"', 1)[:-1] + b', "n": %d}\n' % n for n in range(100_000)))
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        for _ in range(100):
            if rows_of(app).count == 100_000:
                break
            await pilot.pause(0.05)
        await pilot.press("end")
        await pilot.pause()
        assert "100,000" in screen_text(app)
        assert "n: 99999" in screen_text(app)
        await pilot.press("pageup", "pageup", "up")
        await pilot.press("home", *["pagedown"] * 5)
        await pilot.pause()
        assert rows_of(app).cursor > 100
