"""Keys of the Jobs screen."""

from __future__ import annotations

from fttui.ui.actions import Action

ACTIONS: tuple[Action, ...] = (
    Action("jobs.new", ("n",), "new", "Train a model on the open file", "jobs", "new_job"),
    Action("jobs.cancel", ("c",), "cancel", "Cancel this job (asks first)", "jobs", "cancel_job"),
    Action("jobs.try", ("p",), "try it", "Open the playground with this job's model", "jobs", "try_model"),
    Action("jobs.refresh", ("r",), "refresh", "Ask the provider again", "jobs", "refresh_jobs"),
    Action("jobs.down", ("down", "j"), "down", "Next row", "jobs", "move(1)", in_footer=False),
    Action("jobs.up", ("up", "k"), "up", "Previous row", "jobs", "move(-1)", in_footer=False),
    Action("jobs.page_down", ("pagedown",), "page down", "One page down", "jobs", "move_page(1)", in_footer=False),
    Action("jobs.page_up", ("pageup",), "page up", "One page up", "jobs", "move_page(-1)", in_footer=False),
    Action("jobs.first", ("home", "g"), "first", "First row", "jobs", "move(-1000000)", in_footer=False),
    Action("jobs.last", ("end", "G"), "last", "Last row", "jobs", "move(1000000)", in_footer=False),
    Action("jobs.open", ("enter",), "open", "Show this job (one pane at a time)", "jobs", "open", in_footer=False),
    Action("jobs.back", ("escape",), "back", "Back to the list", "jobs", "back", in_footer=False),
)
