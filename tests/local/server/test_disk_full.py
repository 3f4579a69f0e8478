"""A disk without room, played by a limit on the size of files: the job fails with a sentence, the server lives."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from openai import OpenAI

from local_server_fixture import PATIENCE_S, RunningServer, ask, wait_for
from slow_jobs import adapter_of, folder_of, messages_of, start_job, steps_of, wait_for_steps, wait_until, worker_pids

pytestmark = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits another process")

ENDLESS = resource.RLIM_INFINITY


def limit_files(process: int, size: int) -> None:
    """Let a process write no files that are larger than ``size`` bytes, nor those that it starts from now on."""
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, ENDLESS))


@pytest.fixture(scope="module")
def adapter_size(server: RunningServer) -> int:
    """Bytes of an adapter: a state has three times as many."""
    with server.client() as client:
        job_id = start_job(client, server.model, n_epochs=1, batch_size=8)
        assert wait_for(client, job_id).status == "succeeded"
    wait_until(lambda: not worker_pids(server.home))
    return len(adapter_of(server.home, job_id))


@pytest.mark.parametrize(("room", "kept"), [(-1000, []), (1000, ["ckpt-step-8"])], ids=["adapter", "state"])
def test_a_job_that_finds_no_room_fails_and_leaves_nothing_half_written(
    client: OpenAI, server: RunningServer, adapter_size: int, room: int, kept: list[str]
) -> None:
    job_id = start_job(client, server.model)
    wait_until(lambda: bool(worker_pids(server.home)))
    limit_files(worker_pids(server.home)[0], adapter_size + room)
    job = wait_for(client, job_id)
    assert job.status == "failed"
    assert job.error is not None
    assert job.error.code == "disk_full"
    assert job.error.message.startswith("The disk is full.")
    assert "fttui local prune" in job.error.message
    assert messages_of(client, job_id)[-1] == job.error.message
    folder = folder_of(server.home, job_id)
    wait_until(lambda: sorted(path.name for path in folder.glob("*")) == kept)
    assert len(client.fine_tuning.jobs.checkpoints.list(job_id).data) == len(kept)
    assert ask(client, server.model, "Anyone?", max_tokens=2) is not None
    wait_until(lambda: not worker_pids(server.home))


def test_a_server_that_cannot_start_says_why(weights: Path, tmp_path: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1)); "
    done = subprocess.run(
        [sys.executable, "-c", f"{limit}from fttui.__main__ import main; main()", "local", "serve"],
        env=os.environ | {"FTTUI_HOME": str(tmp_path), "FTTUI_WEIGHTS": str(weights)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode != 0
    assert "The disk is full." in done.stderr
    assert "fttui local prune" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_database_fails_the_job_as_soon_as_that_can_be_stored(client: OpenAI, server: RunningServer) -> None:
    job_id = start_job(client, server.model, n_epochs=50)
    wait_for_steps(client, job_id, 1)
    limit_files(server.process.pid, 1)
    wait_until(lambda: not worker_pids(server.home))
    told = len(steps_of(client, job_id))
    limit_files(server.process.pid, ENDLESS)
    job = wait_for(client, job_id)
    assert job.status == "failed"
    assert job.error is not None
    assert job.error.code == "disk_full"
    assert len(steps_of(client, job_id)) == told
    other = start_job(client, server.model, n_epochs=1, batch_size=8)
    assert wait_for(client, other).status == "succeeded"
