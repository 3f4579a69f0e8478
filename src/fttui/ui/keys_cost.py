"""The keys of the Cost screen."""

from __future__ import annotations

from fttui.ui.actions import Action

ACTIONS: tuple[Action, ...] = (
    Action("cost.choose", ("u",), "Use it", "Count and price with this model; enter does it too", "cost", "choose"),
)
