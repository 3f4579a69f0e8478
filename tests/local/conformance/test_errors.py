"""Refusals: the SDK's exceptions, with OpenAI's words in them, and what the SDK tries again by itself."""

from __future__ import annotations

from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI

from local_server_fixture import RunningServer, ask
from openai_shapes import ShapeCheck

LONG: Any = {"max_tokens": 900, "logit_bias": {"0": -100, "2": -100}}
"""An answer that does not end by itself: the tokens that end one are ruled out."""


def test_a_wrong_key_is_an_authentication_error(client: OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError, match="Incorrect API key provided") as refused:
        client.with_options(api_key="sk-wrong").models.list()
    assert refused.value.code == "invalid_api_key"
    assert refused.value.type == "invalid_request_error"
    assert (refused.value.request_id or "").startswith("req_")


def test_an_unknown_path_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match=r"The local server has no /v1/embeddings: it has files,") as missing:
        client.embeddings.create(model="m", input="x")
    assert missing.value.type == "invalid_request_error"


def test_the_responses_api_is_answered_with_what_to_use_instead(client: OpenAI, server: RunningServer) -> None:
    with pytest.raises(openai.NotFoundError, match="no Responses API: use /v1/chat/completions"):
        client.responses.create(model=server.model, input="hi")
    with pytest.raises(openai.NotFoundError, match=r"Invalid URL \(GET /v1/nothing\)"):
        client.get("/nothing", cast_to=object)


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.models.retrieve("gpt-4o"),
        lambda client: client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "x"}]),
        lambda client: client.completions.create(model="gpt-4o", prompt="x"),
    ],
    ids=["models", "chat", "completions"],
)
def test_an_unknown_model_is_not_found(client: OpenAI, call: Any) -> None:
    with pytest.raises(openai.NotFoundError, match="The model `gpt-4o` does not exist") as missing:
        call(client)
    assert (missing.value.code, missing.value.param) == ("model_not_found", "model")


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("/chat/completions", {"messages": []}, "messages"),
        ("/chat/completions", {"messages": [{"role": "user", "content": "x"}]}, "model"),
        ("/completions", {"model": "m"}, "prompt"),
        ("/fine_tuning/jobs", {"training_file": "file-x"}, "model"),
        ("/fine_tuning/jobs", {}, "model"),
        ("/uploads", {"purpose": "fine-tune"}, "bytes"),
    ],
)
def test_a_missing_parameter_is_named(client: OpenAI, path: str, body: Any, param: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.post(path, body=body, cast_to=object)
    assert refused.value.param == param


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 10_000])
def test_a_body_that_is_no_object_is_refused(client: OpenAI, content: bytes) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.post(
            "/chat/completions",
            content=content,
            cast_to=object,
            options={"headers": {"content-type": "application/json"}},
        )
    assert refused.value.type == "invalid_request_error"


def test_an_answer_that_takes_too_long_is_given_up_by_the_client(client: OpenAI, server: RunningServer) -> None:
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=0.1).chat.completions.create(
            model=server.model, messages=[{"role": "user", "content": "x"}], n=8, **LONG
        )
    assert ask(client, server.model, "Still there?", max_tokens=2)


def test_a_busy_server_is_tried_again(server: RunningServer) -> None:
    check = ShapeCheck()
    statuses: list[int] = []
    http_client = check.http_client()
    with server.client(http_client=http_client) as client:
        streams = [
            client.chat.completions.create(
                model=server.model, messages=[{"role": "user", "content": str(n)}], n=8, stream=True, **LONG
            )
            for n in range(32)
        ]

        def make_room(response: httpx2.Response) -> None:
            statuses.append(response.status_code)
            for stream in streams:
                stream.close()

        http_client.event_hooks["response"].append(make_room)
        assert ask(client.with_options(max_retries=4), server.model, "Me too?", max_tokens=2)
    assert statuses[0] == 429
    assert statuses[-1] == 200
    assert check.complaints == []


def test_a_conflict_is_told_at_once(server: RunningServer, tuned: str) -> None:
    """The SDK tries 409 again by itself unless it is told not to; this one would stay."""
    with server.client() as client:
        lines = b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n' * 20
        file_id = client.files.create(file=("a.jsonl", lines), purpose="fine-tune").id
        job = client.fine_tuning.jobs.create(
            model=tuned, training_file=file_id, hyperparameters={"n_epochs": 50, "batch_size": 1}
        )
        try:
            with pytest.raises(openai.ConflictError) as refused:
                client.with_options(max_retries=5).models.delete(tuned)
            assert refused.value.code == "model_in_use"
            assert "x-stainless-retry-count" in refused.value.response.request.headers
            assert refused.value.response.request.headers["x-stainless-retry-count"] == "0"
        finally:
            client.fine_tuning.jobs.cancel(job.id)
