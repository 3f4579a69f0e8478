"""Keys of the Cost screen."""

from __future__ import annotations

from fttui.ui.actions import Action

ACTIONS: tuple[Action, ...] = (
    Action("cost.choose", ("enter", "space"), "use in meter", "Count and price with this model", "cost", "choose"),
    Action("cost.down", ("down", "j"), "down", "Next model", "cost", "move(1)", in_footer=False),
    Action("cost.up", ("up", "k"), "up", "Previous model", "cost", "move(-1)", in_footer=False),
    Action("cost.page_down", ("pagedown",), "page down", "One page down", "cost", "move_page(1)", in_footer=False),
    Action("cost.page_up", ("pageup",), "page up", "One page up", "cost", "move_page(-1)", in_footer=False),
    Action("cost.first", ("home", "g"), "first", "First model", "cost", "move(-1000000)", in_footer=False),
    Action("cost.last", ("end", "G"), "last", "Last model", "cost", "move(1000000)", in_footer=False),
)
