"""The strip under the conversation and the list of issues, as they look."""

from __future__ import annotations

from pathlib import Path

import pytest

from fttui.ui.screens.issues import IssuesScreen
from fttui.ui.widgets.table_list import TableList
from ui.examples_app import NARROW, WIDE, app_on, chat, rows_of, screen_of, settle, write_lines
from ui.found_checks import FoundChecks, issue
from ui.golden import golden, screen_text
from ui.loop_app import until

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=lambda size: f"{size[0]}x{size[1]}")


@SIZES
async def test_issues_under_an_example_and_in_the_list(tmp_path: Path, size: tuple[int, int]) -> None:
    path = write_lines(tmp_path / "tickets.jsonl", *(chat("Be brief.", f"問い {n}", "Yes.") for n in range(6)))
    role = ("messages", 2, "role")
    checks = FoundChecks(
        issue(1, message="the role 'assitant' is unknown: did you mean 'assistant'?", path=role),
        issue(1, "role-developer", "warning", message="the role 'developer' is not known there", path=("messages", 0)),
        issue(4, message="the role '問い' is unknown", path=role, is_fixable=False),
        issue(5, "role-developer", "warning"),
    )
    app = app_on(path, checks=True)
    app.checking.make = lambda document, target: checks  # type: ignore[assignment, return-value]
    async with app.run_test(size=size) as pilot:
        await settle(pilot, app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: rows_of(app).cursor_row == 1 and screen_of(app)._strip.chosen is not None)
        app.clear_notifications()
        await pilot.pause(0.2)
        golden(app, f"issues_strip_{size[0]}x{size[1]}")
        await pilot.press("I")
        await until(pilot, lambda: isinstance(app.screen, IssuesScreen) and app.screen.query_one(TableList).rows)
        await until(pilot, lambda: "line 2: the role" in screen_text(app))
        await pilot.pause(0.2)
        golden(app, f"issues_list_{size[0]}x{size[1]}")
