"""What the Jobs screen knows of its jobs."""

from __future__ import annotations

import pytest

from fttui.jobs.objects import JobEvent
from fttui.jobs.store import JobStore
from fttui.ui.job_book import JobBook
from ui.loop_app import store_jobs, stored_job

CREATED = 1_780_000_000


@pytest.mark.parametrize(
    ("message", "is_undisturbed"),
    [
        ("Step 3/8: training loss=1.20", True),
        ("Fine-tuning job paused", False),
        ("The local server was stopped: training goes on with the next one", False),
        ("The local server was restarted: training goes on from step 3", False),
    ],
)
def test_only_a_job_that_ran_through_tells_how_long_the_next_one_takes(message: str, is_undisturbed: bool) -> None:
    job = stored_job("tone", "succeeded", CREATED, finished_at=CREATED + 36_000)
    store_jobs([job], {"tone": [JobEvent("e1", CREATED + 1, "info", "message", message)]})
    store = JobStore()
    book = JobBook(store, "local")
    for job_id in book.load_jobs():
        book.load_events(job_id)
    assert [known["id"] for known in book.undisturbed_jobs()] == ["ftjob-tone"] * is_undisturbed
    store.close()
