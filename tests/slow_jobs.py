"""Training jobs that take long enough to be interrupted, and what they leave behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob

from local_server_fixture import PATIENCE_S, chat_lines, story, upload

PAIRS = [(f"Question {n}?", f"Answer {n}, at some length, so that a step takes its time.") for n in range(8)]


def start_job(client: OpenAI, model: str, *, n_epochs: int = 3, batch_size: int = 1, **options: Any) -> str:
    """A job over 8 examples; its id. The seed is always the same."""
    return client.fine_tuning.jobs.create(
        model=model,
        training_file=upload(client, chat_lines(PAIRS)),
        hyperparameters={"n_epochs": n_epochs, "batch_size": batch_size},
        **{"seed": 5, **options},
    ).id


def status_of(job: FineTuningJob) -> str:
    """The SDK's type does not know that a job can be paused."""
    return job.status


def steps_of(client: OpenAI, job_id: str) -> list[dict[str, Any]]:
    """What was measured at each step, in the order in which it was told."""
    return [dict(event.data) for event in story(client, job_id) if event.type == "metrics"]  # type: ignore[call-overload]


def wait_for_steps(client: OpenAI, job_id: str, count: int) -> None:
    """Wait until a job has told of so many steps."""
    give_up = time.monotonic() + PATIENCE_S
    while len(steps_of(client, job_id)) < count:
        job = client.fine_tuning.jobs.retrieve(job_id)
        assert job.status in ("validating_files", "queued", "running"), job
        assert time.monotonic() < give_up
        time.sleep(0.02)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what must happen."""
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def folder_of(home: Path, job_id: str) -> Path:
    """Where a job's adapters are, and its state as long as it is not over."""
    return home / "data" / "local" / "adapters" / job_id


def adapter_of(home: Path, job_id: str, name: str = "final") -> bytes:
    """The bytes of an adapter of a job."""
    return (folder_of(home, job_id) / name / "adapter_model.safetensors").read_bytes()


def messages_of(client: OpenAI, job_id: str) -> list[str]:
    """What a job's events say, oldest first."""
    return [event.message for event in story(client, job_id)]


def worker_pids(home: Path) -> list[int]:
    """The training processes of a server, by the environment that they have inherited."""
    wanted = f"FTTUI_HOME={home}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            if b"fttui.local.worker" in command and wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:  # it ended while we looked
            continue
    return found
