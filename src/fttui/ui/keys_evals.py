"""The keys of the Evals screen."""

from __future__ import annotations

from fttui.ui.actions import Action

ACTIONS: tuple[Action, ...] = (
    Action("evals.run", ("n",), "New run", "Ask models every test row and count exact matches", "evals", "new_run",
           in_footer=True),
    Action("evals.stop", ("escape", "c"), "Stop", "Stop the run; what was done stays", "evals", "stop", in_footer=True),
    Action("evals.show", ("enter",), "Show row", "Show this row in Examples", "evals", "show_row", in_footer=True),
    Action("evals.down", ("down", "j"), "Down", "Go to the next row", "evals", "move(1)"),
    Action("evals.up", ("up", "k"), "Up", "Go to the previous row", "evals", "move(-1)"),
    Action("evals.page_down", ("pagedown",), "Page down", "Go one page down", "evals", "move_page(1)"),
    Action("evals.page_up", ("pageup",), "Page up", "Go one page up", "evals", "move_page(-1)"),
    Action("evals.first", ("home", "g"), "First", "Go to the first row", "evals", "move(-1000000)"),
    Action("evals.last", ("end", "G"), "Last", "Go to the last row", "evals", "move(1000000)"),
)  # fmt: skip
