"""Find and replace in the texts of messages: what to find, what to put there, and what that would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from fttui.core.errors import FttuiError
from fttui.core.text import safe
from fttui.dataset.document import Document
from fttui.dataset.replace import Replacement, preview
from fttui.dataset.rowset import RowSet
from fttui.ui.diffing import DiffLine, text_diff
from fttui.ui.finding import left_out
from fttui.ui.key_hints import hints
from fttui.ui.keymap import Keymap
from fttui.ui.keys import bindings_for
from fttui.ui.tasks import task
from fttui.ui.widgets.diff_view import DiffView
from fttui.ui.widgets.footer import KeyBar
from fttui.ui.widgets.option import Option
from fttui.ui.widgets.text_fields import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

_TYPED_S: Final = 0.15
_SHOWN: Final = 60
"""Hits that the preview shows."""
_TELL_EVERY: Final = 20_000
"""Hits between two reports of their number."""
HOW: Final = "Type what to find. With regex, \\1 and \\g<name> stand for the groups of what was found."


class ReplaceField(Field):
    """A field of the dialog; enter goes on to the next."""

    WHERE = "replacefield"
    BINDINGS = bindings_for("replacefield")


class ReplaceScreen(ModalScreen[Replacement | None], inherit_bindings=False):
    """Returns what to replace; None when closed.

    Args:
        document: The open file.
        rows: Where to look; None: in all rows.
        where: How to name these rows: "in the 3 marked examples".
        role: The role whose messages to look in at first, or "".
    """

    WHERE = "replace"
    HELP_TEXT = "Finds text in messages and replaces it, in one step that undo takes back. Nothing changes before."
    BINDINGS = bindings_for(WHERE)
    DEFAULT_CSS = """
    ReplaceScreen {
        align: center middle; background: $background 70%;
        & > Vertical {
            width: 110; max-width: 96%; height: 90%; background: $surface; border: round $border; padding: 0 1;
            border-title-color: $foreground; border-title-style: bold; border-subtitle-color: $foreground 70%;
        }
        .replace--line { height: 1; }
        .replace--name { width: 9; color: $text-muted; }
        .replace--line Field { width: 1fr; background: $panel; }
        .replace--problem { color: $issue-error; height: 1; display: none; }
        .replace--count { color: $text-muted; height: 1; }
        DiffView { background: $surface; }
    }
    """

    @dataclass
    class Found(Message):
        """The preview got further."""

        lines: Sequence[DiffLine]
        rows: int
        hits: int
        is_done: bool
        problem: str = ""
        slow: int = 0

    def __init__(self, document: Document, rows: RowSet | None, where: str, sought: str = "") -> None:
        super().__init__()
        self._document = document
        self._rows = rows
        self._where = where
        self._sought = sought
        self._timer: Timer | None = None
        self._hits = 0
        self._is_done = False

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Find and replace"
            box.border_subtitle = safe(self._where)
            with Horizontal(classes="replace--line"):
                yield Static("find", classes="replace--name")
                yield ReplaceField(value=self._sought, id="find")
            with Horizontal(classes="replace--line"):
                yield Static("replace", classes="replace--name")
                yield ReplaceField(id="to")
            with Horizontal(classes="replace--line"):
                yield Static("", classes="replace--name")
                yield Option("regex", id="regex")
                yield Option("match case", id="case")
                yield Option("assistant only", id="assistant")
            yield Static(classes="replace--problem", markup=False)
            yield Static(HOW, classes="replace--count", markup=False)
            yield DiffView()
            yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#find", Field).focus()
        keymap = getattr(self.app, "keymap", Keymap())
        self.query_one(KeyBar).show(hints(keymap, ("replace.all", "option.next", "replace.close")))
        if self._sought:
            self._look()

    @property
    def replacement(self) -> Replacement:
        """What the fields say."""
        return Replacement(
            pattern=self.query_one("#find", Field).value,
            to=self.query_one("#to", Field).value,
            is_regex=self.query_one("#regex", Option).value,
            match_case=self.query_one("#case", Option).value,
            roles=frozenset({"assistant"}) if self.query_one("#assistant", Option).value else None,
        )

    @on(Input.Changed)
    @on(Option.Changed)
    def _typed(self, event: Input.Changed | Option.Changed) -> None:
        event.stop()
        self._is_done = False
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_TYPED_S, self._look)

    def _look(self) -> None:
        if self.replacement.pattern:
            self.find(self.replacement)
        else:
            self.workers.cancel_group(self, "preview")
            self._show(self.Found((), 0, 0, is_done=False))
            self.query_one(".replace--count", Static).update(HOW)

    @task(group="preview", thread=True)
    def find(self, replacement: Replacement) -> None:
        """Look for what would change; a newer search ends an older one."""
        worker = get_current_worker()
        lines: list[DiffLine] = []
        rows, hits, told, slow = 0, 0, 0, 0

        def note_slow(examples: int) -> None:
            nonlocal slow
            slow = examples
            self.post_message(self.Found(tuple(lines), rows, hits, is_done=False, slow=slow))

        try:
            for found in preview(
                self._document, replacement, self._rows, cancelled=lambda: worker.is_cancelled, on_slow=note_slow
            ):
                if found.rows <= _SHOWN:
                    lines.append(DiffLine("title", f"line {found.row + 1:,} · {found.role}"))
                    lines += text_diff(found.before, found.after)
                rows, hits = found.rows, found.hits
                if hits - told >= _TELL_EVERY or told == 0:
                    told = hits
                    self.post_message(self.Found(tuple(lines), rows, hits, is_done=False, slow=slow))
        except FttuiError as error:
            self.post_message(self.Found((), 0, 0, is_done=False, problem=str(error)))
            return
        if not worker.is_cancelled:
            self.post_message(self.Found(tuple(lines), rows, hits, is_done=True, slow=slow))

    @on(Found)
    def _show(self, message: Found) -> None:
        message.stop()
        self._hits, self._is_done = message.hits, message.is_done
        problem = self.query_one(".replace--problem", Static)
        problem.update(safe(message.problem))
        problem.display = bool(message.problem)
        self.query_one(DiffView).show(message.lines)
        more = "" if message.is_done else "…"
        count = f"{message.hits:,} in {message.rows:,} example{'s' * (message.rows != 1)}{more}"
        listed = f"; the first {_SHOWN} are shown" if message.rows > _SHOWN else ""
        self.query_one(".replace--count", Static).update(
            count + listed + (f". {left_out(message.slow)}" if message.slow else "")
        )

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "find":
            self.query_one("#to", Field).focus()
        else:
            self.action_all()

    def action_all(self) -> None:
        """Take what the fields say, when there is anything to replace."""
        if self._is_done and self._hits:
            self.dismiss(self.replacement)
        else:
            word = "Nothing is found." if self._is_done else "Still looking: a moment."
            self.notify(word if self.replacement.pattern else HOW, markup=False, timeout=3)

    def action_close(self) -> None:
        self.dismiss(None)
