"""What lies over the Examples screen, as it looks: a filter, a review, the list of changes, find and replace."""

from __future__ import annotations

from pathlib import Path

import pytest

from fttui.ui.screens.changes import ChangesScreen
from fttui.ui.screens.replace import ReplaceScreen
from fttui.ui.widgets.diff_view import DiffView
from fttui.ui.widgets.table_list import TableList
from ui.examples_app import NARROW, WIDE, app_on, chat, rows_of, screen_of, settle, type_text, write_lines
from ui.golden import golden, screen_text
from ui.loop_app import until

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=lambda size: f"{size[0]}x{size[1]}")


def refunds(folder: Path) -> Path:
    return write_lines(
        folder / "tickets.jsonl",
        *(
            chat("Be brief.", f"Question {n}{' about a refund' if n % 3 == 0 else ' — 質問です'}", "Yes. " * n)
            for n in range(8)
        ),
        b'{"messages": [',
    )


@SIZES
async def test_what_is_found_and_marked(tmp_path: Path, size: tuple[int, int]) -> None:
    app = app_on(refunds(tmp_path))
    async with app.run_test(size=size) as pilot:
        await settle(pilot, app)
        await pilot.press("slash")
        await pilot.pause()
        await type_text(pilot, "role:user refund")
        await until(pilot, lambda: rows_of(app).count == 3)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("space", "T")
        await pilot.pause()
        await type_text(pilot, "hard")
        await pilot.press("enter")
        await settle(pilot, app)
        app.clear_notifications()
        await pilot.pause()
        golden(app, f"examples_{size[0]}x{size[1]}_found")


@SIZES
async def test_a_review(tmp_path: Path, size: tuple[int, int]) -> None:
    app = app_on(refunds(tmp_path))
    async with app.run_test(size=size) as pilot:
        await settle(pilot, app)
        await pilot.press("F")
        await until(pilot, lambda: screen_of(app).is_reviewing)
        await pilot.press("enter", "d")
        await settle(pilot, app)
        await until(pilot, lambda: "1 dropped" in screen_text(app))
        app.clear_notifications()
        await pilot.pause()
        golden(app, f"examples_{size[0]}x{size[1]}_review")


@SIZES
async def test_the_changes(tmp_path: Path, size: tuple[int, int]) -> None:
    app = app_on(refunds(tmp_path))
    async with app.run_test(size=size) as pilot:
        await settle(pilot, app)
        document = app.services.document
        assert document is not None
        document.delete(6)
        document.replace_raw(3, document.raw(3).replace(b"Yes. Yes.", b"Yes. No."))
        document.move(0, 2)
        document.insert(0, chat("Be brief.", "A new one", "Yes"))
        await pilot.press("L")
        await until(pilot, lambda: isinstance(app.screen, ChangesScreen) and app.screen.query_one(TableList).rows)
        await pilot.press("down", "down")
        await until(pilot, lambda: "No." in screen_text(app))
        assert app.screen.query_one(DiffView).display
        golden(app, f"examples_{size[0]}x{size[1]}_changes")


@SIZES
async def test_find_and_replace(tmp_path: Path, size: tuple[int, int]) -> None:
    app = app_on(refunds(tmp_path))
    async with app.run_test(size=size) as pilot:
        await settle(pilot, app)
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, ReplaceScreen))
        await type_text(pilot, "refund")
        await pilot.press("enter")
        await type_text(pilot, "return")
        await until(pilot, lambda: "3 in 3 examples" in screen_text(app))
        await pilot.pause(0.2)
        golden(app, f"examples_{size[0]}x{size[1]}_replace")
