"""Jobs that are paused and resumed."""

from __future__ import annotations

from pathlib import Path

import openai
import pytest
from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob

from local_server_fixture import RunningServer, chat_lines, running_server, story, upload, wait_for
from slow_jobs import PAIRS, adapter_of, folder_of, start_job, status_of, steps_of, wait_for_steps, wait_until


@pytest.fixture(scope="module")
def straight(server: RunningServer) -> FineTuningJob:
    """A job that was never interrupted."""
    with server.client() as client:
        return wait_for(client, start_job(client, server.model))


def test_a_job_that_was_paused_ends_as_if_nothing_had_happened(
    straight: FineTuningJob, client: OpenAI, server: RunningServer
) -> None:
    job_id = start_job(client, server.model)
    wait_for_steps(client, job_id, 3)
    paused = client.fine_tuning.jobs.pause(job_id)
    assert status_of(paused) == "paused"
    assert paused.estimated_finish is None
    with pytest.raises(openai.BadRequestError) as refused:
        client.fine_tuning.jobs.pause(job_id)
    assert refused.value.code == "invalid_job_status"
    assert client.fine_tuning.jobs.resume(job_id).status in ("queued", "running")
    job = wait_for(client, job_id)
    assert job.status == "succeeded", job.error
    messages = [event.message for event in story(client, job_id)]
    assert messages.index("Fine-tuning job paused") < messages.index("Fine-tuning job resumed")
    assert any(message.startswith("The job was resumed: training goes on from step ") for message in messages)
    assert steps_of(client, job_id) == steps_of(client, straight.id)
    assert job.trained_tokens == straight.trained_tokens
    assert adapter_of(server.home, job_id) == adapter_of(server.home, straight.id)
    wait_until(lambda: not (folder_of(server.home, job_id) / "state").exists())


def test_only_a_paused_job_is_resumed_and_only_one_that_is_not_over_is_paused(
    straight: FineTuningJob, client: OpenAI
) -> None:
    for change in (client.fine_tuning.jobs.pause, client.fine_tuning.jobs.resume):
        with pytest.raises(openai.BadRequestError) as refused:
            change(straight.id)
        assert refused.value.code == "invalid_job_status"
        assert "succeeded" in refused.value.message
    with pytest.raises(openai.NotFoundError):
        client.fine_tuning.jobs.pause("ftjob-unknown")


def test_a_paused_job_lets_others_by_and_can_be_cancelled(client: OpenAI, server: RunningServer) -> None:
    job_id = start_job(client, server.model, n_epochs=50)
    wait_for_steps(client, job_id, 1)
    client.fine_tuning.jobs.pause(job_id)
    other = start_job(client, server.model, n_epochs=1)
    assert wait_for(client, other).status == "succeeded"
    assert status_of(client.fine_tuning.jobs.retrieve(job_id)) == "paused"
    folder = folder_of(server.home, job_id)
    assert (folder / "state").is_file()
    assert client.fine_tuning.jobs.cancel(job_id).status == "cancelled"
    assert not (folder / "state").exists()


def test_a_waiting_job_is_paused_and_resumed(client: OpenAI, server: RunningServer) -> None:
    first = start_job(client, server.model, n_epochs=50)
    waiting = start_job(client, server.model, n_epochs=1)
    wait_for(client, waiting, "queued")
    assert status_of(client.fine_tuning.jobs.pause(waiting)) == "paused"
    client.fine_tuning.jobs.cancel(first)
    assert client.fine_tuning.jobs.resume(waiting).status in ("queued", "running")
    assert wait_for(client, waiting).status == "succeeded"
    assert steps_of(client, waiting)[0]["step"] == 1


def test_pausing_and_resuming_at_once_trains_once(client: OpenAI, server: RunningServer) -> None:
    file_id = upload(client, chat_lines(PAIRS))
    job_id = client.fine_tuning.jobs.create(
        model=server.model, training_file=file_id, hyperparameters={"n_epochs": 1, "batch_size": 4}
    ).id
    for _ in range(5):
        if client.fine_tuning.jobs.retrieve(job_id).status == "succeeded":
            break
        client.fine_tuning.jobs.pause(job_id)
        client.fine_tuning.jobs.resume(job_id)
    assert wait_for(client, job_id).status == "succeeded"
    steps = steps_of(client, job_id)
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    assert sum(event.message == "The job has successfully completed" for event in story(client, job_id)) == 1


def test_a_paused_job_keeps_no_server_alive_and_outlives_it(weights: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running_server(weights, home, settings="[local]\nidle_minutes = 0.005\n") as server:
        with server.client() as client:
            job_id = start_job(client, server.model)
            wait_for_steps(client, job_id, 2)
            client.fine_tuning.jobs.pause(job_id)
        assert server.process.wait(60) == 0
    with running_server(weights, home) as server, server.client() as client:
        assert status_of(client.fine_tuning.jobs.retrieve(job_id)) == "paused"
        client.fine_tuning.jobs.resume(job_id)
        assert wait_for(client, job_id).status == "succeeded"
        assert steps_of(client, job_id)[-1]["step"] == len(steps_of(client, job_id))
