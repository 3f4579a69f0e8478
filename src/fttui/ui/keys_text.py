"""The keys of text fields: Textual's own, declared anew with ids so that keys.toml can move them."""

from __future__ import annotations

from fttui.ui.actions import GLOBAL, Action, Place

PLACES: tuple[Place, ...] = (
    Place("text", "In a text", inside=GLOBAL),
    Place("field", "In a one-line field", inside=GLOBAL),
)
ACTIONS: tuple[Action, ...] = ()
