"""What ``fttui check`` prints for a person: each issue with its place in the line, then numbers and the grid."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from fttui.core.text import one_line, safe

if TYPE_CHECKING:
    from fttui.checks.model import Issue, Severity, Target
    from fttui.checks.report import Report
    from fttui.cli.progress import Progress
    from fttui.formats.places import Place

_COLOURS: Final[Mapping[Severity, str]] = {"error": "red", "warning": "yellow", "info": "cyan"}
_BEFORE: Final = 0.4
"""The part of the width that what stands before the place may take."""
_LETTERS: Final = 12
"""Characters that a column may take: accents, and what joins signs to one, take none."""
_LONGEST: Final = 4000
"""Characters of a message."""


def issue_lines(name: str, issue: Issue, line: str | None, width: int, asked: Sequence[Target] = ()) -> list[str]:
    """An issue: where, how bad and what; the line and a caret under the place.

    Args:
        name: What to call the file.
        issue: The issue.
        line: The text of its line; None when it is about the file.
        width: Columns to cut the line to.
        asked: The targets asked about; where the issue is one for some of them only, these are named.
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
    who = f" for {', '.join(issue.targets)}" if len(issue.targets) < len(asked) else ""
    fix = click.style(" (can be fixed)", fg="green") if issue.is_fixable else ""
    severity = click.style(issue.severity, fg=_COLOURS[issue.severity], bold=True)
    head = f"{click.style(':'.join(place), bold=True)}: {severity}: {one_line(issue.message, _LONGEST)}"
    lines = [f"{head} [{issue.rule}]{who}{fix}{path}"]
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
    most = width * _LETTERS
    before = _shown(line[max(0, start - most) : start])
    marked = _shown(line[start : min(end, start + most)])
    after = _shown(line[end : end + most])
    room = max(int(width * _BEFORE), width - cell_len(marked) - cell_len(after))
    head = _last_columns(before, room, is_cut=start > most)
    marked, is_whole = _first_columns(marked, width - cell_len(head), is_cut=end - start > most)
    left = width - cell_len(head) - cell_len(marked)
    tail = _first_columns(after, left, is_cut=len(line) > end + most)[0] if is_whole and left else ""
    return head + marked + tail, cell_len(head), max(cell_len(marked), 1)


def _shown(text: str) -> str:
    return safe(text).replace("\t", " ").replace("\n", " ")


def _first_columns(text: str, width: int, *, is_cut: bool) -> tuple[str, bool]:
    """The beginning of a text that fits into ``width`` columns, with … where more follows; whether it is all."""
    from rich.cells import cell_len

    if not is_cut and cell_len(text) <= width:
        return text, True
    low, high = 0, len(text)
    while low < high:  # the longest head that leaves a column for …
        middle = (low + high + 1) // 2
        low, high = (middle, high) if cell_len(text[:middle]) < width else (low, middle - 1)
    return f"{text[:low]}…", False


def _last_columns(text: str, width: int, *, is_cut: bool) -> str:
    """The end of a text that fits into ``width`` columns, after … where something is left out."""
    from rich.cells import cell_len

    if not is_cut and cell_len(text) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if cell_len(text[middle:]) < width else (middle + 1, high)
    while low < len(text) and (not cell_len(text[low]) or cell_len(text[low:]) >= width):
        low += 1  # what belongs to a letter that is left out; without it the rest may be wider
    return f"…{text[low:]}"


def printer_of(path: Path, targets: Sequence[Target], progress: Progress, width: int) -> Callable[[list[Issue]], None]:
    """Something that prints issues of lines while the file is still being checked, in the file's order."""
    from fttui.checks.line_texts import LineTexts

    lines: list[LineTexts] = []

    def print_issues(issues: list[Issue]) -> None:
        lines[:] = lines or [LineTexts(path)]
        texts = lines[0].of(issue.line for issue in issues if issue.line is not None)
        with progress.aside():
            _echo(_all_issue_lines(str(path), issues, texts, targets, width))

    return print_issues


def print_report(
    path: Path,
    report: Report,
    texts: Mapping[int, str],
    extra: Mapping[str, Any],
    width: int,
    *,
    are_lines_printed: bool = False,
) -> None:
    """Print the issues of a file, how many there are of each rule, what mending did, and for whom the file is ready."""
    from fttui.checks.table import rules

    name = one_line(extra.get("output") or str(path))
    issues = [issue for issue in report.issues if not are_lines_printed or issue.line is None]
    _echo(_all_issue_lines(name, issues, texts, report.targets, width))
    if report.issues:
        click.echo()
    _echo(_count_lines(report))
    _echo(_fix_lines(extra))
    what = "1 example" if report.examples == 1 else f"{report.examples:,} examples"
    found = summary_sentence([(report.errors, "error"), (report.warnings, "warning"), (report.infos, "info")])
    what += f", {report.kind}" if report.examples else ""
    _echo([f"{click.style(name, bold=True)}: {what}: {found}.", *grid_lines(report.grid)])
    if "fixed" not in extra and any(rules()[rule].fix for rule in report.counts):
        _echo(["--diff shows what can be mended, --fix mends a copy."])


def _all_issue_lines(
    name: str, issues: Iterable[Issue], texts: Mapping[int, str], targets: Sequence[Target], width: int
) -> Iterator[str]:
    for issue in issues:
        text = texts.get(issue.line) if issue.line is not None else None
        yield from issue_lines(name, issue, text, width, targets)


def _count_lines(report: Report) -> list[str]:
    """For each rule that is broken: how often, how bad, its id, what it is called, and what its fix does."""
    rows = [_count_row(report, name) for name in report.counts]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    lines = []
    for number, severity, name, title, fix in rows:
        colour = _COLOURS[severity]
        cells = (
            number.rjust(widths[0]),
            click.style(severity.ljust(widths[1]), fg=colour),
            name.ljust(widths[2]),
            title.ljust(widths[3]) if fix else title,
        )
        lines.append("  ".join((" ", *cells)) + (click.style(f"  fix: {fix}", fg="green") if fix else ""))
    return lines


def _count_row(report: Report, name: str) -> tuple[str, Severity, str, str, str]:
    from fttui.checks.model import SEVERITIES
    from fttui.checks.table import rules

    rule = rules()[name]
    known = {severity for target in report.targets if (severity := rule.severity_for(target)) is not None}
    worst = next((severity for severity in SEVERITIES if severity in known), rule.severity)
    return f"{report.counts[name].issues:,}", worst, name, rule.title, rule.fix_text if rule.fix else ""


def _fix_lines(extra: Mapping[str, Any]) -> list[str]:
    """What was mended, and where that is."""
    if "fixed" not in extra:
        return []
    if not extra["fixed"]:
        return ["Nothing to mend" + (f"; copied to {one_line(extra['output'])}." if extra["output"] else ".")]
    mended = ", ".join(f"{rule} {count:,}×" for rule, count in extra["fixed"].items())
    count = extra["deleted"]
    deleted = "" if not count else " 1 line was deleted." if count == 1 else f" {count:,} lines were deleted."
    return [f"Mended: {mended}.{deleted} Written to {one_line(extra['output'])}, which was checked again:"]


def print_diff(diff: Iterable[str]) -> None:
    """Print a unified diff, with colours on a terminal."""
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in diff:
        _echo([click.style(safe(line), fg=colours.get(line[:1]))])


def grid_lines(grid: Mapping[str, str]) -> list[str]:
    """The targets for which the file is ready, those for which a fix makes it so, and the others."""
    colours = {"ok": "green", "fixable": "yellow", "impossible": "red"}
    named = {state: [name for name, other in grid.items() if other == state] for state in colours}
    return [
        f"  {click.style(state.ljust(10), fg=colours[state])}  {', '.join(names)}"
        for state, names in named.items()
        if names
    ]


def summary_sentence(numbers: Sequence[tuple[int, str]]) -> str:
    """``2 errors, 1 warning``; what there is none of is left out."""
    said = [f"{number:,} {word}{'' if number == 1 else 's'}" for number, word in numbers if number]
    return ", ".join(said) or "nothing found"


def _echo(lines: Iterable[str]) -> None:
    colour = False if "NO_COLOR" in os.environ else None
    for line in lines:
        click.echo(line, color=colour)
