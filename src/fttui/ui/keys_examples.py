"""The keys of the examples screen."""

from __future__ import annotations

from fttui.ui.actions import Action

ACTIONS: tuple[Action, ...] = ()
