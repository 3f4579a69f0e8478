"""The keys of the Evals screen."""

from __future__ import annotations

from fttui.ui.actions import Action

ACTIONS: tuple[Action, ...] = (
    Action("evals.run", ("n",), "New run", "Ask models every test row and count exact matches", "evals", "new_run"),
    Action("evals.stop", ("escape", "c"), "Stop", "Stop the run; what was done stays", "evals", "stop"),
)
