"""The keys of the Cost screen."""

from __future__ import annotations

from fttui.ui.actions import Action

ACTIONS: tuple[Action, ...] = (
    Action(
        "cost.choose", ("enter", "space"), "Use it", "Count and price with this model from now on", "cost", "choose",
        in_footer=True,
    ),
    Action("cost.down", ("down", "j"), "Down", "Go to the next model", "cost", "move(1)"),
    Action("cost.up", ("up", "k"), "Up", "Go to the previous model", "cost", "move(-1)"),
    Action("cost.page_down", ("pagedown",), "Page down", "Go one page down", "cost", "move_page(1)"),
    Action("cost.page_up", ("pageup",), "Page up", "Go one page up", "cost", "move_page(-1)"),
    Action("cost.first", ("home", "g"), "First", "Go to the first model", "cost", "move(-1000000)"),
    Action("cost.last", ("end", "G"), "Last", "Go to the last model", "cost", "move(1000000)"),
)  # fmt: skip
