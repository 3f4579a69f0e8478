"""The last line: what can be done here, made from the registry."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import RenderResult
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

MOST = 8
"""More keys than that are not read; `?` and the palette have them all."""


class KeyBar(Widget, can_focus=False):
    """Up to eight actions with their keys, for the focused widget, its screen and the app."""

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; padding: 0 1; background: $background; color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.auto_links = False  # clicks work, but the colours stay ours
        self._entries: tuple[tuple[str, str, str], ...] = ()

    def show(self, entries: Sequence[tuple[str, str, str]]) -> None:
        """Show key, label and action id of each entry, the nearest to the focus first."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self.refresh()

    def render(self) -> RenderResult:
        return key_bar_text(self._entries, self.size.width)


def key_bar_text(entries: Sequence[tuple[str, str, str]], width: int) -> Content:
    """As many entries as fit, at most eight; the last one (help) always stays."""
    items = [_item(*entry) for entry in entries]
    shown = items[: MOST - 1] + items[-1:] if len(items) > MOST else items
    while len(shown) > 1 and sum(item.cell_length + 2 for item in shown) - 2 > width:
        shown = [*shown[:-2], shown[-1]]
    return Content("  ").join(shown)


def _item(key: str, label: str, action_id: str) -> Content:
    item = Content.assemble((key, "$primary"), " ", (label, "$foreground 80%"))
    return item.stylize(Style.from_meta({"@click": f"app.run_registered('{action_id}')"}))
