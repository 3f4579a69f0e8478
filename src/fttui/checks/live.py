"""The checks of a file that is open for editing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fttui.checks.engine import check_record, issues_of
from fttui.checks.model import Issue, Target
from fttui.checks.report import Readiness, Report, RuleCount
from fttui.checks.rows import check_one
from fttui.checks.run import Options, check_lines
from fttui.core.errors import FttuiError
from fttui.dataset.rowset import RowSet

if TYPE_CHECKING:
    from fttui.checks.facts import FileFacts
    from fttui.dataset.document import Document
    from fttui.dataset.edits import Change
    from fttui.formats.kinds import Kind


class LiveChecks:
    """The checks of a `Document`."""

    def __init__(self, document: Document, options: Options) -> None:
        """Begin to check; from any thread. Call `close` at the end."""
        self.options = options
        self._document = document
        self._listeners: list[Callable[[], None]] = []
        self._news = threading.Condition()
        self._is_stale = True
        self._closed = False
        self._report: Report | None = None
        self._stop = document.subscribe(self._edited)
        self._thread = threading.Thread(target=self._run, name="checks", daemon=True)
        self._thread.start()

    @property
    def kind(self) -> Kind:
        return self._report.kind if self._report else "chat"

    @property
    def grid(self) -> Mapping[Target, Readiness]:
        """For all targets, as in `Report`; none until there is a report."""
        return self._report.grid if self._report else {}

    @property
    def facts(self) -> FileFacts | None:
        """What file fixes plan with; None until all is checked."""
        return self._report.facts if self._report else None

    @property
    def progress(self) -> float:
        return 1.0 if self.is_complete else 0.5

    @property
    def is_complete(self) -> bool:
        return self._report is not None and not self._is_stale

    @property
    def errors(self) -> int:
        return self._report.errors if self._report else 0

    @property
    def warnings(self) -> int:
        return self._report.warnings if self._report else 0

    def severity_of(self, row: int) -> str:
        report = self._report
        if report is None or row >= len(report.marks.rows):
            return ""
        marks = report.marks.table.all[report.marks.rows[row]]
        severities = {mark.severity_for(self.options.targets) for mark in marks}
        return "error" if "error" in severities else "warning" if "warning" in severities else ""

    def issues_of(self, row: int) -> list[Issue]:
        raw = self._document.raw(row)
        _, found = check_one(raw, self.kind)
        return issues_of(found, row + 1, self.options.targets)

    def issues_of_draft(self, record: Mapping[str, Any]) -> list[Issue]:
        return issues_of(check_record(dict(record), self.kind), None, self.options.targets)

    def file_issues(self) -> list[Issue]:
        return [issue for issue in self._report.issues if issue.line is None] if self._report else []

    def counts(self) -> dict[str, RuleCount]:
        return self._report.counts if self._report else {}

    def rows_with(self, name: str) -> RowSet:
        report = self._report
        if report is None:
            return RowSet()
        if name in ("error", "warning"):
            return RowSet.of(row for row in range(len(report.marks.rows)) if self.severity_of(row) == name)
        return RowSet.of(report.rows_of(name))

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def check_again(self) -> None:
        with self._news:
            self._is_stale = True
            self._news.notify_all()

    def wait(self, timeout_s: float | None = None) -> bool:
        with self._news:
            return self._news.wait_for(lambda: self.is_complete, timeout_s)

    def close(self) -> None:
        self._stop()
        with self._news:
            self._closed = True
            self._news.notify_all()
        self._thread.join()

    def _edited(self, change: Change) -> None:
        self.check_again()

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._closed or self._is_stale)
                if self._closed:
                    return
            try:
                self._document.build_index(cancel=lambda: self._closed)
                snapshot = self._document.snapshot()
                with self._news:
                    self._is_stale = False
                report = check_lines(list(snapshot.raws()), self.options)
            except FttuiError:
                return
            with self._news:
                self._report = report
                self._news.notify_all()
            for listener in list(self._listeners):
                listener()
