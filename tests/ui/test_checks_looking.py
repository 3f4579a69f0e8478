"""When a long example is checked: once the cursor rests on it, and again only when something about it changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fttui.checks.model import Issue
from fttui.core.errors import InputError
from fttui.ui.app import FttuiApp
from fttui.ui.checking import Checking
from fttui.ui.widgets.issue_strip import IssueStrip
from ui.examples_app import WIDE, app_on, chat, rows_of, screen_of, settle, write_lines
from ui.found_checks import FoundChecks, issue
from ui.loop_app import until


class CountingChecks(FoundChecks):
    """Remembers which rows were checked."""

    def __init__(self, *found: Issue, **more: Any) -> None:
        super().__init__(*found, **more)
        self.asked: list[int] = []

    def issues_of(self, row: int) -> list[Issue]:
        self.asked.append(row)
        return super().issues_of(row)


def long_rows(folder: Path) -> Path:
    return write_lines(folder / "long.jsonl", *(chat("S", f"Q{n}", "long " * 10_000) for n in range(12)))


def app_with(folder: Path, checks: FoundChecks) -> FttuiApp:
    app = app_on(long_rows(folder), checks=True)
    app.checking.make = lambda document, target: checks  # type: ignore[assignment, return-value]
    return app


def strip_of(app: FttuiApp) -> IssueStrip:
    return screen_of(app)._pane.query_one(IssueStrip)


async def test_rows_that_are_passed_are_not_checked(tmp_path: Path) -> None:
    checks = CountingChecks(*(issue(row, message=f"wrong {row}") for row in range(12)))
    app = app_with(tmp_path, checks)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: checks.asked == [0] and strip_of(app).issues)
        screen = screen_of(app)
        for row in range(1, 10):
            screen._show_row(row)
        rows_of(app).cursor = 9
        await until(pilot, lambda: strip_of(app).issues and strip_of(app).issues[0].message == "wrong 9")
        await settle(pilot, app)
        assert checks.asked == [0, 9]


async def test_a_draft_that_is_typed_on_is_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fttui.ui.screens.examples_issues._REST_S", 0.5, raising=False)
    checks = CountingChecks()
    app = app_with(tmp_path, checks)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: checks.asked)
        for typed in range(8):
            screen_of(app).show_draft_issues({"typed": typed}, 100_000)
            await pilot.pause(0.01)
        await until(pilot, lambda: checks.drafts)
        await settle(pilot, app)
        assert checks.drafts == [{"typed": 7}]


async def test_news_of_others_leave_a_long_example_as_it_is(tmp_path: Path) -> None:
    checks = CountingChecks(issue(0), issue(5))
    app = app_with(tmp_path, checks)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: strip_of(app).issues)
        await settle(pilot, app)
        before = len(checks.asked)
        for _ in range(3):
            del checks.by_row[max(checks.by_row)]
            checks.by_row.update({0: [issue(0)], 6: [issue(6)]})
            checks.tell()
            await pilot.pause(0.25)
            assert strip_of(app).issues
        assert len(checks.asked) == before
        checks.targets = ("azure",)
        checks.tell()
        await until(pilot, lambda: len(checks.asked) == before + 1)
        checks.by_row[0].append(issue(0, "duplicate", "warning"))
        checks.tell()
        await until(pilot, lambda: len(strip_of(app).issues) == 2)
        assert len(checks.asked) == before + 2


async def test_targets_are_not_read_for_a_file_that_is_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def target(self: Checking) -> str:
        asked.append(self)
        raise InputError("not yet")

    app = app_on(long_rows(tmp_path))
    monkeypatch.setattr(Checking, "target", property(target))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.pause(0.3)
        assert not asked
