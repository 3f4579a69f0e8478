"""A bare app with the theme variables of fttui, to try one widget in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App, ComposeResult
from textual.widget import Widget

from fttui.ui.theming import APP_VARIABLES


class Stage(App[None]):
    """Shows one widget."""

    def __init__(self, make: Callable[[], Widget]) -> None:
        super().__init__()
        self._make = make
        self.heard: list[Any] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(APP_VARIABLES)

    def compose(self) -> ComposeResult:
        yield self._make()
