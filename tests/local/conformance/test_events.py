"""The events and the checkpoints of a job."""

from __future__ import annotations

import openai
import pytest
from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob

from local_server_fixture import ask


def test_events_come_newest_first_in_pages(client: OpenAI, finished: FineTuningJob) -> None:
    everything = client.fine_tuning.jobs.list_events(finished.id, limit=100)
    assert not everything.has_more
    ids = [event.id for event in everything.data]
    assert all(event_id.startswith("ftevent-") for event_id in ids)
    assert len(set(ids)) == len(ids) > 10
    times = [event.created_at for event in everything.data]
    assert times == sorted(times, reverse=True)
    assert [event.id for event in client.fine_tuning.jobs.list_events(finished.id, limit=3)] == ids
    page = client.fine_tuning.jobs.list_events(finished.id, limit=3, after=ids[2])
    assert [event.id for event in page.data] == ids[3:6]
    assert page.has_more
    with pytest.raises(openai.NotFoundError) as unknown:
        client.fine_tuning.jobs.list_events(finished.id, after="ftevent-unknown")
    assert unknown.value.param == "after"


def test_events_tell_the_story_and_the_numbers(client: OpenAI, finished: FineTuningJob) -> None:
    story = list(client.fine_tuning.jobs.list_events(finished.id, limit=100))[::-1]
    said = [event.message for event in story if event.type == "message"]
    assert said[0] == f"Created fine-tuning job: {finished.id}"
    assert f"New fine-tuned model created: {finished.fine_tuned_model}" in said
    assert "The job has successfully completed" in said
    metrics = [event.data for event in story if event.type == "metrics"]
    assert all(isinstance(data, dict) for data in metrics)
    assert [data["step"] for data in metrics] == list(range(1, 7))  # type: ignore[index]
    for data in metrics:
        assert data["total_steps"] == 6  # type: ignore[index]
        assert data["train_loss"] > 0  # type: ignore[index]
        assert 0 <= data["train_mean_token_accuracy"] <= 1  # type: ignore[index]
    assert [data["step"] for data in metrics if "full_valid_loss" in data] == [2, 4, 6]  # type: ignore[index,operator]
    last = next(event for event in story[::-1] if event.type == "metrics")
    assert last.message.startswith("Step 6/6: training loss=")
    assert {event.level for event in story} <= {"info", "warn"}


def test_checkpoints_have_their_metrics_and_answer(client: OpenAI, finished: FineTuningJob) -> None:
    found = client.fine_tuning.jobs.checkpoints.list(finished.id).data
    assert [checkpoint.step_number for checkpoint in found] == [6, 4, 2]
    for checkpoint in found:
        assert checkpoint.id.startswith("ftckpt_")
        assert checkpoint.fine_tuning_job_id == finished.id
        assert checkpoint.fine_tuned_model_checkpoint.endswith(f":ckpt-step-{checkpoint.step_number}")
        assert checkpoint.metrics.step == checkpoint.step_number
        for value in (checkpoint.metrics.train_loss, checkpoint.metrics.full_valid_loss):
            assert value is not None
            assert value > 0
        assert ask(client, checkpoint.fine_tuned_model_checkpoint, "Who are you?", max_tokens=2)
    page = client.fine_tuning.jobs.checkpoints.list(finished.id, limit=1, after=found[0].id)
    assert [checkpoint.id for checkpoint in page.data] == [found[1].id]
    assert page.has_more
    assert [c.id for c in client.fine_tuning.jobs.checkpoints.list(finished.id, limit=1)] == [c.id for c in found]


def test_the_best_checkpoint_is_named(client: OpenAI, finished: FineTuningJob) -> None:
    found = client.fine_tuning.jobs.checkpoints.list(finished.id).data
    best = min(found, key=lambda checkpoint: checkpoint.metrics.full_valid_loss or 0.0)
    job = client.fine_tuning.jobs.retrieve(finished.id)
    assert (job.model_extra or {})["best_checkpoint"] == best.fine_tuned_model_checkpoint
