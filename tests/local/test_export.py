"""What is said of a job that cannot be exported."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from fttui.core.errors import InputError
from fttui.local.export import export
from fttui.local.job_store import JobStore
from fttui.local.jobs import AUTO, JobError, NewJob
from fttui.local.schema import open_database
from fttui.local.tuned_models import ModelStore


def test_a_job_without_a_model_names_its_latest_checkpoint_that_is_still_there(tmp_path: Path) -> None:
    with contextlib.closing(open_database()) as database:
        jobs, models = JobStore(database), ModelStore(database)
        job = jobs.add(NewJob("base", "file-a", None, None, 1, "supervised", AUTO["supervised"], None))
        for step in (4, 8):
            name = f"ft:base:local::x:ckpt-step-{step}"
            folder = models.folder_of_job(job.id) / f"ckpt-step-{step}"
            models.add(name, base="base", job=job.id, folder=folder, is_checkpoint=True)
            jobs.add_checkpoint(job.id, name, step, {}, is_best=False)
        jobs.fail(job.id, JobError("It broke.", "training_failed"))
        deleted = models.find("ft:base:local::x:ckpt-step-8")
        assert deleted is not None
        models.delete(deleted)
    with pytest.raises(InputError, match="has no model") as refused:
        export(job.id, tmp_path / "a")
    assert refused.value.hint == "Its latest checkpoint is ft:base:local::x:ckpt-step-4."
