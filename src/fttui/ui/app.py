"""The Textual app: services, screens as modes, themes, keys, and one policy for errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from textual.app import App
from textual.screen import Screen

from fttui.ui.handover import Handover
from fttui.ui.keys import bindings_for
from fttui.ui.screens.base import FttuiScreen
from fttui.ui.services import Services

SCREENS: Mapping[str, str] = {
    "examples": "ExamplesScreen",
    "cost": "CostScreen",
    "jobs": "JobsScreen",
    "playground": "PlaygroundScreen",
    "evals": "EvalsScreen",
}


def _screen_factory(name: str) -> Callable[[], Screen[Any]]:
    def make() -> Screen[Any]:
        module = import_module(f"fttui.ui.screens.{name}")
        screen: Screen[Any] = getattr(module, SCREENS[name])()
        return screen

    return make


class FttuiApp(App[int], inherit_bindings=False):
    """The workbench."""

    MODES = {name: _screen_factory(name) for name in SCREENS}
    DEFAULT_MODE = "examples"
    BINDINGS = bindings_for("global")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (150, "-very-wide")]
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services

    async def action_show(self, name: str) -> None:
        """Show one of the five screens."""
        await self.go(name)

    async def go(self, name: str, handover: Handover | None = None) -> None:
        """Show a screen, and give it what it should work on."""
        await self.switch_mode(name)
        screen = self.screen
        if handover is not None and isinstance(screen, FttuiScreen):
            screen.receive(handover)

    # --- contracts for screens (behaviour follows) ---
    def document_edited(self, row: int | None = None) -> None:
        """Tell the app that ``services.document`` was edited: meter, top bar and the other screens follow."""

    def draft(self, row: int, record: Mapping[str, Any] | None) -> None:
        """Count ``record`` in place of ``row`` while it is being typed; None when the typing ended."""
