"""The last words of a training process: what becomes of the job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fttui.core.server_state import local_dir
from fttui.local.file_store import FileStore
from fttui.local.host import LoadedBase
from fttui.local.hyperparameters import resolve
from fttui.local.job_store import JobStore
from fttui.local.jobs import AUTO, Job, NewJob
from fttui.local.schema import open_database
from fttui.local.training_run import TrainingRun, TrainingSettings
from fttui.local.tuned_models import ModelStore

NEW = NewJob("base", "file-a", None, None, 1, "supervised", AUTO["supervised"], None)
DONE = {"kind": "done", "folder": "final"}


class Server:
    """The stores of a server, with a job that trains."""

    def __init__(self) -> None:
        self._database = open_database()
        self.jobs = JobStore(self._database)
        self.files = FileStore(self._database)
        self.models = ModelStore(self._database)
        self.id = self.jobs.add(NEW).id
        self.jobs.change(self.id, status="running", examples=3, resolved={"n_epochs": 7, "batch_size": 2})

    @property
    def job(self) -> Job:
        return self.jobs.get(self.id)

    def run(self) -> TrainingRun:
        base = LoadedBase("base", Path("base.gguf"), SimpleNamespace(), 1, "numpy")  # type: ignore[arg-type]
        settings = TrainingSettings({}, 20.0, "")
        stores: Any = {"jobs": self.jobs, "files": self.files, "models": self.models}
        return TrainingRun(self.job, base, None, settings, **stores)

    def hear(self, message: dict[str, Any]) -> None:
        self.run()._hear(message, SimpleNamespace())  # type: ignore[arg-type]

    def messages(self) -> list[str]:
        return [event.message for event in self.jobs.events(self.id, limit=99, after=None)]

    def models_and_files(self) -> int:
        page = self.files.page(limit=9, after=None, purpose=None, newest_first=True)
        return len(self.models.of_base("base")) + len(page or ())

    def close(self) -> None:
        self._database.close()


@pytest.fixture
def server() -> Iterator[Server]:
    opened = Server()
    yield opened
    opened.close()


def test_a_job_is_told_of_as_soon_as_it_is_there(server: Server) -> None:
    assert server.messages() == [f"Created fine-tuning job: {server.id}"]


def test_a_job_with_its_model_and_its_results(server: Server) -> None:
    server.hear(DONE)
    assert server.job.status == "succeeded"
    assert server.job.result_file is not None
    assert server.models_and_files() == 2


def test_a_job_that_was_cancelled_has_no_model(server: Server) -> None:
    server.jobs.finish(server.id, "cancelled")
    server.hear(DONE)
    assert server.job.status == "cancelled"
    assert server.models_and_files() == 0


def test_a_job_that_is_cancelled_at_the_very_end_has_no_model(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    add = server.files.add

    def add_and_cancel(*arguments: Any, **options: Any) -> Any:
        server.jobs.finish(server.id, "cancelled")
        return add(*arguments, **options)

    monkeypatch.setattr(server.files, "add", add_and_cancel)
    server.hear(DONE)
    assert (server.job.status, server.job.fine_tuned_model) == ("cancelled", None)
    assert server.models_and_files() == 0


def test_results_that_find_no_room_do_not_cost_the_model(server: Server) -> None:
    (local_dir() / "files").write_bytes(b"no folder")
    server.hear(DONE)
    assert (server.job.status, server.job.result_file) == ("succeeded", None)
    assert any(message.startswith("The result file cannot be stored: ") for message in server.messages())


def test_a_job_goes_on_with_the_numbers_that_it_has_shown(server: Server) -> None:
    options = server.run()._assignment().options
    assert options.epochs == 7 != resolve(3, AUTO["supervised"]).epochs


def test_tokens_are_told_when_a_job_is_over(server: Server) -> None:
    server.jobs.record_step(server.id, "Step 1", {"step": 1}, steps_done=1, trained_tokens=40)
    assert server.job.as_object()["trained_tokens"] is None
    server.hear(DONE)
    assert server.job.as_object()["trained_tokens"] == 40
