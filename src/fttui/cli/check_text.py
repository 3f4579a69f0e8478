"""What ``fttui check`` prints for a person: each issue with its place in the line, then numbers and the grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from fttui.core.text import one_line, safe

if TYPE_CHECKING:
    from fttui.checks.model import Issue, Severity
    from fttui.formats.places import Place

_COLOURS: Final[Mapping[Severity, str]] = {"error": "red", "warning": "yellow", "info": "cyan"}
_BEFORE: Final = 0.4
"""The part of the width that what stands before the place may take."""
_LONGEST: Final = 4000
"""Characters of a message."""


def issue_lines(name: str, issue: Issue, line: str | None, width: int) -> list[str]:
    """An issue: where, how bad and what; the line and a caret under the place.

    Args:
        name: What to call the file.
        issue: The issue.
        line: The text of its line; None when it is about the file.
        width: Columns to cut the line to.
    """
    from fttui.checks.model import show_path
    from fttui.checks.spots import spot_of

    spot = spot_of(line, issue) if line is not None else None
    place = [
        one_line(name),
        *([f"{issue.line}"] if issue.line is not None else []),
        *([f"{spot[0] + 1}"] if spot else []),
    ]
    path = f" {click.style(one_line(show_path(issue.path)), dim=True)}" if issue.path else ""
    fix = click.style(" (can be fixed)", fg="green") if issue.is_fixable else ""
    severity = click.style(issue.severity, fg=_COLOURS[issue.severity], bold=True)
    head = f"{click.style(':'.join(place), bold=True)}: {severity}: {one_line(issue.message, _LONGEST)}"
    lines = [f"{head} [{issue.rule}]{fix}{path}"]
    if line is not None and spot is not None:
        text, indent, length = excerpt(line, spot, width - 2)
        caret = click.style("^" * length, fg=_COLOURS[issue.severity], bold=True)
        lines += [f"  {text}", f"  {' ' * indent}{caret}"]
    return lines


def excerpt(line: str, spot: Place, width: int) -> tuple[str, int, int]:
    """A line, made safe and cut around a place to ``width`` columns; the columns before the place, and of it.

    Characters that take two columns, or none, are counted as the terminal does.
    """
    from rich.cells import cell_len

    start, end = spot
    before = _shown(line[max(0, start - width) : start])
    marked = _shown(line[start : min(end, start + width)])
    room = max(int(width * _BEFORE), width - cell_len(marked) - cell_len(_shown(line[end : end + width])))
    head = _last_columns(before, room, is_cut=start > width)
    marked, is_cut = _first_columns(marked, width - cell_len(head))
    tail = ""
    if not is_cut and end - start <= width:
        tail, _ = _first_columns(_shown(line[end : end + width]), width - cell_len(head) - cell_len(marked))
    return head + marked + tail, cell_len(head), max(cell_len(marked), 1)


def _shown(text: str) -> str:
    return safe(text).replace("\t", " ").replace("\n", " ")


def _first_columns(text: str, width: int) -> tuple[str, bool]:
    """What fits into ``width`` columns, with … where more follows, and whether more follows."""
    from rich.cells import cell_len

    if cell_len(text) <= width:
        return text, False
    low, high = 0, len(text)
    while low < high:  # the longest head that leaves a column for …
        middle = (low + high + 1) // 2
        low, high = (middle, high) if cell_len(text[:middle]) < width else (low, middle - 1)
    return f"{text[:low]}…", True


def _last_columns(text: str, width: int, *, is_cut: bool) -> str:
    """The end of a text that fits into ``width`` columns, after … where something is left out."""
    from rich.cells import cell_len

    if cell_len(text) <= width and not is_cut:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if cell_len(text[middle:]) < width else (middle + 1, high)
    return f"…{text[low:]}"


def rule_rows(counts: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """A row of the table of rules that are broken, for each: severity, rule, issues, what its fix does."""
    from fttui.checks.table import rules

    rows = []
    for name, count in counts.items():
        rule = rules()[name]
        fix = f"{rule.fix}: {rule.fix_text}" if rule.fix else ""
        rows.append((rule.title, name, f"{count.issues:,}", fix))
    return rows


def grid_text(grid: Mapping[str, str]) -> str:
    """For each target whether the file is ready, on one line."""
    colours = {"ok": "green", "fixable": "yellow", "impossible": "red"}
    signs = {"ok": "✓", "fixable": "~", "impossible": "✗"}
    return "  ".join(click.style(f"{signs[state]} {name}", fg=colours[state]) for name, state in grid.items())


def summary_sentence(numbers: Sequence[tuple[int, str]]) -> str:
    """``2 errors, 1 warning``; what there is none of is left out."""
    said = [f"{number:,} {word}{'' if number == 1 else 's'}" for number, word in numbers if number]
    return ", ".join(said) or "nothing found"
