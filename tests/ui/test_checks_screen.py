"""What the checks found, in the app: the gutter, the strip, the meter, leaps, fixes, a filter, the list."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from fttui.checks.table import rules
from fttui.core.errors import FttuiError
from fttui.core.settings import CheckSettings, load_settings, settings_file
from fttui.ui.app import FttuiApp
from fttui.ui.mending import Fixed
from fttui.ui.screens.explain import Explain
from fttui.ui.screens.fix import FixScreen
from fttui.ui.screens.issues import IssuesScreen
from fttui.ui.widgets.issue_strip import IssueStrip
from fttui.ui.widgets.table_list import TableList
from ui.examples_app import (
    NARROW,
    WIDE,
    app_on,
    chat,
    editor_of,
    rows_of,
    screen_of,
    settle,
    type_text,
    view_of,
    write_lines,
)
from ui.found_checks import FoundChecks, issue
from ui.golden import screen_text
from ui.loop_app import until


def misspelt(text: str) -> dict[str, Any]:
    record = chat("Be brief.", text, "Yes.")
    record["messages"][2]["role"] = "assitant"
    return record


def some_wrong(folder: Path) -> Path:
    """Twelve examples; the fifth and the ninth have a misspelt role, the seventh is no JSON."""
    records: list[Any] = [chat("Be brief.", f"Question {n}", f"Answer {n}") for n in range(12)]
    records[4], records[8], records[6] = misspelt("Question 4"), misspelt("Question 8"), b'{"messages": ['
    return write_lines(folder / "tickets.jsonl", *records)


def strip_of(app: FttuiApp) -> IssueStrip:
    return screen_of(app)._pane.query_one(IssueStrip)


async def checked(pilot: Pilot[Any], app: FttuiApp) -> None:
    """Wait until the file is checked."""
    await settle(pilot, app)
    await until(pilot, lambda: app.services.checks is not None and app.services.checks.is_complete)
    await pilot.pause(0.15)


def aimed(app: FttuiApp, checks: FoundChecks) -> FttuiApp:
    """The app with checks that find what the test says."""
    app.checking.make = lambda document, target: checks  # type: ignore[assignment, return-value]
    return app


async def test_from_the_gutter_to_a_fixed_example_and_back(tmp_path: Path) -> None:
    app = app_on(some_wrong(tmp_path), checks=True)
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, app)
        document = app.services.document
        assert document is not None
        rows = screen_text(app).splitlines()[2:14]
        assert [number for number, line in enumerate(rows) if "✖" in line[:12]] == [4, 6, 8]
        await pilot.press("i")
        await until(pilot, lambda: rows_of(app).cursor_row == 4 and strip_of(app).chosen is not None)
        chosen = strip_of(app).chosen
        assert chosen is not None and (chosen.rule, chosen.path) == ("role-unknown", ("messages", 2, "role"))
        await until(pilot, lambda: view_of(app).current is not None and view_of(app).current.message == 2)
        assert "role-unknown at messages[2].role" in screen_text(app)
        before = document.raw(4)
        await pilot.press("f")
        await until(pilot, lambda: b'"assistant"' in document.raw(4))
        assert all(found.rule != "role-unknown" for found in strip_of(app).issues)
        await checked(pilot, app)
        assert "✖" not in screen_text(app).splitlines()[6][:12]
        await pilot.press("u")
        assert document.raw(4) == before
        await until(pilot, lambda: strip_of(app).chosen is not None)


async def test_all_are_fixed_as_one_step_after_a_look(tmp_path: Path) -> None:
    app = app_on(some_wrong(tmp_path), checks=True)
    async with app.run_test(size=NARROW) as pilot:
        await checked(pilot, app)
        document = app.services.document
        assert document is not None
        before = [document.raw(row) for row in range(12)]
        await pilot.press("I")
        await until(pilot, lambda: isinstance(app.screen, IssuesScreen) and app.screen.query_one(TableList).rows)
        assert app.screen.query_one(TableList).move_to("role-unknown")
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, FixScreen) and "2 examples would change" in screen_text(app))
        assert "- [assitant]" in screen_text(app) and "+ [assistant]" in screen_text(app)
        assert [document.raw(row) for row in range(12)] == before
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen_of(app) and document.raw(8) != before[8])
        assert [row for row in range(12) if document.raw(row) != before[row]] == [4, 8]
        await pilot.press("u")
        await until(pilot, lambda: [document.raw(row) for row in range(12)] == before)
        assert not document.can_undo


async def test_a_copy_is_mended_in_the_whole_file(tmp_path: Path) -> None:
    records = [chat("S", f"Q{n % 10}", f"A{n % 10}") for n in range(12)]
    app = app_on(write_lines(tmp_path / "a.jsonl", *records), checks=True)
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, app)
        await pilot.press("i")
        await until(pilot, lambda: rows_of(app).cursor_row == 10 and strip_of(app).chosen is not None)
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, FixScreen) and "2 examples would change" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: len(app.services.document or ()) == 10)
        await pilot.press("u")
        await until(pilot, lambda: len(app.services.document or ()) == 12)


async def test_a_rule_filters_the_rows(tmp_path: Path) -> None:
    app = app_on(some_wrong(tmp_path), checks=True)
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, app)
        await pilot.press("I")
        await until(pilot, lambda: isinstance(app.screen, IssuesScreen) and app.screen.query_one(TableList).rows)
        app.screen.query_one(TableList).move_to("role-unknown")
        await pilot.press("enter")
        await until(pilot, lambda: rows_of(app).count == 2)
        assert "issue:role-unknown" in screen_text(app)
        assert [rows_of(app)._source.row_at(at) for at in range(2)] == [4, 8]  # type: ignore[union-attr]
        await pilot.press("escape")
        await until(pilot, lambda: rows_of(app).count == 12)
        await pilot.press("slash")
        await type_text(pilot, "issue:error")
        await until(pilot, lambda: rows_of(app).count == 3)


async def test_what_is_typed_is_checked(tmp_path: Path) -> None:
    checks = FoundChecks(issue(0, message="wrong as saved"))
    app = aimed(app_on(some_wrong(tmp_path), checks=True), checks)
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, app)
        assert "wrong as saved" in screen_text(app)
        await pilot.press("e")
        await type_text(pilot, "no")
        await until(pilot, lambda: "still wrong" in screen_text(app))
        editor_of(app).insert("right")
        await until(pilot, lambda: not strip_of(app).issues)
        assert "No issue in this example" in screen_text(app)
        assert checks.drafts[-1]["messages"][1]["content"].count("right") == 1


async def test_i_goes_through_the_issues_of_an_example_first(tmp_path: Path) -> None:
    found = [
        issue(2, path=("messages", 2, "role")),
        issue(2, "weight-value", "warning", path=("messages", 1)),
        issue(2, "personal-email", "info", path=()),
        issue(9, "weight-value", "warning"),
    ]
    app = aimed(app_on(some_wrong(tmp_path), checks=True), FoundChecks(*found))
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, app)
        await pilot.press("i")
        await until(pilot, lambda: rows_of(app).cursor_row == 2 and strip_of(app).chosen == found[0])
        await pilot.press("i")
        assert rows_of(app).cursor_row == 2 and strip_of(app).chosen == found[1]
        assert view_of(app).current is not None and view_of(app).current.message == 1
        await pilot.press("i")
        await until(pilot, lambda: rows_of(app).cursor_row == 9)
        await pilot.press("alt+i")
        await until(pilot, lambda: rows_of(app).cursor_row == 2)


async def test_an_issue_is_explained(tmp_path: Path) -> None:
    app = aimed(app_on(some_wrong(tmp_path), checks=True), FoundChecks(issue(0, message="look [/] here\x1b]0;x")))
    async with app.run_test(size=NARROW) as pilot:
        await checked(pilot, app)
        await pilot.press("X")
        await until(pilot, lambda: isinstance(app.screen, Explain))
        await pilot.pause()
        text = screen_text(app)
        assert "Unknown role" in text and "look [/] here␛]0;x" in text and "Fix:" in text
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen_of(app))
        await pilot.press("down", "X")  # nothing is wrong with that one
        await pilot.pause()
        assert app.screen is screen_of(app)


async def test_the_meter_counts_errors_and_warnings(tmp_path: Path) -> None:
    checks = FoundChecks(*(issue(n) for n in range(3)), issue(5, severity="warning"))
    app = aimed(app_on(some_wrong(tmp_path), checks=True), checks)
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, app)
        numbers = app.meter_numbers
        assert numbers is not None and (numbers.errors, numbers.warnings) == (3, 1)
        assert "✖ 3 ⚠ 1" in screen_text(app)
        checks.by_row.clear()
        checks.tell()
        await until(pilot, lambda: "✖ 3" not in screen_text(app))


async def test_work_is_shown_until_all_is_checked_and_can_be_stopped(tmp_path: Path) -> None:
    checks = FoundChecks(is_complete=False)
    app = aimed(app_on(some_wrong(tmp_path), checks=True), checks)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: app.services.checks is not None)
        await until(pilot, lambda: "Checking" in screen_text(app))
        await pilot.press("f8")
        await until(pilot, lambda: checks.is_closed)
        await until(pilot, lambda: "Checking ━" not in screen_text(app))
        app.checking.make = lambda document, target: FoundChecks(issue(3))  # type: ignore[assignment, return-value]
        await pilot.press("I", "F")
        assert not isinstance(app.screen, FixScreen)
        await pilot.press("t", "enter")  # the same target again
        await until(pilot, lambda: app.services.checks is not checks and app.services.checks is not None)
        await until(pilot, lambda: "role-unknown" in screen_text(app))


async def test_what_cannot_be_checked_is_said_once(tmp_path: Path) -> None:
    checks = FoundChecks(is_complete=False)
    app = aimed(app_on(some_wrong(tmp_path), checks=True), checks)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: checks.listeners)
        checks.error = FttuiError("A process for the checks ended.")
        checks.tell()
        checks.tell()
        await until(pilot, lambda: any("process for the checks" in toast.message for toast in app._notifications))
        await pilot.pause()
        assert sum("process for the checks" in toast.message for toast in app._notifications) == 1
        await until(pilot, lambda: "Checking ━" not in screen_text(app))


async def test_another_target_is_shown_at_once_and_remembered(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", *({**chat("S", f"Q{n}", "A"), "note": n} for n in range(12)))
    app = app_on(path, checks=True)
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, app)
        checks = app.services.checks
        assert checks is not None and app.checking.target == "local"  # where the profile trains
        await pilot.press("I", "t")
        await pilot.pause()
        await pilot.press("down", "enter")  # the first after the profile's
        await until(pilot, lambda: "checked for OpenAI" in screen_text(app))
        assert app.services.checks is checks and checks.is_complete
        await until(pilot, lambda: load_settings().settings.checks.target == "openai")
        await pilot.press("t")
        await pilot.pause()
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.checking.target == "local" and settings_file().read_text() == "")
        assert load_settings().settings.checks.target == ""


async def test_a_target_of_the_settings_that_is_none_is_said(tmp_path: Path) -> None:
    app = app_on(some_wrong(tmp_path), checks=True)
    app.services.settings = replace(app.services.settings, checks=CheckSettings("opnai"))
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, app)
        assert app.checking.target == "local"
        await until(pilot, lambda: any("no target 'opnai'" in toast.message for toast in app._notifications))


async def test_what_cannot_be_mended_is_said_without_a_look(tmp_path: Path) -> None:
    without = next(rule.id for rule in rules().values() if rule.fix is None and rule.scope == "record")
    checks = FoundChecks(issue(0, is_fixable=False), issue(1, without, is_fixable=False))
    app = aimed(app_on(some_wrong(tmp_path), checks=True), checks)
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, app)
        await pilot.press("I")
        await until(pilot, lambda: isinstance(app.screen, IssuesScreen) and app.screen.query_one(TableList).rows)
        for rule in ("role-unknown", without):
            app.screen.query_one(TableList).move_to(rule)
            await pilot.press("f")
            await until(pilot, lambda: any(rule in toast.message for toast in app._notifications))  # noqa: B023
            assert isinstance(app.screen, IssuesScreen)
            app.clear_notifications()


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_file_without_issues_has_no_strip(tmp_path: Path, size: tuple[int, int]) -> None:
    app = aimed(app_on(some_wrong(tmp_path), checks=True), FoundChecks())
    async with app.run_test(size=size) as pilot:
        await checked(pilot, app)
        assert not strip_of(app).display
        await pilot.press("f")  # says so, and nothing happens
        await pilot.press("I")
        await until(pilot, lambda: "Nothing is wrong with this file." in screen_text(app))


async def test_i_finds_an_issue_among_many_rows(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "many.jsonl", *(chat("Be brief.", f"Q{n}", "A") for n in range(2_500)))
    app = aimed(app_on(path, checks=True), FoundChecks(issue(2_300)))
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, app)
        await pilot.press("i")
        await until(pilot, lambda: rows_of(app).cursor_row == 2_300)
        await pilot.press("i")  # there is no other
        await settle(pilot, app)
        assert rows_of(app).cursor_row == 2_300


async def test_a_filter_by_issue_follows_until_all_is_checked(tmp_path: Path) -> None:
    checks = FoundChecks(issue(1), is_complete=False)
    app = aimed(app_on(some_wrong(tmp_path), checks=True), checks)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: checks.listeners)
        await settle(pilot, app)
        await pilot.press("slash")
        await type_text(pilot, "issue:error")
        await until(pilot, lambda: rows_of(app).count == 1)
        checks.by_row[7] = [issue(7)]
        checks.is_complete = True
        checks.tell()
        await until(pilot, lambda: rows_of(app).count == 2)
        await pilot.press("enter")
        del checks.by_row[7]  # what is mended stays in sight until the next search
        checks.tell()
        await settle(pilot, app)
        await pilot.pause(0.2)
        assert rows_of(app).count == 2


async def test_the_list_does_not_wait_for_the_first_place_of_a_rule(tmp_path: Path) -> None:
    checks = FoundChecks(issue(4, message="found at last"), issue(5, "weight-value", "warning", message="the other"))
    may_go_on, asked = threading.Event(), list[int]()
    issues_of = checks.issues_of

    def slowly(row: int) -> list[Any]:
        if row == 4:
            assert threading.current_thread() is not threading.main_thread()
            asked.append(row)
            assert may_go_on.wait(60)
        return issues_of(row)

    checks.issues_of = slowly  # type: ignore[method-assign]
    app = aimed(app_on(some_wrong(tmp_path), checks=True), checks)
    async with app.run_test(size=WIDE) as pilot:
        try:
            await checked(pilot, app)
            await pilot.press("I")
            await until(
                pilot, lambda: asked and "Unknown role" in screen_text(app) and "fix  Writes" in screen_text(app)
            )
            assert "found at last" not in screen_text(app)
            checks.tell()
            await pilot.press("down", "up", "X")
            await pilot.pause(0.4)
            assert asked == [4] and isinstance(app.screen, IssuesScreen)  # one look at a time
        finally:
            may_go_on.set()
        await until(pilot, lambda: isinstance(app.screen, Explain) and "found at last" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, IssuesScreen) and "line 5: found at last" in screen_text(app))
        await until(pilot, lambda: asked == [4, 4])  # once more for the news, and for no other reason
        await pilot.press("down")
        await until(pilot, lambda: "line 6: the other" in screen_text(app))
        await pilot.press("up")
        await until(pilot, lambda: "line 5: found at last" in screen_text(app))
        assert asked == [4, 4]


async def test_a_rule_about_the_file_shows_its_rows_if_it_has_some(tmp_path: Path) -> None:
    records = [chat("S", f"Q{n % 4}", f"me{n % 4}@firm{n % 4}.de") for n in range(6)]
    app = app_on(write_lines(tmp_path / "a.jsonl", *records), checks=True)
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, app)
        checks = app.services.checks
        assert checks is not None
        wanted = {rule: len(checks.rows_with(rule)) for rule in checks.counts()}
        assert wanted["duplicate"] == 2 and wanted["personal-email"] == 6 and 0 in wanted.values(), wanted
        for rule, count in wanted.items():
            await pilot.press("I")
            await until(pilot, lambda: isinstance(app.screen, IssuesScreen) and app.screen.query_one(TableList).rows)
            app.screen.query_one(TableList).move_to(rule)
            await pilot.press("enter")
            if count:
                await until(pilot, lambda: f"issue:{rule}" in screen_text(app) and rows_of(app).count == count)  # noqa: B023
            else:
                await until(pilot, lambda: any("whole file" in toast.message for toast in app._notifications))
                await pilot.press("escape")
            await until(pilot, lambda: app.screen is screen_of(app))


async def test_a_preview_that_nobody_wants_any_more_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, looks = threading.Event(), list[tuple[str, ...]]()

    class Slow:
        changes_bom = False

        def __init__(self, document: Any, checks: Any, target: Any, rules: Any) -> None:
            self.rules = tuple(rules)
            looks.append(self.rules)

        def __len__(self) -> int:
            return 1

        def fixed(self, cancelled: Any) -> Any:
            if len(self.rules) > 1:
                assert may_go_on.wait(60)
                yield Fixed(7, b"{}", None)
                raise FttuiError("The disk failed.")
            yield Fixed(2, b"{}", None)

    monkeypatch.setattr("fttui.ui.screens.fix.Mending", Slow)
    necessary = next(rule.id for rule in rules().values() if rule.fix == "necessary")
    recommended = next(rule.id for rule in rules().values() if rule.fix == "recommended")
    app = aimed(app_on(some_wrong(tmp_path), checks=True), FoundChecks(issue(1, necessary), issue(1, recommended)))
    async with app.run_test(size=WIDE) as pilot:
        try:
            await checked(pilot, app)
            await pilot.press("I")
            await until(pilot, lambda: isinstance(app.screen, IssuesScreen) and app.screen.query_one(TableList).rows)
            await pilot.press("F")
            await until(pilot, lambda: looks)
            await pilot.press("n")
            await until(pilot, lambda: "1 example would change" in screen_text(app))
        finally:
            may_go_on.set()
        await pilot.pause(0.3)
        assert "line 3" in screen_text(app) and "line 8" not in screen_text(app) and "failed" not in screen_text(app)
        assert len(looks) == 2
