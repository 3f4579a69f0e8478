"""Fine-tuning jobs: their fields from creation to the end, and what may be asked of them meanwhile."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob

from local_server_fixture import RunningServer, ask, chat_lines, upload, wait_for
from slow_jobs import start_job, status_of, wait_for_steps

LINES = chat_lines([("Who?", "I."), ("What?", "That.")])


def test_a_created_job_is_told_as_it_was_asked_for(client: OpenAI, server: RunningServer) -> None:
    file_id = upload(client, LINES)
    job = client.fine_tuning.jobs.create(
        model=server.model, training_file=file_id, suffix="my model", seed=11, metadata={"a": "b"}
    )
    assert job.id.startswith("ftjob-")
    assert job.status in ("validating_files", "queued")
    assert (job.model, job.training_file, job.validation_file, job.seed) == (server.model, file_id, None, 11)
    assert (job.fine_tuned_model, job.finished_at, job.trained_tokens) == (None, None, None)
    assert job.result_files == []
    assert job.metadata == {"a": "b"}
    assert abs(job.created_at - time.time()) < 60
    assert job.hyperparameters.n_epochs == "auto"
    assert job.method is not None
    assert job.method.type == "supervised"
    assert not (job.error and job.error.code)
    client.fine_tuning.jobs.cancel(job.id)


def test_a_finished_job_says_what_came_of_it(client: OpenAI, server: RunningServer, finished: FineTuningJob) -> None:
    job = client.fine_tuning.jobs.retrieve(finished.id)
    assert job.status == "succeeded"
    assert job.fine_tuned_model is not None
    assert re.fullmatch(rf"ft:{re.escape(server.model)}:local:conform:[A-Za-z0-9]+", job.fine_tuned_model)
    assert job.finished_at is not None
    assert job.finished_at >= job.created_at
    assert job.trained_tokens is not None
    assert job.trained_tokens > 0
    hyperparameters = job.hyperparameters
    assert (hyperparameters.n_epochs, hyperparameters.batch_size) == (3, 2)
    assert hyperparameters.learning_rate_multiplier == 1.0
    assert job.method is not None
    assert job.method.supervised is not None
    assert job.method.supervised.hyperparameters is not None
    assert job.method.supervised.hyperparameters.n_epochs == 3
    assert (job.seed, job.metadata) == (7, {"suite": "conformance"})
    assert (job.model_extra or {})["user_provided_suffix"] == "conform"


def test_automatic_hyperparameters_become_numbers(client: OpenAI, server: RunningServer) -> None:
    job = wait_for(client, client.fine_tuning.jobs.create(model=server.model, training_file=upload(client, LINES)).id)
    assert job.status == "succeeded", job.error
    for value in (job.hyperparameters.n_epochs, job.hyperparameters.batch_size):
        assert isinstance(value, int)
    assert isinstance(job.hyperparameters.learning_rate_multiplier, float)


def test_the_result_file_is_csv_with_openais_columns(client: OpenAI, finished: FineTuningJob) -> None:
    (file_id,) = finished.result_files
    assert client.files.retrieve(file_id).purpose == "fine-tune-results"
    assert file_id in [file.id for file in client.files.list(purpose="fine-tune-results")]
    rows = list(csv.DictReader(io.StringIO(client.files.content(file_id).text)))
    assert list(rows[0])[:5] == ["step", "train_loss", "train_accuracy", "valid_loss", "valid_mean_token_accuracy"]
    assert [row["step"] for row in rows] == [str(step) for step in range(1, 7)]
    assert all(0 < float(row["train_loss"]) < 10 and 0 <= float(row["train_accuracy"]) <= 1 for row in rows)
    ends = [row["step"] for row in rows if row["full_valid_loss"]]
    assert ends == ["2", "4", "6"]


def test_older_hyperparameters_are_taken(client: OpenAI, server: RunningServer) -> None:
    job = client.fine_tuning.jobs.create(
        model=server.model,
        training_file=upload(client, LINES),
        hyperparameters={"n_epochs": 1, "batch_size": "auto", "learning_rate_multiplier": 0.5},
    )
    done = wait_for(client, job.id)
    assert (done.hyperparameters.n_epochs, done.hyperparameters.learning_rate_multiplier) == (1, 0.5)


def test_training_goes_on_from_a_model_and_from_a_checkpoint(
    client: OpenAI, tuned: str, finished: FineTuningJob
) -> None:
    (checkpoint, *_) = client.fine_tuning.jobs.checkpoints.list(finished.id).data
    for start in (tuned, checkpoint.fine_tuned_model_checkpoint):
        job = client.fine_tuning.jobs.create(
            model=start, training_file=upload(client, LINES), hyperparameters={"n_epochs": 1}, suffix="further"
        )
        assert job.model == start
        done = wait_for(client, job.id)
        assert done.status == "succeeded", done.error
        assert done.fine_tuned_model is not None
        assert ":further:" in done.fine_tuned_model
        assert done.fine_tuned_model.count("ft:") == 1
        assert ask(client, done.fine_tuned_model, "Who?", max_tokens=2)


def test_a_running_job_is_paused_resumed_and_cancelled(client: OpenAI, server: RunningServer) -> None:
    job_id = start_job(client, server.model, n_epochs=50)
    wait_for_steps(client, job_id, 1)
    assert status_of(client.fine_tuning.jobs.pause(job_id)) == "paused"
    assert client.fine_tuning.jobs.resume(job_id).status in ("queued", "running")
    cancelled = client.fine_tuning.jobs.cancel(job_id)
    assert cancelled.status == "cancelled"
    assert cancelled.finished_at is not None
    for change in (client.fine_tuning.jobs.cancel, client.fine_tuning.jobs.pause, client.fine_tuning.jobs.resume):
        with pytest.raises(openai.BadRequestError) as refused:
            change(job_id)
        assert refused.value.code == "invalid_job_status"


def test_a_job_over_a_bad_file_fails_and_says_why(client: OpenAI, server: RunningServer) -> None:
    bad = upload(client, LINES + b'{"messages": []}\n')
    job = wait_for(client, client.fine_tuning.jobs.create(model=server.model, training_file=bad).id)
    assert job.status == "failed"
    assert job.error is not None
    assert (job.error.code, job.error.param) == ("invalid_training_file", "training_file")
    assert "ine 3" in job.error.message
    assert (job.fine_tuned_model, job.result_files) == (None, [])


PREFERENCES = b"".join(
    json.dumps(
        {
            "input": {"messages": [{"role": "user", "content": f"Say {n}."}]},
            "preferred_output": [{"role": "assistant", "content": "Yes."}],
            "non_preferred_output": [{"role": "assistant", "content": "No."}],
        }
    ).encode()
    + b"\n"
    for n in range(4)
)


def test_preference_pairs_are_learnt_by_dpo(client: OpenAI, server: RunningServer) -> None:
    file_id = upload(client, PREFERENCES, "pairs.jsonl")
    job = client.fine_tuning.jobs.create(
        model=server.model,
        training_file=file_id,
        validation_file=file_id,
        method={"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.2, "n_epochs": 4, "batch_size": 4}}},
    )
    done = wait_for(client, job.id)
    assert done.status == "succeeded", done.error
    assert done.method is not None
    assert done.method.dpo is not None
    assert done.method.dpo.hyperparameters is not None
    chosen = done.method.dpo.hyperparameters
    assert (chosen.beta, chosen.n_epochs, chosen.batch_size) == (0.2, 4, 4)
    rows = list(csv.DictReader(io.StringIO(client.files.content(done.result_files[0]).text)))
    assert float(rows[0]["train_loss"]) == pytest.approx(0.693, abs=0.01)  # log 2: nothing is preferred yet
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"])
    assert float(rows[-1]["train_reward_margin"]) > 0
    newest = client.fine_tuning.jobs.checkpoints.list(done.id).data[0]
    assert (newest.metrics.model_extra or {})["full_valid_reward_accuracy"] == 1.0


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown model": ({"model": "gpt-4o-mini"}, "model", "model_not_found"),
    "unknown file": ({"training_file": "file-unknown"}, "training_file", "file_not_found"),
    "unknown validation file": ({"validation_file": "file-unknown"}, "validation_file", "file_not_found"),
    "epochs": ({"hyperparameters": {"n_epochs": 51}}, "hyperparameters.n_epochs", "invalid_value"),
    "batch size": ({"hyperparameters": {"batch_size": 1.5}}, "hyperparameters.batch_size", "invalid_type"),
    "rate": (
        {"method": {"type": "supervised", "supervised": {"hyperparameters": {"learning_rate_multiplier": 0}}}},
        "method.supervised.hyperparameters.learning_rate_multiplier",
        "invalid_value",
    ),
    "beta": (
        {"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 3}}}},
        "method.dpo.hyperparameters.beta",
        "invalid_value",
    ),
    "reinforcement": ({"method": {"type": "reinforcement"}}, "method.type", "unsupported_method"),
    "integrations": ({"integrations": [{"type": "wandb", "wandb": {"project": "x"}}]}, "integrations", ""),
    "suffix": ({"suffix": "x" * 65}, "suffix", "invalid_value"),
    "seed": ({"seed": -1}, "seed", "invalid_value"),
    "metadata": ({"metadata": {"k": "v" * 513}}, "metadata", "invalid_value"),
    "unknown": ({"extra_body": {"n_epoch": 3}}, "n_epoch", "unknown_parameter"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_job_that_cannot_be_is_refused(client: OpenAI, server: RunningServer, name: str) -> None:
    options, param, code = REFUSED[name]
    with pytest.raises((openai.BadRequestError, openai.NotFoundError)) as refused:
        client.fine_tuning.jobs.create(**{"model": server.model, "training_file": upload(client, LINES), **options})
    assert refused.value.param == param
    assert refused.value.type == "invalid_request_error"
    assert refused.value.code == code or not code


def test_a_file_for_something_else_is_refused(client: OpenAI, server: RunningServer) -> None:
    other = client.files.create(file=("a.jsonl", LINES), purpose="user_data").id
    with pytest.raises(openai.BadRequestError) as refused:
        client.fine_tuning.jobs.create(model=server.model, training_file=other)
    assert refused.value.param == "training_file"


def test_jobs_are_found_by_their_metadata(client: OpenAI, server: RunningServer, finished: FineTuningJob) -> None:
    bad = upload(client, b"7\n")
    ids = [
        client.fine_tuning.jobs.create(
            model=server.model, training_file=bad, metadata={"kind": "filter", "n": str(n)}
        ).id
        for n in range(5)
    ]
    page = client.fine_tuning.jobs.list(limit=2, metadata={"kind": "filter"})
    assert [job.id for job in page.data] == ids[:2:-1]
    assert page.has_more
    assert [job.id for job in client.fine_tuning.jobs.list(metadata={"suite": "conformance"})] == [finished.id]
    assert not client.fine_tuning.jobs.list(metadata={"kind": "none"}).data
    rest = [job.id for job in client.fine_tuning.jobs.list(after=ids[1], limit=1, metadata={"kind": "filter"})]
    assert rest == ids[:1]


def test_an_unknown_job_is_not_found(client: OpenAI) -> None:
    jobs = client.fine_tuning.jobs
    for call in (jobs.retrieve, jobs.cancel, jobs.pause, jobs.resume, jobs.list_events, jobs.checkpoints.list):
        with pytest.raises(openai.NotFoundError) as missing:
            call("ftjob-unknown")
        assert "ftjob-unknown" in missing.value.message
