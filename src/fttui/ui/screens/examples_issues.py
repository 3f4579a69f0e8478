"""What is wrong with the examples: the strip under the conversation, leaps, fixes, and the list of all issues."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from textual import on
from textual.message import Message
from textual.worker import get_current_worker

from fttui.core.errors import FttuiError, InputError
from fttui.dataset.document import Document
from fttui.ui.keys import BY_ID
from fttui.ui.row_source import DocumentRows, Order
from fttui.ui.row_source import Issue as RowIssue
from fttui.ui.screens.examples_marking import examples
from fttui.ui.screens.examples_overview import Overview
from fttui.ui.tasks import task
from fttui.ui.widgets.issue_strip import IssueStrip

if TYPE_CHECKING:
    from textual.worker import Worker

    from fttui.checks.live.live import LiveChecks
    from fttui.checks.model import Issue
    from fttui.dataset.rowset import RowSet
    from fttui.ui.mending import Mended, Mending
    from fttui.ui.row_edits import RowEdits, Spot
    from fttui.ui.screens.issues import Chosen

_LONGEST_QUICK: Final = 32 * 1024
"""Bytes of a line that is checked while the person waits; a longer one, or one with tools, is in a thread."""
_SLOW: Final = (b'"tools"', b'"functions"')
_NEAR: Final = 2_000
"""Rows from the cursor on that are looked at for an issue while the person waits."""
_REST_S: Final = 0.08
"""How long nothing else is to be shown before a long example is checked: a key that is held passes many."""
_STEP_S: Final = 0.02
_LOOKING: Final = "Checking this example …"


def is_quick(raw: bytes) -> bool:
    """Whether an example is checked in less than a key may take; schemas of tools must be imported and read first."""
    return len(raw) <= _LONGEST_QUICK and not any(key in raw for key in _SLOW)


def _is_wanted_still() -> bool:
    """Whether the task of this thread, after a short rest, was not replaced by another."""
    worker, end = get_current_worker(), time.monotonic() + _REST_S
    while not worker.is_cancelled and time.monotonic() < end:
        time.sleep(_STEP_S)
    return not worker.is_cancelled


class Issues(Overview):
    """Showing what the checks found, and mending it."""

    @dataclass
    class Looked(Message):
        """A long example was checked, as it is or as it is being typed."""

        document: Document
        row: int
        issues: Sequence[Issue]
        is_draft: bool

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Issues.Looked)

    @dataclass
    class Far(Message):
        """All rows with an issue; none of them is near the cursor."""

        document: Document
        revision: int
        rows: RowSet
        step: int

    @dataclass
    class Fixed(Message):
        """All examples that some rules found something in were mended."""

        mended: Mended

    def __init__(self) -> None:
        super().__init__()
        self._news_shown: object = None
        self._own_shown: object = None
        """What the issues on the screen hang on; None: they are to be looked for again."""
        self._line_shown: object = None
        self._known_shown: tuple[str, bool] = ("", False)
        """What was known of the example when it was checked: how bad it is, and whether the file was edited since."""
        self._searched_early = False
        """Whether rows with issues were looked for before all was checked."""
        self._leaps_to = -1
        """The row of an issue that is to be shown next, with the cursor on what it is about."""

    @property
    def _checks(self) -> LiveChecks:
        checks = self.services.checks
        if checks is None:
            raise InputError("Nothing is checked yet.", hint="Do it again in a moment.")
        return checks

    @property
    def _strip(self) -> IssueStrip:
        return self._pane.query_one(IssueStrip)

    # --- showing --------------------------------------------------------------------------------------------------
    def _source(self, view: Order) -> DocumentRows:
        browse, file = self._browse, self.services.files.of(self._browse.document)

        def issue(row: int) -> RowIssue:
            return "" if file is None or file.checks is None else cast("RowIssue", file.checks.severity_of(row))

        def news() -> object:
            return None if file is None else file.checks_news

        return DocumentRows(browse.document, self.services, view, lambda: browse.marked, issue, news)

    def _follow(self) -> None:
        super()._follow()
        file = self.services.files.active
        news = None if file is None else (file, file.checks_news)
        if news == self._news_shown:
            return
        self._news_shown = news
        checks = self.services.checks
        self._rows.sync_issues((lambda row: "") if checks is None else checks.severity_of)
        if self._pane.editor is not None:
            self._own_shown = None
        else:
            self._show_issues(self._row, is_news=True)
        if self._searched_early and checks is not None and checks.is_complete and "issue:" in self._browse.query:
            self.search(self._browse.query)

    def search(self, text: str) -> Worker[Any]:
        checks = self.services.checks
        self._searched_early = checks is None or not checks.is_complete
        return super().search(text)

    def _show_row(self, row: int, *, keep_place: bool = False) -> None:
        super()._show_row(row, keep_place=keep_place)
        self._show_issues(self._row)

    def _show_issues(self, row: int, *, is_news: bool = False) -> None:
        """Show what is wrong with ``row``; a long one in a moment, and upon news only if they concern it."""
        checks, document, strip = self.services.checks, self.services.document, self._strip
        if checks is None or document is None or not 0 <= row < len(document):
            self._own_shown = self._line_shown = None
            strip.appear(shown=False)
            strip.show(())
            return
        if self._has_issues:
            strip.appear()
        try:
            raw = document.raw(row)
            line = (document, document.key(row), row, row == len(document) - 1)
            own = (line, checks, tuple(checks.targets), self._in_file(checks))
            if is_news and own == self._own_shown:
                is_due = checks.is_complete if is_quick(raw) else self._is_known_better(checks, row)
                if not is_due:
                    return
            was_shown, self._line_shown, self._own_shown = self._line_shown == line, line, own
            self._known_shown = (checks.severity_of(row), checks.is_stale)
            if is_quick(raw):
                self._put_issues(checks.issues_of(row))
                return
        except (FttuiError, IndexError):  # the disk failed, or a thread has just removed the row: the list says so
            strip.show(())
            return
        if not (is_news and was_shown):  # what is shown of the same line stays until the answer
            strip.show((), note=_LOOKING)
        self._look_closer(row)

    def _in_file(self, checks: LiveChecks) -> object:
        """What the rules about the whole file found: examples that concern each other."""
        from fttui.checks.table import rules

        return {name: count for name, count in checks.counts().items() if rules()[name].scope == "file"}

    def _is_known_better(self, checks: LiveChecks, row: int) -> bool:
        """Whether more is known of an example than when it was checked, though it is as it was."""
        from fttui.checks.table import rules

        severity, was_stale = self._known_shown
        worst, shown = checks.severity_of(row), self._strip.issues
        if worst and worst != severity and all(issue.severity != worst for issue in shown):
            return True
        return was_stale and not checks.is_stale and any(rules()[issue.rule].scope == "file" for issue in shown)

    def _put_issues(self, issues: Sequence[Issue]) -> None:
        strip = self._strip
        labels = [self.app.keymap.label_of(BY_ID[name]) for name in ("issue.fix", "issue.why")]
        strip.name_keys(*labels)
        strip.show(issues)
        strip.appear(shown=bool(issues) or strip.display or self._has_issues)
        leaps_to, self._leaps_to = self._leaps_to, -1
        if issues and leaps_to == self._row:
            self._stand_on(issues[0])

    @property
    def _has_issues(self) -> bool:
        checks = self.services.checks
        return checks is not None and any(count.rows for count in checks.counts().values())

    @task(group="issues", thread=True)
    def _look_closer(self, row: int) -> None:
        document, checks = self._document, self._checks
        if _is_wanted_still():
            self._tell_looked(self.Looked(document, row, checks.issues_of(row), is_draft=False))

    @task(group="issues", thread=True)
    def _look_at_draft(self, row: int, record: Mapping[str, Any]) -> None:
        document, checks = self._document, self._checks
        if _is_wanted_still():
            self._tell_looked(self.Looked(document, row, checks.issues_of_draft(dict(record)), is_draft=True))

    def _tell_looked(self, message: Looked) -> None:
        """Show what a task of this thread found, unless something else was asked meanwhile."""
        if not get_current_worker().is_cancelled:
            self.post_message(message)

    @on(Looked)
    def _show_looked(self, message: Looked) -> None:
        message.stop()
        if self.services.document is not message.document or self._row != message.row:
            return
        if message.is_draft == (self._pane.editor is not None):
            self._put_issues(message.issues)

    def show_draft_issues(self, record: Mapping[str, Any], typed: int) -> None:
        """Show what is wrong with the example as it is being typed; ``typed`` characters are in the editor."""
        checks = self.services.checks
        if checks is None:
            return
        if typed <= _LONGEST_QUICK and is_quick(self._document.raw(self._row)):
            self._put_issues(checks.issues_of_draft(dict(record)))
        else:
            self._look_at_draft(self._row, record)

    # --- leaps ----------------------------------------------------------------------------------------------------
    def action_next_of(self, what: str, step: int) -> None:
        """The next issue is in the same example, as long as it has another."""
        checks = self.services.checks
        if what != "issue" or checks is None or self._row < 0:
            super().action_next_of(what, step)
            return
        is_seen = self._strip.display and (not self._is_narrow or self.has_class("-deep"))
        issue = self._strip.step(step) if is_seen else None
        if issue is not None:
            self._stand_on(issue)
            return
        view, cursor = self._browse.view, self._rows.cursor
        near = (view.row_at((cursor + walked * step) % len(view)) for walked in range(1, min(len(view), _NEAR) + 1))
        row = next((row for row in near if checks.severity_of(row)), None)
        if row is None and len(view) > _NEAR:
            self._look_far(step)
        else:
            self._leap(what, row)

    @task(group="leap", thread=True)
    def _look_far(self, step: int) -> None:
        """Find the next row with an issue among a million."""
        document, checks, revision = self._document, self._checks, self._document.revision
        rows = checks.rows_with("error") | checks.rows_with("warning")
        self.post_message(self.Far(document, revision, rows, step))

    @on(Far)
    def _leap_far(self, message: Far) -> None:
        message.stop()
        if self.services.document is message.document and message.document.revision == message.revision:
            self._leap("issue", self._browse.next_in(message.rows, self._rows.cursor, message.step))

    def _leap(self, what: str, row: int | None) -> None:
        super()._leap(what, row)
        if what == "issue" and self._rows.cursor_row != self._row:
            self._leaps_to = self._rows.cursor_row

    def _stand_on(self, issue: Issue) -> None:
        """Put the cursor on the message that an issue is about."""
        if not issue.path or self._pane.editor is not None:
            return
        from fttui.ui.mending import message_at

        record = self._document.parsed(self._row).value
        message = message_at(record, issue.path) if isinstance(record, dict) else None
        if message is not None:
            self._pane.view.stand_on_message(message)

    # --- one example ----------------------------------------------------------------------------------------------
    def action_fix_issue(self) -> None:
        """Mend what the chosen issue says."""
        from fttui.ui.mending import fix_issue, is_of_file

        self.finish_draft()
        row, issue = self._row, self._strip.chosen
        if issue is None:
            self._say(InputError("Nothing is wrong with this example.", hint="i goes to the next one with an issue."))
        elif issue.is_fixable and is_of_file(issue.rule):
            self._preview(issue.rule)
        elif self._mend(lambda: fix_issue(self._document, row, issue, self._checks, self.app.checking.target)):
            self.notify(f"Fixed {issue.rule} in line {row + 1:,}; u takes it back.", markup=False, timeout=3)

    def _preview(self, rule: str) -> None:
        """Look at what a fix of the whole file would change."""
        from fttui.ui.screens.fix import FixScreen

        file = self.services.files.active
        why_not = "" if file is None else self.app.checking.why_not_mended_now(file)
        if file is None or why_not:
            self._say(InputError(why_not))
            return

        def chosen(mending: Mending | None) -> None:
            if mending is not None:
                self._fix_all(mending)

        self.app.push_screen(FixScreen(file.document, self._checks, self.app.checking.target, [rule]), chosen)

    def action_fix_example(self) -> None:
        """Mend everything in the example that has a fix."""
        from fttui.ui.mending import fix_example

        self.finish_draft()
        row = self._row
        if row >= 0 and self._mend(lambda: fix_example(self._document, row, self._checks, self.app.checking.target)):
            left = len(self._strip.issues)
            more = f"; {left} left" if left else ""
            self.notify(f"Fixed line {row + 1:,}{more}; u takes it back.", markup=False, timeout=3)

    def _mend(self, mend: Callable[[], Spot | None]) -> bool:
        """Run a fix; whether anything changed."""
        revision = self._document.revision
        spot, was_refused = None, True

        def edit(_edits: RowEdits) -> Spot | None:
            nonlocal spot, was_refused
            spot = mend()
            was_refused = False
            return spot

        self._change(edit)
        if spot is None and not was_refused:
            self.notify("Nothing here has an automatic fix: e edits the example.", markup=False, timeout=3)
        return self._document.revision != revision

    def action_why_issue(self) -> None:
        """Explain the chosen issue."""
        from fttui.ui.screens.explain import Explain

        issue = self._strip.chosen
        if issue is None:
            self._say(InputError("Nothing is wrong with this example.", hint="i goes to the next one with an issue."))
        else:
            self.app.push_screen(Explain(issue.rule, self.app.checking.target, issue))

    # --- all examples ---------------------------------------------------------------------------------------------
    def action_issues(self) -> None:
        """List all issues of the file."""
        from fttui.ui.screens.issues import IssuesScreen

        self.finish_draft()
        file = self.services.files.active
        if file is not None:
            self._checks  # noqa: B018  (says so when nothing is checked yet)
            self.app.push_screen(IssuesScreen(file, self.app.checking), self._issues_closed)

    def _issues_closed(self, chosen: Chosen | None) -> None:
        if chosen is None:
            return
        if chosen.mending is not None:
            self._fix_all(chosen.mending)
        elif chosen.row is not None:
            self._go_to_row(chosen.row)
        elif chosen.rule:
            self._began = self._rows.cursor_row
            self._bar.put(f"issue:{chosen.rule}")
            self._bar.display = True
            self.search(self._bar.value)
            self._go_to(self._rows)

    @task(group="fix", thread=True)
    def _fix_all(self, mending: Mending) -> None:
        worker = get_current_worker()
        with self.app.works.running("Fixing", total=len(self._document), cancel=worker.cancel) as work:
            mended = mending.apply(lambda: worker.is_cancelled, work.advance)
        if not mended.is_cancelled:
            self.post_message(self.Fixed(mended))

    @on(Fixed)
    def _all_fixed(self, message: Fixed) -> None:
        message.stop()
        self._sync()
        self._show_row(self._rows.cursor_row, keep_place=True)
        self.refresh_bindings()
        self.app.document_edited(None)
        changed, deleted, _ = message.mended
        said = [f"Fixed {examples(changed)}" if changed else "", f"deleted {examples(deleted)}" if deleted else ""]
        words = ", ".join(part for part in said if part) or "There was nothing to fix"
        self.notify(f"{words[:1].upper()}{words[1:]}; u takes all of it back.", markup=False, timeout=5)

    if TYPE_CHECKING:

        def _change(self, edit: Callable[[RowEdits], Spot | None]) -> Spot | None: ...
