"""The question about the unsaved edits of a session that ended without saving or asking."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from fttui.core.text import one_line
from fttui.ui.screens.dialogs import Answer, Question


@dataclass(frozen=True, slots=True)
class RecoveredLine:
    """One row that differs from the file.

    Attributes:
        line: Its number, from 1; that in the file when it was deleted.
        kind: ``changed``, ``added``, ``deleted`` or ``moved``.
        before: The part of the line in the file that differs; "" when it has none.
        after: The same part of the line with the edits; "" when it has none.
    """

    line: int
    kind: str
    before: str
    after: str


class RecoverDialog(Question[str]):
    """Says what was found; dismissed with "restore", "discard", "save" (the lines, elsewhere), or None: later.

    Args:
        title: The file.
        steps: How many edits were made since it was saved.
        when: When the last one was made, in Unix seconds.
        lines: The first rows that differ.
        changes: How many differ.
        fits: Whether the file is still the one that was edited.
    """

    DEFAULT_CSS = """
    RecoverDialog {
        & > Vertical { width: 100; }
        .recover--lines { height: auto; max-height: 20; margin-top: 1; scrollbar-size-vertical: 1; }
        .recover--lines Static { height: 1; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    def __init__(
        self, title: str, steps: int, when: float, lines: Sequence[RecoveredLine], changes: int, *, fits: bool
    ) -> None:
        name = one_line(title, 60)
        edits = f"{steps:,} edit{'' if steps == 1 else 's'}"
        ended = f"fttui ended before {edits} of {name} could be saved, the last of {when_text(when)}."
        answers: tuple[Answer[str], ...]
        if fits:
            text = [ended]
            answers = (Answer("yes", "Restore", "restore"), Answer("discard", "Discard", "discard"))
        else:
            text = [
                ended,
                "Another program has changed the file since, so they no longer fit. The lines that were edited or "
                "added can be saved as a file of their own.",
            ]
            answers = (
                Answer("save", "Save the lines", "save"),
                Answer("discard", "Discard", "discard"),
                Answer("no", "Later", "later"),
            )
        super().__init__("Unsaved edits of an earlier session", *text, answers=answers)
        self._lines_found = lines
        self._more = changes - len(lines)

    def body(self) -> ComposeResult:
        if self._lines_found:
            with VerticalScroll(classes="recover--lines"):
                for line in self._lines_found:
                    for text in line_texts(line):
                        yield Static(text)
                if self._more > 0:
                    yield Static(Content.styled(f"and {self._more:,} more", "$foreground 70%"))
        yield from super().body()


def line_texts(line: RecoveredLine) -> list[Content]:
    """``line 13 changed``, and under it the line before and after."""
    dim = "$foreground 70%"
    texts = [Content.assemble((f"line {line.line:,} ", dim), line.kind)]
    if line.before:
        texts.append(Content.assemble(("  − ", "$issue-error"), (line.before, dim)))
    if line.after:
        texts.append(Content.assemble(("  + ", "$text-success"), line.after))
    return texts


def when_text(when: float, now: float | None = None) -> str:
    """``14:02``, or with the day when it was another one: ``2026-11-19 14:02``."""
    then, today = time.localtime(when), time.localtime(now)
    is_today = (then.tm_year, then.tm_yday) == (today.tm_year, today.tm_yday)
    return time.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M", then)
