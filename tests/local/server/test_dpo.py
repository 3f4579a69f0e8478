"""Preference pairs through the official SDK, and the best checkpoint, and the loss on other weights."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob

from local_server_fixture import RunningServer, chat_lines, running_server, story, upload, wait_for
from slow_jobs import messages_of, steps_of
from tiny_gguf import write_tiny_gguf

EPOCHS = 6
CHOSEN: Any = {"n_epochs": EPOCHS, "batch_size": 4, "learning_rate_multiplier": 3.0}


def pair_lines(count: int) -> bytes:
    records = [
        {
            "input": {"messages": [{"role": "user", "content": f"Question {n}?"}]},
            "preferred_output": [{"role": "assistant", "content": "Yes, gladly."}],
            "non_preferred_output": [{"role": "assistant", "content": "No."}],
        }
        for n in range(count)
    ]
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server over quantised weights that knows the original ones."""
    folder = tmp_path_factory.mktemp("weights")
    served = write_tiny_gguf(folder / "tiny.gguf", quantization="Q8_0")
    original = write_tiny_gguf(folder / "original.gguf")
    settings = f"[local]\noriginal_weights = {json.dumps(str(original))}\n"
    with running_server(served, tmp_path_factory.mktemp("server"), settings=settings) as running:
        yield running


@pytest.fixture(scope="module")
def job(server: RunningServer) -> FineTuningJob:
    """A job over preference pairs that has succeeded."""
    with server.client() as client:
        created = client.fine_tuning.jobs.create(
            model=server.model,
            training_file=upload(client, pair_lines(8)),
            validation_file=upload(client, pair_lines(3)),
            method={"type": "dpo", "dpo": {"hyperparameters": CHOSEN}},
            seed=3,
        )
        assert shown(created)["beta"] == "auto"
        return wait_for(client, created.id)


def shown(job: FineTuningJob) -> dict[str, Any]:
    assert job.method is not None
    assert job.method.type == "dpo"
    assert job.method.dpo is not None
    assert job.method.dpo.hyperparameters is not None
    return job.method.dpo.hyperparameters.model_dump()


def test_it_learns_to_prefer(job: FineTuningJob, client: OpenAI) -> None:
    assert job.status == "succeeded", job.error
    assert shown(job) == {**CHOSEN, "beta": 0.1}
    steps = steps_of(client, job.id)
    assert len(steps) == 2 * EPOCHS
    assert steps[0]["train_loss"] == pytest.approx(0.6931, abs=1e-3)  # log 2: nothing is preferred yet
    assert steps[-1]["train_loss"] < steps[0]["train_loss"]
    assert steps[-1]["train_reward_accuracy"] == 1.0
    assert steps[-1]["train_reward_margin"] > 0
    assert steps[-1]["full_valid_reward_accuracy"] == 1.0
    assert "reward accuracy=1.00" in [e.message for e in story(client, job.id) if e.type == "metrics"][-1]


def test_the_result_file_has_the_rewards_behind_the_usual_columns(job: FineTuningJob, client: OpenAI) -> None:
    rows = list(csv.DictReader(io.StringIO(client.files.content(job.result_files[0]).text)))
    assert list(rows[0])[-3:] == ["train_reward_accuracy", "train_reward_margin", "full_valid_reward_accuracy"]
    assert float(rows[-1]["train_reward_accuracy"]) == 1.0


def test_the_best_checkpoint_is_told_and_remembered(job: FineTuningJob, client: OpenAI) -> None:
    losses = {s["step"]: s["full_valid_loss"] for s in steps_of(client, job.id) if "full_valid_loss" in s}
    assert len(losses) == EPOCHS
    best = min(losses, key=lambda step: (losses[step], step))
    assert job.model_dump()["best_checkpoint"] == f"{job.fine_tuned_model}:ckpt-step-{best}"
    so_far = [m for m in messages_of(client, job.id) if m.startswith("Lowest full validation loss so far at step")]
    assert so_far[0].startswith("Lowest full validation loss so far at step 2: ")
    assert so_far[-1].startswith(f"Lowest full validation loss so far at step {best}: ")


def test_the_loss_on_the_original_weights_is_told(job: FineTuningJob, client: OpenAI) -> None:
    (event,) = [e for e in story(client, job.id) if e.message.startswith("Loss on the original weights: ")]
    data: Any = event.data
    assert data["original"] == pytest.approx(data["quantised"], abs=0.2)
    assert data["original"] != data["quantised"]
    assert data["tokens"] > 0


def test_a_worse_end_than_its_best_checkpoint_is_told_at_the_end(client: OpenAI, server: RunningServer) -> None:
    job_id = client.fine_tuning.jobs.create(
        model=server.model,
        training_file=upload(client, chat_lines([("Who?", "Nobody at all.")] * 4)),
        validation_file=upload(client, chat_lines([("Who?", "Everybody I know.")])),
        hyperparameters={"n_epochs": 12, "batch_size": 1},
    ).id
    job = wait_for(client, job_id)
    best = job.model_dump()["best_checkpoint"]
    last_words = messages_of(client, job_id)[-2]
    assert best is not None
    assert not best.endswith("-48")
    assert last_words.startswith("The lowest full validation loss was ")
    assert last_words.endswith(best)


@pytest.mark.parametrize(
    ("method", "param"),
    [
        ({"type": "reinforcement", "reinforcement": {"grader": {}}}, "method.type"),
        ({"type": "\x1b[31m[bold]"}, "method.type"),
        ({"type": []}, "method"),
        ("dpo", "method"),
        ({"type": "dpo", "dpo": []}, "method.dpo"),
        ({"type": "dpo", "dpo": {"hyperparameters": {"beta": 0}}}, "method.dpo.hyperparameters.beta"),
        ({"type": "dpo", "dpo": {"hyperparameters": {"beta": 2.1}}}, "method.dpo.hyperparameters.beta"),
        ({"type": "dpo", "dpo": {"hyperparameters": {"gamma": 1}}}, "method.dpo.hyperparameters.gamma"),
        (
            {"type": "supervised", "supervised": {"hyperparameters": {"beta": 1}}},
            "method.supervised.hyperparameters.beta",
        ),
        ({"type": "supervised", "other": 1}, "method.other"),
    ],
)
def test_methods_that_cannot_be_are_refused(client: OpenAI, server: RunningServer, method: Any, param: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.fine_tuning.jobs.create(model=server.model, training_file=upload(client, pair_lines(1)), method=method)
    assert refused.value.param == param


def test_the_older_hyperparameters_are_for_supervised_jobs(client: OpenAI, server: RunningServer) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.fine_tuning.jobs.create(
            model=server.model,
            training_file=upload(client, pair_lines(1)),
            method={"type": "dpo"},
            hyperparameters={"n_epochs": 1},
        )
    assert refused.value.param == "hyperparameters"


def test_conversations_with_dpo_fail_with_their_line(client: OpenAI, server: RunningServer) -> None:
    file_id = upload(client, pair_lines(1) + chat_lines([("a", "b")]))
    job = wait_for(
        client, client.fine_tuning.jobs.create(model=server.model, training_file=file_id, method={"type": "dpo"}).id
    )
    assert job.error is not None
    assert "Line 2: no preference pair" in job.error.message
