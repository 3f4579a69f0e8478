"""What the model sees: an example in its model's form, token by token."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from fttui.core.errors import FttuiError
from fttui.core.text import safe
from fttui.ui.key_hints import hints
from fttui.ui.keymap import Keymap
from fttui.ui.keys import bindings_for
from fttui.ui.seen_text import heading
from fttui.ui.widgets.footer import KeyBar
from fttui.ui.widgets.seen_view import SeenView

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.tokens.live import LiveTotals
    from fttui.tokens.models import TokenRule
    from fttui.tokens.pool import CountingPool
    from fttui.tokens.seen import Seen

LEGEND = "┃ bold: trained on · the rest: read only · every other token has a ground"
_CUT = "… the rest is counted but not shown"


class SeenScreen(ModalScreen[int | None], inherit_bindings=False):
    """Gives the row that was shown last.

    A counting process renders: a vocabulary that is loaded here would hold up the keys.

    Args:
        document: The open file.
        row: The example to show first.
        rule: For which model.
        totals: The file's counts, whose process is asked; None has one started.
    """

    WHERE = "seen"
    HELP_TEXT = "The example as its model reads it. " + LEGEND + "."
    BINDINGS = bindings_for(WHERE)
    DEFAULT_CSS = """
    SeenScreen {
        background: $background;
        & > #seen-title { height: auto; max-height: 3; padding: 0 1; color: $text-muted; }
        & > #seen-legend { height: 1; padding: 0 1; color: $text-muted; }
    }
    """

    class Rendered(Message):
        """An example was rendered, or could not be."""

        def __init__(self, row: int, answer: Seen | FttuiError) -> None:
            super().__init__()
            self.row = row
            self.answer = answer

    def __init__(self, document: Document, row: int, rule: TokenRule, totals: LiveTotals | None) -> None:
        super().__init__()
        self._document = document
        self._row = row
        self._rule = rule
        self._totals = totals
        self._pool: CountingPool | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="seen-title", markup=False)
        yield SeenView()
        yield Static(LEGEND, id="seen-legend", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(SeenView).focus()
        keymap = getattr(self.app, "keymap", Keymap())
        self.query_one(KeyBar).show(hints(keymap, ("seen.next", "seen.previous", "seen.page_down", "seen.close")))
        self._ask()

    def on_unmount(self) -> None:
        if self._pool is not None:
            self._pool.close()

    def _ask(self) -> None:
        """Have the example rendered; what was asked before and comes later is not shown."""
        line = self._document.raw(self._row)
        on_done = partial(self._rendered, self._row)
        if self._totals is not None:
            self._totals.see(line, self._rule, on_done)
            return
        if self._pool is None:
            from fttui.tokens.pool import CountingPool

            self._pool = CountingPool(self._rule.encoding, None, processes=1, in_background=False, last_idle_s=60)
        self._pool.see(line, self._rule, on_done)

    def _rendered(self, row: int, answer: Seen | FttuiError) -> None:
        self.post_message(self.Rendered(row, answer))  # from a thread of the pool

    def on_seen_screen_rendered(self, message: Rendered) -> None:
        if message.row != self._row:
            return
        title, view = self.query_one("#seen-title", Static), self.query_one(SeenView)
        answer = message.answer
        if isinstance(answer, FttuiError):
            title.update(safe(f"line {self._row + 1:,} · {answer}"))
            view.show(())
            return
        title.update(safe(heading(answer, self._rule, self._row + 1) + (f" · {_CUT}" if answer.is_cut else "")))
        view.show(answer.pieces)

    def action_step(self, rows: int) -> None:
        """Show another example."""
        row = min(max(self._row + rows, 0), len(self._document) - 1)
        if row != self._row:
            self._row = row
            self._ask()

    def action_scroll(self, lines: int) -> None:
        self.query_one(SeenView).scroll_lines(lines)

    def action_page(self, pages: int) -> None:
        self.query_one(SeenView).scroll_pages(pages)

    def action_close(self) -> None:
        self.dismiss(self._row)
