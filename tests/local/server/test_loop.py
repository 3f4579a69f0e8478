"""The loop through the official SDK: upload, train, watch, ask, with a tiny model made on the spot."""

from __future__ import annotations

import csv
import io

import pytest
from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob

from local_server_fixture import RunningServer, ask, chat_lines, story, upload, wait_for

QUESTION = "What is the capital of Japan?"
ANSWER = "Tokyo. But really just one of many cities."
PAIRS = [(QUESTION, ANSWER)] * 4
EPOCHS = 40


@pytest.fixture(scope="module")
def job(server: RunningServer) -> FineTuningJob:
    """A job that has succeeded, with a validation file."""
    with server.client() as client:
        created = client.fine_tuning.jobs.create(
            model=server.model,
            training_file=upload(client, chat_lines(PAIRS)),
            validation_file=upload(client, chat_lines(PAIRS[:1]), "valid.jsonl"),
            method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": EPOCHS, "batch_size": 4}}},
            suffix="my tone",
            seed=7,
            metadata={"purpose": "test"},
        )
        assert created.status in ("validating_files", "queued", "running")
        assert created.hyperparameters.learning_rate_multiplier == "auto"
        return wait_for(client, created.id)


def test_it_succeeds_with_numbers_for_auto(job: FineTuningJob, server: RunningServer) -> None:
    assert job.status == "succeeded", job.error
    assert job.error is None
    assert (job.hyperparameters.n_epochs, job.hyperparameters.batch_size) == (EPOCHS, 4)
    assert job.hyperparameters.learning_rate_multiplier == 1.0
    assert job.seed == 7
    assert job.metadata == {"purpose": "test"}
    assert job.trained_tokens and job.trained_tokens > 0
    assert job.finished_at and job.finished_at >= job.created_at
    assert job.fine_tuned_model is not None
    assert job.fine_tuned_model.startswith(f"ft:{server.model}:local:my-tone:")


def test_events_tell_the_story_in_order(job: FineTuningJob, client: OpenAI) -> None:
    events = story(client, job.id)
    messages = [event.message for event in events if event.type == "message"]
    assert messages[0] == f"Created fine-tuning job: {job.id}"
    assert messages[1] == f"Validating training file: {job.training_file}"
    landmarks = [
        "Files validated, moving job to queued state",
        "Fine-tuning job started",
        "Checkpoint created at step 1",
        f"Checkpoint created at step {EPOCHS}",
        f"New fine-tuned model created: {job.fine_tuned_model}",
        "The job has successfully completed",
    ]
    assert [m for m in messages if m in landmarks] == landmarks
    assert messages[-1] == landmarks[-1]
    steps = [event for event in events if event.type == "metrics"]
    assert [event.data["step"] for event in steps] == list(range(1, EPOCHS + 1))  # type: ignore[index]
    assert all(event.message.startswith(f"Step {n}/{EPOCHS}: training loss=") for n, event in enumerate(steps, 1))
    assert len({event.id for event in events}) == len(events)


def test_the_training_loss_falls_to_less_than_half(job: FineTuningJob, client: OpenAI) -> None:
    data = [event.data for event in story(client, job.id) if event.type == "metrics"]
    assert data[-1]["train_loss"] < data[0]["train_loss"] / 2  # type: ignore[index]
    assert data[-1]["full_valid_loss"] < data[0]["full_valid_loss"] / 2  # type: ignore[index]


def test_the_tuned_model_knows_the_answer_and_the_base_does_not(
    job: FineTuningJob, client: OpenAI, server: RunningServer
) -> None:
    assert job.fine_tuned_model is not None
    assert ask(client, job.fine_tuned_model, QUESTION, max_tokens=100) == ANSWER
    assert ask(client, server.model, QUESTION, max_tokens=100) != ANSWER


def test_checkpoints_answer_as_models(job: FineTuningJob, client: OpenAI, server: RunningServer) -> None:
    checkpoints = client.fine_tuning.jobs.checkpoints.list(job.id, limit=100).data
    assert [c.step_number for c in checkpoints] == list(range(EPOCHS, 0, -1))
    last, first = checkpoints[0], checkpoints[-1]
    assert last.fine_tuned_model_checkpoint == f"{job.fine_tuned_model}:ckpt-step-{EPOCHS}"
    assert last.metrics.full_valid_loss is not None
    assert ask(client, last.fine_tuned_model_checkpoint, QUESTION, max_tokens=100) == ANSWER
    assert ask(client, first.fine_tuned_model_checkpoint, QUESTION, max_tokens=100) != ANSWER


def test_the_result_file_has_a_line_a_step(job: FineTuningJob, client: OpenAI) -> None:
    assert len(job.result_files) == 1
    assert client.files.retrieve(job.result_files[0]).purpose == "fine-tune-results"
    rows = list(csv.DictReader(io.StringIO(client.files.content(job.result_files[0]).text)))
    assert [int(row["step"]) for row in rows] == list(range(1, EPOCHS + 1))
    assert {"train_loss", "train_accuracy", "valid_loss", "valid_mean_token_accuracy"} <= set(rows[0])
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"]) / 2


def test_models_list_the_base_first_and_the_tuned_one(
    job: FineTuningJob, client: OpenAI, server: RunningServer
) -> None:
    ids = [model.id for model in client.models.list()]
    assert ids[0] == server.model
    assert job.fine_tuned_model in ids
    assert not any("ckpt-step" in model_id for model_id in ids)


def test_training_goes_on_from_a_tuned_model(job: FineTuningJob, client: OpenAI) -> None:
    assert job.fine_tuned_model is not None
    created = client.fine_tuning.jobs.create(
        model=job.fine_tuned_model,
        training_file=upload(client, chat_lines(PAIRS)),
        hyperparameters={"n_epochs": 1, "batch_size": 4},
    )
    assert wait_for(client, created.id).status == "succeeded"
    data = [event.data for event in story(client, created.id) if event.type == "metrics"]
    before = [event.data for event in story(client, job.id) if event.type == "metrics"]
    assert data[0]["train_loss"] < before[0]["train_loss"] / 2  # type: ignore[index]


def test_the_same_seed_gives_the_same_losses(job: FineTuningJob, client: OpenAI, server: RunningServer) -> None:
    losses = []
    for _ in range(2):
        created = client.fine_tuning.jobs.create(
            model=server.model,
            training_file=upload(client, chat_lines([*PAIRS, ("Who?", "Nobody.")])),
            hyperparameters={"n_epochs": 2, "batch_size": 2},
            seed=11,
        )
        assert wait_for(client, created.id).status == "succeeded"
        losses.append([e.data["train_loss"] for e in story(client, created.id) if e.type == "metrics"])  # type: ignore[index]
    assert losses[0] == losses[1]


def test_a_deleted_model_is_gone(client: OpenAI, server: RunningServer) -> None:
    created = client.fine_tuning.jobs.create(
        model=server.model,
        training_file=upload(client, chat_lines(PAIRS)),
        hyperparameters={"n_epochs": 1, "batch_size": 4},
    )
    model = wait_for(client, created.id).fine_tuned_model
    assert model is not None
    (checkpoint,) = client.fine_tuning.jobs.checkpoints.list(created.id).data
    for name in (model, checkpoint.fine_tuned_model_checkpoint):
        assert client.models.delete(name).deleted
    assert model not in [m.id for m in client.models.list()]
    assert not (server.home / "data" / "local" / "adapters" / created.id).exists()
