"""The keys of the Jobs screen; those of tables and panes come along, because they have no screen of their own."""

from __future__ import annotations

from fttui.ui import keys_tables
from fttui.ui.actions import Action, Place

PLACES: tuple[Place, ...] = (Place("jobs", "Jobs"), *keys_tables.PLACES)

ACTIONS: tuple[Action, ...] = (
    Action("jobs.new", ("n",), "New job", "Train a model on the open file", "jobs", "new_job"),
    Action("jobs.try", ("p",), "Try it", "Ask this job's model in the playground", "jobs", "try_model"),
    Action("jobs.best", ("b",), "Try the best", "Ask this job's best checkpoint in the playground", "jobs", "try_best"),
    Action("jobs.pause", ("s",), "Pause/go on", "Pause this job, or let a paused one go on", "jobs", "pause_or_resume"),
    Action("jobs.cancel", ("c",), "Cancel job", "Cancel this job, after a question", "jobs", "cancel_job"),
    Action("jobs.refresh", ("r",), "Refresh", "Ask the provider for its jobs", "jobs", "refresh_jobs"),
    Action("jobs.back", ("escape",), "Back", "Go back to the list of jobs", "jobs", "back", in_footer=False),
    *keys_tables.ACTIONS,
)
