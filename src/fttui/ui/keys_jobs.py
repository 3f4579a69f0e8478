"""The keys of the Jobs screen."""

from __future__ import annotations

from fttui.ui.actions import Action

ACTIONS: tuple[Action, ...] = (
    Action("jobs.new", ("n",), "New job", "Train a model on the open file", "jobs", "new_job", in_footer=True),
    Action("jobs.cancel", ("c",), "Cancel", "Cancel this job, after a question", "jobs", "cancel_job", in_footer=True),
    Action("jobs.try", ("p",), "Try it", "Ask this job's model in the playground", "jobs", "try_model", in_footer=True),
    Action("jobs.refresh", ("r",), "Refresh", "Ask the provider for its jobs", "jobs", "refresh_jobs", in_footer=True),
    Action("jobs.open", ("enter",), "Open", "Show this job's curve and events", "jobs", "open"),
    Action("jobs.back", ("escape",), "Back", "Go back to the list of jobs", "jobs", "back"),
    Action("jobs.down", ("down", "j"), "Down", "Go to the next job", "jobs", "move(1)"),
    Action("jobs.up", ("up", "k"), "Up", "Go to the previous job", "jobs", "move(-1)"),
    Action("jobs.page_down", ("pagedown",), "Page down", "Go one page down", "jobs", "move_page(1)"),
    Action("jobs.page_up", ("pageup",), "Page up", "Go one page up", "jobs", "move_page(-1)"),
    Action("jobs.first", ("home", "g"), "First", "Go to the first job", "jobs", "move(-1000000)"),
    Action("jobs.last", ("end", "G"), "Last", "Go to the last job", "jobs", "move(1000000)"),
)
