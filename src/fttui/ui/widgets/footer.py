"""The last line: what can be done here, made from the registry."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget


class KeyBar(Widget):
    """Up to eight actions with their keys, for the focused widget, its screen and the app."""

    def render(self) -> Content:
        return Content("")
