"""Keys of the Evals screen."""

from __future__ import annotations

from fttui.ui.actions import Action

ACTIONS: tuple[Action, ...] = (
    Action("evals.run", ("n",), "new run", "Run test rows through base and tuned model", "evals", "new_run"),
    Action("evals.stop", ("escape", "c"), "stop", "Stop the run; what was done stays", "evals", "stop"),
    Action("evals.failing", ("f",), "failing rows", "Go to the rows that failed", "evals", "failing"),
    Action("evals.down", ("down", "j"), "down", "Next row", "evals", "move(1)", in_footer=False),
    Action("evals.up", ("up", "k"), "up", "Previous row", "evals", "move(-1)", in_footer=False),
    Action("evals.page_down", ("pagedown",), "page down", "One page down", "evals", "move_page(1)", in_footer=False),
    Action("evals.page_up", ("pageup",), "page up", "One page up", "evals", "move_page(-1)", in_footer=False),
    Action("evals.first", ("home", "g"), "first", "First row", "evals", "move(-1000000)", in_footer=False),
    Action("evals.last", ("end", "G"), "last", "Last row", "evals", "move(1000000)", in_footer=False),
)
