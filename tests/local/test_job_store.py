"""What a job's row says of what is stored beside it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from fttui.core.db import Database
from fttui.local.job_store import JobStore
from fttui.local.jobs import NewJob
from fttui.local.schema import open_database
from fttui.local.tuned_models import ModelStore


def add_checkpoint(database: Database, job: str, step: int, *, is_best: bool) -> str:
    """The name of its model."""
    name = f"ft:x:ckpt-step-{step}"
    folder = Path(f"ckpt-step-{step}")
    ModelStore(database).add(name, base="x", job=job, folder=folder, is_checkpoint=True, reads="chat", losses=None)
    JobStore(database).add_checkpoint(job, name, step, {"full_valid_loss": 1.0}, is_best=is_best)
    return name


def test_a_best_checkpoint_that_was_deleted_is_not_named() -> None:
    with closing(open_database()) as database:
        jobs = JobStore(database)
        new = NewJob(
            model="x", training_file="file-a", validation_file="file-b", suffix=None, seed=1, method="supervised",
            hyperparameters={}, metadata=None,
        )  # fmt: skip
        job = jobs.add(new).id
        best = add_checkpoint(database, job, 4, is_best=True)
        add_checkpoint(database, job, 8, is_best=False)
        assert jobs.get(job).best_checkpoint == best
        ModelStore(database).forget(best)
        assert jobs.get(job).best_checkpoint is None
        assert [checkpoint.step for checkpoint in jobs.checkpoints(job, limit=9, after=None)] == [8, 4]
