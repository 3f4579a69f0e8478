"""The issues of a file as rows of a table, and the targets for which it is ready: pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from textual.content import Content

from fttui.core.text import one_line
from fttui.ui.issue_text import DIM, SIGNS
from fttui.ui.widgets.table_list import Cell, Column, TableRow

if TYPE_CHECKING:
    from fttui.checks.live.live import LiveChecks
    from fttui.checks.model import Issue, Target
    from fttui.checks.report import RuleCount
    from fttui.dataset.document import Document

_FIX: Final = 11
COLUMNS: Final = (
    Column("", 1),
    Column("rule", 27),
    Column("issues", 9, right=True),
    Column("examples", 9, right=True),
    Column("fix", _FIX, optional=True),
    Column("what", 0, optional=True),
)
_TONES: Final = {"error": "bad", "warning": "busy", "info": "muted"}
_GAP: Final = 3
"""Blanks between two targets."""
_READY: Final = {"ok": ("✓", "$success"), "fixable": ("⚠", "$issue-warn"), "impossible": ("✖", "$issue-error")}


def rows_of(checks: LiveChecks, target: Target) -> list[TableRow]:
    """The rules that are not kept, the worst and most frequent first."""
    from fttui.checks.model import SEVERITIES
    from fttui.checks.table import rules

    table, found = rules(), checks.counts()
    severities = {name: table[name].severity_for(target) or table[name].severity for name in found}
    ordered = sorted(found, key=lambda name: (SEVERITIES.index(severities[name]), -found[name].issues, name))
    return [
        TableRow(
            name,
            (
                Cell(SIGNS[severities[name]], _TONES[severities[name]]),
                Cell(name),
                Cell(f"{found[name].issues:,}"),
                Cell(f"{found[name].rows:,}" if found[name].rows else "file", "" if found[name].rows else "muted"),
                Cell(fix_text(found[name], table[name].fix), "good" if found[name].fixable else "muted"),
                Cell(table[name].title, "muted"),
            ),
        )
        for name in ordered
    ]


def fix_text(count: RuleCount, kind: str | None) -> str:
    """``necessary``, or ``1 of 2`` when the fix mends not all; ``by hand`` where it mends none, or there is none."""
    if not kind or not count.fixable:
        return "by hand"
    if count.fixable == count.issues:
        return kind
    some = f"{count.fixable:,} of {count.issues:,}"
    return some if len(some) <= _FIX else "some"


def title_text(title: str, target: Target, checks: LiveChecks) -> Content:
    """``tickets.jsonl, chat, checked for OpenAI · ✖ 12 ⚠ 30``."""
    from fttui.checks.targets import targets

    parts: list[str | tuple[str, str]] = [(one_line(title, 60), "bold")]
    parts.append(f", {checks.kind}, checked for {targets()[target].title} · ")
    if not checks.is_complete:
        parts.append(f"{int(checks.progress * 100)}% so far · ")
    parts += [(f"✖ {checks.errors:,}", "$issue-error"), " ", (f"⚠ {checks.warnings:,}", "$issue-warn")]
    return Content.assemble(*parts)


def grid_text(grid: Mapping[Target, str], target: Target, width: int, *, is_complete: bool = True) -> Content:
    """For each target a sign and a word, in columns: ``openai ✓ ok``; the chosen target is underlined.

    While not all is checked, nothing is said to be right yet.
    """
    names = max(map(len, grid), default=0)
    cell = names + len(" ✖ impossible") + _GAP
    in_line = max(1, (width + _GAP) // cell)
    lines: list[Content] = []
    for number, (name, state) in enumerate(grid.items()):
        if number % in_line == 0:
            lines.append(Content(""))
        sign, style = _READY[state]
        word = f"{sign} {state}" if is_complete or state != "ok" else "… ok so far"
        label = Content.assemble((name, "bold underline" if name == target else ""), " " * (names - len(name) + 1))
        fill = " " * (cell - names - 1 - len(word))
        lines[-1] += label + Content.assemble((word, style if is_complete or state != "ok" else DIM), fill)
    return Content("\n").join(lines)


def first_found(checks: LiveChecks, document: Document, rule: str) -> Issue | None:
    """The first issue of a rule; in a thread, for it goes through all rows and checks one, which may be long."""
    whole = next((issue for issue in checks.file_issues() if issue.rule == rule), None)
    if whole is not None:
        return whole
    rows = checks.rows_with(rule)
    if not rows or rows.at(0) >= len(document):
        return None
    return next((issue for issue in checks.issues_of(rows.at(0)) if issue.rule == rule), None)
