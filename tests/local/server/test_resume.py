"""Jobs whose training process or server is killed: they go on from their last state, as if nothing had happened."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob

from local_server_fixture import RunningServer, running_server, story, wait_for
from slow_jobs import (
    adapter_of,
    folder_of,
    messages_of,
    start_job,
    status_of,
    steps_of,
    wait_for_steps,
    wait_until,
    worker_pids,
)
from tiny_gguf import write_tiny_gguf

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")

OFTEN = "[local]\nsave_seconds = 0\n"


@pytest.fixture(scope="module")
def server(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that saves the state of a training after each step."""
    with running_server(weights, tmp_path_factory.mktemp("server"), settings=OFTEN) as running:
        yield running


@pytest.fixture(scope="module")
def straight(server: RunningServer) -> FineTuningJob:
    """A job that was never interrupted."""
    with server.client() as client:
        return wait_for(client, start_job(client, server.model))


def kill_worker(server: RunningServer) -> None:
    """SIGKILL for the training process, once there is one."""
    wait_until(lambda: bool(worker_pids(server.home)))
    for pid in worker_pids(server.home):
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda gone=pid: gone not in worker_pids(server.home))  # type: ignore[misc]


def assert_same(client: OpenAI, server: RunningServer, job: FineTuningJob, straight: FineTuningJob, home: Path) -> None:
    """A job and its model are those of one that was never interrupted."""
    assert job.status == "succeeded", job.error
    assert job.trained_tokens == straight.trained_tokens
    with server.client() as other:
        assert steps_of(client, job.id) == steps_of(other, straight.id)
    assert adapter_of(home, job.id) == adapter_of(server.home, straight.id)
    for step in (8, 16, 24):
        name = f"ckpt-step-{step}"
        assert adapter_of(home, job.id, name) == adapter_of(server.home, straight.id, name)
    assert [c.step_number for c in client.fine_tuning.jobs.checkpoints.list(job.id)] == [24, 16, 8]


def test_a_killed_server_leaves_no_worker_and_the_next_one_goes_on(
    weights: Path, tmp_path: Path, server: RunningServer, straight: FineTuningJob
) -> None:
    home = tmp_path / "home"
    with running_server(weights, home, settings=OFTEN) as killed:
        with killed.client() as client:
            job_id = start_job(client, killed.model)
            waiting = start_job(client, killed.model, n_epochs=1, batch_size=8)
            wait_for_steps(client, job_id, 10)
        assert len(worker_pids(home)) == 1
        killed.kill()
        wait_until(lambda: not worker_pids(home))
    assert (folder_of(home, job_id) / "state").is_file()
    with running_server(weights, home, settings=OFTEN) as second, second.client() as client:
        job = wait_for(client, job_id)
        assert wait_for(client, waiting).status == "succeeded"
        restarted = [m for m in messages_of(client, job_id) if m.startswith("The local server was restarted")]
        assert len(restarted) == 1
        assert int(restarted[0].rsplit(" ", 1)[1]) >= 9  # the tenth may have been lost, no more
        assert_same(client, server, job, straight, home)


def test_a_server_told_to_stop_saves_the_state_and_the_next_one_over_the_same_weights_goes_on(
    weights: Path, tmp_path: Path, server: RunningServer, straight: FineTuningJob
) -> None:
    home = tmp_path / "home"
    with running_server(weights, home) as stopped:
        with stopped.client() as client:
            job_id = start_job(client, stopped.model)
            wait_for_steps(client, job_id, 2)
        stopped.process.send_signal(signal.SIGTERM)
        assert stopped.process.wait(60) == 0
        assert not worker_pids(home)
    other = write_tiny_gguf(tmp_path / "other.gguf", changes={"general.name": "other"})
    with running_server(other, home) as second, second.client() as client:
        wait_until(lambda: status_of(client.fine_tuning.jobs.retrieve(job_id)) == "paused")
        assert "The model `tiny-random` is not on this server" in messages_of(client, job_id)[-1]
    with running_server(weights, home) as third, third.client() as client:
        client.fine_tuning.jobs.resume(job_id)
        job = wait_for(client, job_id)
        messages = messages_of(client, job_id)
        assert "The local server was stopped: training goes on with the next one" in messages
        assert any(m.startswith("The job was resumed: training goes on from step ") for m in messages)
        assert_same(client, server, job, straight, home)


def test_a_job_that_has_begun_waits_for_weights_that_are_missing_for_a_while(weights: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running_server(weights, home, settings=OFTEN) as first:
        with first.client() as client:
            job_id = start_job(client, first.model)
            wait_for_steps(client, job_id, 2)
        first.kill()
    missing = tmp_path / "not mounted" / "tiny.gguf"
    with running_server(missing, home, must_be_ready=False) as second, second.client() as client:
        wait_until(lambda: status_of(client.fine_tuning.jobs.retrieve(job_id)) == "paused")
        last = story(client, job_id)[-1]
        assert last.level == "warn"
        assert last.message.endswith("The job is paused; resume it when the weights are there.")
        assert (folder_of(home, job_id) / "state").is_file()
        new = start_job(client, "tiny-random")
        error = wait_for(client, new).error
        assert error is not None
        assert error.code == "weights_not_available"
    with running_server(weights, home) as third, third.client() as client:
        client.fine_tuning.jobs.resume(job_id)
        assert wait_for(client, job_id).status == "succeeded"
        steps = [step["step"] for step in steps_of(client, job_id)]
        assert steps == list(range(1, 25))


def test_a_worker_minds_no_signal_to_end_that_its_server_did_not_send(
    client: OpenAI, server: RunningServer, straight: FineTuningJob
) -> None:
    """A logout or power-off sends one to all processes at once: the server is to end the training, with its state."""
    job_id = start_job(client, server.model)
    wait_for_steps(client, job_id, 2)
    for pid in worker_pids(server.home):
        os.kill(pid, signal.SIGTERM)
    job = wait_for(client, job_id)
    assert not any(message.startswith("The training process ended") for message in messages_of(client, job_id))
    assert_same(client, server, job, straight, server.home)


def test_a_killed_worker_is_followed_by_another(client: OpenAI, server: RunningServer, straight: FineTuningJob) -> None:
    job_id = start_job(client, server.model)
    for step in (2, 12):
        wait_for_steps(client, job_id, step)
        kill_worker(server)
    job = wait_for(client, job_id)
    told = [m for m in messages_of(client, job_id) if m.startswith("The training process ended unexpectedly")]
    assert len(told) == 2
    assert all("(signal 9): training goes on from step " in message for message in told)
    assert_same(client, server, job, straight, server.home)


def test_a_worker_that_dies_before_a_step_fails_its_job_and_the_server_lives(
    client: OpenAI, server: RunningServer
) -> None:
    wait_until(lambda: not worker_pids(server.home))  # of an earlier job
    job_id = start_job(client, server.model)
    kill_worker(server)
    job = wait_for(client, job_id)
    assert job.status == "failed"
    assert job.error is not None
    assert job.error.code == "worker_died"
    assert "signal 9" in job.error.message
    assert "too little memory" in job.error.message
    assert messages_of(client, job_id)[-1] == job.error.message
    assert server.model in [model.id for model in client.models.list()]


def test_the_fourth_death_is_the_last(client: OpenAI, server: RunningServer) -> None:
    job_id = start_job(client, server.model, n_epochs=50)
    for deaths in range(4):
        wait_for_steps(client, job_id, len(steps_of(client, job_id)) + 1)
        kill_worker(server)
        assert deaths == 3 or status_of(client.fine_tuning.jobs.retrieve(job_id)) == "running"
    job = wait_for(client, job_id)
    assert job.error is not None
    assert "for the 4th time" in job.error.message
    wait_until(lambda: not (folder_of(server.home, job_id) / "state").exists())


@pytest.mark.parametrize("step", [2, 10])
def test_a_damaged_state_is_told_and_training_starts_again(
    client: OpenAI, server: RunningServer, straight: FineTuningJob, step: int
) -> None:
    job_id = start_job(client, server.model)
    wait_for_steps(client, job_id, step)
    client.fine_tuning.jobs.pause(job_id)
    wait_until(lambda: not worker_pids(server.home))
    for adapter in folder_of(server.home, job_id).glob("*/adapter_model.safetensors"):
        adapter.write_bytes(b"of another training")
    state = folder_of(server.home, job_id) / "state"
    state.write_bytes(state.read_bytes()[:-1])
    client.fine_tuning.jobs.resume(job_id)
    job = wait_for(client, job_id)
    messages = messages_of(client, job_id)
    assert any(message.startswith("The saved state cannot be used: ") for message in messages)
    assert "The job was resumed: training starts again from the beginning" in messages
    assert_same(client, server, job, straight, server.home)
