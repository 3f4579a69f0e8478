"""What the fixes of the checks would change, as a difference, before any of it is done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static
from textual.worker import get_current_worker

from fttui.core.errors import FttuiError
from fttui.core.text import safe
from fttui.ui.diffing import DiffLine, diff_lines
from fttui.ui.key_hints import hints
from fttui.ui.keymap import Keymap
from fttui.ui.keys import bindings_for
from fttui.ui.mending import Mending
from fttui.ui.tasks import task
from fttui.ui.widgets.diff_view import DiffView
from fttui.ui.widgets.footer import KeyBar

if TYPE_CHECKING:
    from fttui.checks.live.live import LiveChecks
    from fttui.checks.model import Target
    from fttui.dataset.document import Document

_SHOWN: Final = 60
"""Examples that the preview shows; the others are not even looked at before the fix is made."""


class FixScreen(ModalScreen[Mending | None], inherit_bindings=False):
    """Returns what to mend; None when closed.

    Args:
        document: The open file.
        checks: What was found in it.
        target: For whom it is to be right.
        rules: Whose fixes to make.
    """

    WHERE = "fix"
    HELP_TEXT = (
        "What the fixes would change. Lines with - are now in the file, lines with + would be. Undo takes it back."
    )
    BINDINGS = bindings_for(WHERE)
    DEFAULT_CSS = """
    FixScreen {
        align: center middle; background: $background 70%;
        & > Vertical {
            width: 110; max-width: 96%; height: 90%; background: $surface; border: round $border; padding: 0 1;
            border-title-color: $foreground; border-title-style: bold; border-subtitle-color: $foreground 70%;
        }
        .fix--count { color: $text-muted; height: auto; max-height: 3; }
        DiffView { background: $surface; }
    }
    """

    @dataclass
    class Found(Message):
        """The preview got further."""

        lines: Sequence[DiffLine]
        shown: int
        mending: Mending | None
        is_done: bool
        wanted: Sequence[str]
        problem: str = ""

    def __init__(self, document: Document, checks: LiveChecks, target: Target, rules: Collection[str]) -> None:
        super().__init__()
        self._document = document
        self._checks = checks
        self._target = target
        self._rules = tuple(rules)
        self._is_necessary_only = False
        self._found: FixScreen.Found | None = None

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(f"Fix {self._rules[0]}" if len(self._rules) == 1 else "Fix all issues")
            yield Static("Looking at what would change …", classes="fix--count", markup=False)
            yield DiffView()
            yield KeyBar()

    def on_mount(self) -> None:
        keymap = getattr(self.app, "keymap", Keymap())
        names = ["fix.all", "fix.close"] if len(self._rules) == 1 else ["fix.all", "fix.necessary", "fix.close"]
        self.query_one(KeyBar).show(hints(keymap, names))
        self._look()

    @property
    def _wanted(self) -> list[str]:
        from fttui.checks.table import rules

        table = rules()
        return [name for name in self._rules if not self._is_necessary_only or table[name].fix == "necessary"]

    @task(group="preview", thread=True)
    def _look(self) -> None:
        worker = get_current_worker()
        lines: list[DiffLine] = []
        shown = 0
        mending, wanted = None, self._wanted
        problem = ""
        try:
            mending = Mending(self._document, self._checks, self._target, wanted)
            for fixed in mending.fixed(lambda: worker.is_cancelled):
                shown += 1
                if shown > _SHOWN:
                    break
                word = " · deleted" if fixed.after is None else ""
                lines.append(DiffLine("title", f"line {fixed.row + 1:,}{word}"))
                lines += diff_lines(fixed.before, fixed.after)
                if shown % 10 == 1 and not worker.is_cancelled:
                    self.post_message(self.Found(tuple(lines), shown, None, is_done=False, wanted=wanted))
        except FttuiError as error:
            lines, shown, mending, problem = [], 0, None, str(error)
        if not worker.is_cancelled:
            self.post_message(self.Found(tuple(lines), shown, mending, is_done=True, wanted=wanted, problem=problem))

    @on(Found)
    def _show(self, found: Found) -> None:
        found.stop()
        if found.wanted != self._wanted:
            return  # it was on its way when something else was asked for
        self._found = found
        self.query_one(DiffView).show(found.lines)
        self.query_one(".fix--count", Static).update(Content(safe(self._summary(found))))

    def _summary(self, found: Found) -> str:
        if found.problem:
            return found.problem
        which = "necessary fixes only" if self._is_necessary_only else ""
        if not found.is_done:
            words = "Looking at what would change …"
        elif found.shown > _SHOWN and found.mending is not None:
            words = f"Up to {len(found.mending):,} examples would change; the first {_SHOWN} are shown."
        else:
            words = f"{found.shown:,} example{'s' * (found.shown != 1)} would change."
        if found.mending is not None and found.mending.changes_bom:
            words += " The byte order mark is no example: `fttui check --fix` writes or removes it."
        return " · ".join(part for part in (words, which) if part)

    def action_all(self) -> None:
        """Make the changes."""
        found = self._found
        if found is not None and found.is_done and found.mending is not None and found.shown:
            self.dismiss(found.mending)
        else:
            done = found is not None and found.is_done
            self.notify("There is nothing to fix." if done else "Still looking: a moment.", markup=False, timeout=3)

    def action_necessary(self) -> None:
        """Leave out the fixes that are only recommended, or take them in again."""
        if len(self._rules) > 1:
            self._is_necessary_only = not self._is_necessary_only
            self._found = None
            self._look()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(DiffView).action_scroll(lines)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        self.query_one(DiffView).action_page(pages)

    def action_close(self) -> None:
        self.dismiss(None)
