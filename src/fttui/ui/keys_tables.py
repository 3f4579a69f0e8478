"""The keys of what several screens hold: tables with a cursor, and texts that scroll."""

from __future__ import annotations

from fttui.ui.actions import Action, Place

PLACES: tuple[Place, ...] = (Place("table", "In a table"), Place("pane", "In a text that scrolls"))


def _table(name: str, keys: tuple[str, ...], label: str, help_line: str, method: str) -> Action:
    return Action(f"table.{name}", keys, label, help_line, "table", method, in_footer=False)


def _pane(name: str, keys: tuple[str, ...], label: str, help_line: str, method: str) -> Action:
    return Action(f"pane.{name}", keys, label, help_line, "pane", method, in_footer=False)


ACTIONS: tuple[Action, ...] = (
    _table("open", ("enter",), "Open", "Open the row under the cursor", "select"),
    _table("down", ("down", "j"), "Down", "Go to the next row", "cursor_down"),
    _table("up", ("up", "k"), "Up", "Go to the previous row", "cursor_up"),
    _table("page_down", ("pagedown", "space"), "Page down", "Go one page down", "page_down"),
    _table("page_up", ("pageup",), "Page up", "Go one page up", "page_up"),
    _table("first", ("home", "g"), "First", "Go to the first row", "first"),
    _table("last", ("end", "G"), "Last", "Go to the last row", "last"),
    _pane("down", ("down", "j"), "Down", "Scroll down", "scroll_down"),
    _pane("up", ("up", "k"), "Up", "Scroll up", "scroll_up"),
    _pane("page_down", ("pagedown", "space"), "Page down", "Scroll one page down", "page_down"),
    _pane("page_up", ("pageup",), "Page up", "Scroll one page up", "page_up"),
    _pane("start", ("home", "g"), "Start", "Go to the start of the text", "scroll_home"),
    _pane("end", ("end", "G"), "End", "Go to the end, and stay there as it grows", "scroll_end"),
)
