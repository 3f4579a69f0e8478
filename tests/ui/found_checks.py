"""Checks that find what a test says, in the place of `fttui.checks.live.live.LiveChecks`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fttui.checks.model import Issue, Severity, Target
from fttui.checks.report import RuleCount
from fttui.dataset.rowset import RowSet

Rows = Mapping[int, Sequence[Issue]]


def issue(
    row: int | None, rule: str = "role-unknown", severity: Severity = "error", message: str = "", **more: Any
) -> Issue:
    """An issue of a row (from 0)."""
    line = None if row is None else row + 1
    path = more.pop("path", ("messages", 1, "role"))
    is_fixable = more.pop("is_fixable", True)
    return Issue(line, rule, severity, message or f"{rule} here", path, is_fixable, ("openai",), **more)


class FoundChecks:
    """Finds the issues it is given, in the rows it is given, whatever stands there."""

    def __init__(self, *found: Issue, whole: Sequence[Issue] = (), is_complete: bool = True) -> None:
        self.by_row: dict[int, list[Issue]] = {}
        for each in found:
            assert each.line is not None
            self.by_row.setdefault(each.line - 1, []).append(each)
        self.whole = list(whole)
        self.is_complete = is_complete
        self.progress = 1.0 if is_complete else 0.25
        self.kind = "chat"
        self.facts = object()
        self.targets: Sequence[Target] = ("openai",)
        self.error: Exception | None = None
        self.is_stale = False
        self.grid = {"openai": "fixable", "azure": "impossible", "local": "ok"}
        self.drafts: list[Any] = []
        self.is_closed = False
        self.listeners: list[Callable[[], None]] = []

    def _all(self) -> list[Issue]:
        return [*self.whole, *(each for issues in self.by_row.values() for each in issues)]

    @property
    def errors(self) -> int:
        return sum(each.severity == "error" for each in self._all())

    @property
    def warnings(self) -> int:
        return sum(each.severity == "warning" for each in self._all())

    def severity_of(self, row: int) -> str:
        severities = {each.severity for each in self.by_row.get(row, ())}
        return next((severity for severity in ("error", "warning") if severity in severities), "")

    def issues_of(self, row: int) -> list[Issue]:
        return list(self.by_row.get(row, ()))

    def issues_of_draft(self, record: Any) -> list[Issue]:
        self.drafts.append(record)
        return [] if "right" in str(record) else [issue(0, message="still wrong")]

    def file_issues(self) -> list[Issue]:
        return self.whole

    def counts(self) -> dict[str, RuleCount]:
        names = dict.fromkeys(each.rule for each in self._all())
        return {
            name: RuleCount(
                sum(each.rule == name for each in self._all()),
                len(self.rows_with(name)),
                sum(each.rule == name and each.is_fixable for each in self._all()),
            )
            for name in names
        }

    def rows_with(self, name: str) -> RowSet:
        return RowSet.of(row for row, found in self.by_row.items() if any(name in (i.rule, i.severity) for i in found))

    def aim(self, targets: Sequence[Target]) -> None:
        self.targets = targets
        self.tell()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def tell(self) -> None:
        """There is news."""
        for listener in self.listeners:
            listener()

    def close(self) -> None:
        self.is_closed = True
