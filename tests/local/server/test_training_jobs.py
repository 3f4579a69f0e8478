"""Jobs that do not go straight: cancelled, refused, waiting, with bad files."""

from __future__ import annotations

import json

import openai
import pytest
from openai import OpenAI

from local_server_fixture import RunningServer, ask, chat_lines, story, upload, wait_for

LONG = {"n_epochs": 50, "batch_size": 1}
PAIRS = [(f"Question {n}?", f"Answer {n}, at some length, so that a step takes its time.") for n in range(40)]


def start(client: OpenAI, model: str, **options: object) -> str:
    file_id = upload(client, chat_lines(PAIRS))
    return client.fine_tuning.jobs.create(model=model, training_file=file_id, **options).id  # type: ignore[arg-type]


def wait_for_checkpoint(client: OpenAI, job_id: str) -> str:
    while not (found := client.fine_tuning.jobs.checkpoints.list(job_id).data):
        assert client.fine_tuning.jobs.retrieve(job_id).status in ("validating_files", "queued", "running")
    return found[-1].fine_tuned_model_checkpoint


def test_cancel_in_mid_training_and_its_checkpoints_stay(client: OpenAI, server: RunningServer) -> None:
    job_id = start(client, server.model, hyperparameters=LONG)
    checkpoint = wait_for_checkpoint(client, job_id)
    assert client.fine_tuning.jobs.retrieve(job_id).estimated_finish is not None
    cancelled = client.fine_tuning.jobs.cancel(job_id)
    assert cancelled.status == "cancelled"
    assert cancelled.finished_at is not None
    assert cancelled.fine_tuned_model is None
    assert story(client, job_id)[-1].message == "Fine-tuning job cancelled"
    assert ask(client, checkpoint, "Question 1?", max_tokens=3)
    with pytest.raises(openai.BadRequestError) as refused:
        client.fine_tuning.jobs.cancel(job_id)
    assert "cancelled" in refused.value.message


def test_a_second_job_waits_and_a_waiting_job_can_be_cancelled(client: OpenAI, server: RunningServer) -> None:
    first = start(client, server.model, hyperparameters=LONG)
    wait_for(client, first, "running")
    second = start(client, server.model, hyperparameters={"n_epochs": 1, "batch_size": 40})
    third = start(client, server.model, hyperparameters=LONG)
    assert wait_for(client, third, "queued").status == "queued"
    assert client.fine_tuning.jobs.retrieve(second).status == "queued"
    assert client.fine_tuning.jobs.cancel(third).status == "cancelled"
    client.fine_tuning.jobs.cancel(first)
    assert wait_for(client, second).status == "succeeded"
    assert all(event.type == "message" for event in story(client, third))


BAD_FILES = {
    "not json": (b'{"messages": [\n', "Line 2: not JSON"),
    "no messages": (b'{"text": "x"}\n', "Line 2: no 'messages'"),
    "unknown role": (b'{"messages": [{"role": "robot", "content": "x"}]}\n', "Line 2: message 1 has the role 'robot'"),
    "no answer": (b'{"messages": [{"role": "user", "content": "x"}]}\n', "Line 2: no assistant message"),
    "no content": (b'{"messages": [{"role": "assistant", "content": null}]}\n', "Line 2: message 1 has no text"),
    "weight": (
        b'{"messages": [{"role": "assistant", "content": "x", "weight": 2}]}\n',
        "Line 2: message 1 has a 'weight'",
    ),
    "preference": (
        json.dumps(
            {
                "input": {"messages": [{"role": "user", "content": "x"}]},
                "preferred_output": [{"role": "assistant", "content": "y"}],
                "non_preferred_output": [{"role": "assistant", "content": "z"}],
            }
        ).encode(),
        "Line 2: a preference pair",
    ),
    "completion": (b'{"prompt": "a", "completion": "b"}\n', "Line 2: a prompt with its completion, and the examples"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_training_file_fails_the_job_with_its_line(client: OpenAI, server: RunningServer, name: str) -> None:
    line, reason = BAD_FILES[name]
    file_id = upload(client, chat_lines(PAIRS[:1]) + line)
    job = wait_for(client, client.fine_tuning.jobs.create(model=server.model, training_file=file_id).id)
    assert job.status == "failed"
    assert job.error is not None
    assert (job.error.code, job.error.param) == ("invalid_training_file", "training_file")
    assert reason in job.error.message
    last = story(client, job.id)[-1]
    assert (last.level, last.message) == ("error", job.error.message)


def test_many_bad_lines_are_counted(client: OpenAI, server: RunningServer) -> None:
    job_id = client.fine_tuning.jobs.create(model=server.model, training_file=upload(client, b"7\n" * 30)).id
    error = wait_for(client, job_id).error
    assert error is not None
    assert "Line 5:" in error.message
    assert "Line 6:" not in error.message
    assert "25 more lines are invalid" in error.message


def test_a_file_of_blank_lines_holds_no_examples(client: OpenAI, server: RunningServer) -> None:
    job_id = client.fine_tuning.jobs.create(model=server.model, training_file=upload(client, b"\n \n")).id
    error = wait_for(client, job_id).error
    assert error is not None
    assert error.message == "The training file holds no examples."


def test_a_bad_validation_file_is_named_as_such(client: OpenAI, server: RunningServer) -> None:
    bad = upload(client, b"[]\n")
    job = wait_for(client, start(client, server.model, validation_file=bad))
    assert job.error is not None
    assert (job.error.code, job.error.param) == ("invalid_validation_file", "validation_file")


def test_bom_crlf_blank_lines_and_no_final_newline_train(client: OpenAI, server: RunningServer) -> None:
    content = b"\xef\xbb\xbf" + chat_lines(PAIRS[:3]).replace(b"\n", b"\r\n\r\n").rstrip()
    job_id = client.fine_tuning.jobs.create(
        model=server.model, training_file=upload(client, content), hyperparameters={"n_epochs": 1}
    ).id
    assert wait_for(client, job_id).status == "succeeded"


def test_lone_surrogates_train_as_replacement_characters(client: OpenAI, server: RunningServer) -> None:
    job_id = client.fine_tuning.jobs.create(
        model=server.model,
        training_file=upload(client, chat_lines([("half \ud83d", "gone \udc00")])),
        hyperparameters={"n_epochs": 1},
    ).id
    job = wait_for(client, job_id)
    assert job.status == "succeeded", job.error


def test_weights_that_are_zero_are_honoured(client: OpenAI, server: RunningServer) -> None:
    record = {
        "messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "not this", "weight": 0},
            {"role": "user", "content": "b"},
            {"role": "assistant", "content": "this", "weight": 1},
        ]
    }
    file_id = upload(client, json.dumps(record).encode())
    job_id = client.fine_tuning.jobs.create(
        model=server.model, training_file=file_id, hyperparameters={"n_epochs": 1}
    ).id
    assert wait_for(client, job_id).status == "succeeded"


def test_lists_page_from_the_newest_and_filter_by_metadata(client: OpenAI, server: RunningServer) -> None:
    bad = upload(client, b"7\n")
    ids = [
        client.fine_tuning.jobs.create(model=server.model, training_file=bad, metadata={"n": str(n), "page": "yes"}).id
        for n in range(3)
    ]
    for job_id in ids:
        wait_for(client, job_id)
    page = client.fine_tuning.jobs.list(limit=2, metadata={"page": "yes"})
    assert [job.id for job in page.data] == [ids[2], ids[1]]
    assert page.has_more
    rest = page.get_next_page()
    assert ids[0] in [job.id for job in rest.data]
    assert [job.id for job in client.fine_tuning.jobs.list(extra_query={"metadata[n]": "1"})] == [ids[1]]
    with pytest.raises(openai.BadRequestError) as refused:
        client.fine_tuning.jobs.list(extra_query={f"metadata[{n}]": "1" for n in range(1200)})
    assert refused.value.param == "metadata"
    newest = client.fine_tuning.jobs.list_events(ids[0], limit=2)
    assert [e.level for e in newest.data] == ["error", "info"]
    older = client.fine_tuning.jobs.list_events(ids[0], after=newest.data[-1].id)
    assert [e.message for e in older.data] == [f"Created fine-tuning job: {ids[0]}"]
    assert not older.has_more
