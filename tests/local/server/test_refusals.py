"""What the server refuses, in the shape of errors that the SDK parses."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
from openai import OpenAI

from local_server_fixture import RunningServer, chat_lines, upload

MESSAGES: Any = [{"role": "user", "content": "hello"}]


def raw(
    server: RunningServer, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> tuple[int, Any]:
    """A request as a program without the SDK would send it."""
    connection = http.client.HTTPConnection(str(urlsplit(server.base_url).netloc), timeout=20)
    try:
        connection.request(
            method, path, body=body or None, headers={"Authorization": f"Bearer {server.token}"} | (headers or {})
        )
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_a_wrong_token_is_refused(server: RunningServer) -> None:
    for token in ("wrong", server.token + "x", server.token[:-1], "ünïcode"):
        status, body = raw(server, "GET", "/v1/models", {"Authorization": f"Bearer {token}"})
        assert (status, body["error"]["code"]) == (401, "invalid_api_key")
    with (
        pytest.raises(openai.AuthenticationError) as refused,
        OpenAI(base_url=server.base_url, api_key="wrong") as other,
    ):
        other.models.list()
    assert refused.value.code == "invalid_api_key"
    assert server.token not in str(refused.value)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "0.0.0.0", ""])
def test_a_wrong_host_is_refused(server: RunningServer, host: str) -> None:
    status, body = raw(server, "GET", "/v1/models", {"Host": host})
    assert (status, body["error"]["code"]) == (403, "invalid_host")


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:80", "LOCALHOST"])
def test_names_of_this_machine_are_right(server: RunningServer, host: str) -> None:
    assert raw(server, "GET", "/v1/models", {"Host": host})[0] == 200


def test_a_request_that_is_too_large_is_refused(server: RunningServer) -> None:
    status, body = raw(server, "POST", "/v1/chat/completions", {"Content-Length": str(10**12)})
    assert (status, body["error"]["code"]) == (413, "request_too_large")


def test_a_body_that_grows_too_large_is_refused_whatever_its_headers_said(server: RunningServer) -> None:
    connection = http.client.HTTPConnection(str(urlsplit(server.base_url).netloc), timeout=20)
    try:
        headers = {"Authorization": f"Bearer {server.token}"}
        body = (b" " * 1_000_000 for _ in range(34))
        connection.request("POST", "/v1/chat/completions", body=body, headers=headers, encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["error"]["code"]) == (413, "request_too_large")
    finally:
        connection.close()


NO_OBJECTS = {
    "nothing": b"",
    "half": b"{",
    "a list": b"[]",
    "a number": b"7",
    "deep": b"[" * 100_000,
    "not utf-8": b"\xff",
    "a huge number": b'{"n":' + b"9" * 5000 + b"}",
    "a large list": b"[" + b"7," * 200_000 + b"7]",
}


@pytest.mark.parametrize("name", NO_OBJECTS)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/fine_tuning/jobs"])
def test_a_body_that_is_no_json_object_is_refused(server: RunningServer, path: str, name: str) -> None:
    status, answer = raw(server, "POST", path, {"Content-Type": "application/json"}, NO_OBJECTS[name])
    assert status == 400
    assert answer["error"]["type"] == "invalid_request_error"


def test_lone_surrogates_are_taken_and_given_back_as_json(server: RunningServer) -> None:
    messages = [{"role": "user", "content": "half \ud83d only"}]
    body = json.dumps({"model": server.model, "messages": messages, "max_tokens": 1}).encode()
    assert raw(server, "POST", "/v1/chat/completions", {"Content-Type": "application/json"}, body)[0] == 200
    body = json.dumps({"model": "half \ud83d", "messages": messages}).encode()
    status, answer = raw(server, "POST", "/v1/chat/completions", {"Content-Type": "application/json"}, body)
    assert (status, answer["error"]["code"]) == (404, "model_not_found")


def test_an_unknown_path_and_a_wrong_method(server: RunningServer) -> None:
    assert raw(server, "GET", "/v1/nothing") == (
        404,
        {
            "error": {
                "message": "Invalid URL (GET /v1/nothing)",
                "type": "invalid_request_error",
                "param": None,
                "code": None,
            }
        },
    )
    assert raw(server, "DELETE", "/v1/chat/completions")[0] == 405


def test_what_is_not_there(client: OpenAI, server: RunningServer) -> None:
    calls = [
        lambda: client.files.retrieve("file-nope"),
        lambda: client.files.content("file-nope"),
        lambda: client.files.delete("../../token"),
        lambda: client.fine_tuning.jobs.retrieve("ftjob-nope"),
        lambda: client.fine_tuning.jobs.cancel("ftjob-nope"),
        lambda: client.fine_tuning.jobs.list_events("ftjob-nope"),
        lambda: client.fine_tuning.jobs.checkpoints.list("ftjob-nope"),
        lambda: client.models.retrieve("ft:nope"),
        lambda: client.models.delete("ft:nope"),
        lambda: client.chat.completions.create(model="nope", messages=MESSAGES),
    ]
    for call in calls:
        with pytest.raises(openai.NotFoundError) as refused:
            call()
        assert refused.value.type == "invalid_request_error"
    with pytest.raises(openai.PermissionDeniedError):
        client.models.delete(server.model)


WRONG_CHATS: dict[str, tuple[dict[str, Any], str]] = {
    "temperature": ({"temperature": 3}, "temperature"),
    "temperature as text": ({"temperature": "hot"}, "temperature"),
    "top_p": ({"top_p": -1}, "top_p"),
    "max_tokens": ({"max_tokens": 0}, "max_tokens"),
    "stop": ({"stop": ["a"] * 5}, "stop"),
    "seed": ({"seed": 1.5}, "seed"),
    "n": ({"n": 9}, "n"),
    "logprobs": ({"logprobs": 3}, "logprobs"),
    "response_format": ({"response_format": {"type": "json_schema"}}, "response_format"),
    "unknown": ({"extra_body": {"frobnicate": 1}}, "frobnicate"),
    "no messages": ({"messages": []}, "messages"),
    "role": ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
    "content": ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
    "picture": (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x"}}]}]},
        "messages[0].content",
    ),
    "too long": ({"messages": [{"role": "user", "content": "word " * 5000}]}, "messages"),
}


CALL: Any = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "x" * 7_000_000}}
FAR_TOO_LONG: dict[str, dict[str, Any]] = {
    "a content": {"messages": [{"role": "user", "content": "word " * 1_000_000}]},
    "a call": {"messages": [*MESSAGES, {"role": "assistant", "tool_calls": [CALL]}]},
    "many messages": {"messages": [{"role": "user", "content": ""}] * 100_000},
}


@pytest.mark.parametrize("name", FAR_TOO_LONG)
def test_megabytes_are_refused_before_they_are_rendered_and_encoded(server: RunningServer, name: str) -> None:
    body = json.dumps({"model": server.model, **FAR_TOO_LONG[name]}).encode()
    status, answer = raw(server, "POST", "/v1/chat/completions", {"Content-Type": "application/json"}, body)
    assert (status, answer["error"]["code"]) == (400, "context_length_exceeded")
    assert answer["error"]["param"] == "messages"


def test_token_ids_that_are_none_and_too_many_of_them_are_refused(client: OpenAI, server: RunningServer) -> None:
    with pytest.raises(openai.BadRequestError, match="names the token 99999") as refused:
        client.completions.create(model=server.model, prompt=[1, int("9" * 400)])
    assert (refused.value.code, refused.value.param) == ("invalid_value", "prompt")
    with pytest.raises(openai.BadRequestError) as refused:
        client.completions.create(model=server.model, prompt=[1] * 20_000)
    assert (refused.value.code, refused.value.param) == ("context_length_exceeded", "prompt")


def test_a_large_value_is_shown_in_short(server: RunningServer) -> None:
    body = json.dumps({"model": server.model, "messages": MESSAGES, "temperature": ["x"] * 200_000}).encode()
    status, answer = raw(server, "POST", "/v1/chat/completions", {"Content-Type": "application/json"}, body)
    assert status == 400
    assert answer["error"]["message"] == "'temperature' must be a number, not ['x', 'x', 'x', 'x', 'x', 'x', ...]."


@pytest.mark.parametrize("name", WRONG_CHATS)
def test_a_wrong_chat_request_names_its_parameter(client: OpenAI, server: RunningServer, name: str) -> None:
    options, param = WRONG_CHATS[name]
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(**{"model": server.model, "messages": MESSAGES, **options})
    assert refused.value.param == param
    assert refused.value.code


WRONG_JOBS: dict[str, tuple[dict[str, Any], str]] = {
    "epochs": ({"hyperparameters": {"n_epochs": 0}}, "hyperparameters.n_epochs"),
    "many epochs": ({"hyperparameters": {"n_epochs": 51}}, "hyperparameters.n_epochs"),
    "batch": ({"hyperparameters": {"batch_size": 1.5}}, "hyperparameters.batch_size"),
    "rate": ({"hyperparameters": {"learning_rate_multiplier": 0}}, "hyperparameters.learning_rate_multiplier"),
    "unknown hyperparameter": ({"hyperparameters": {"lora_r": 8}}, "hyperparameters.lora_r"),
    "method": ({"method": {"type": "reinforcement"}}, "method.type"),
    "a method without a type": ({"method": {"dpo": {}}}, "method"),
    "seed": ({"seed": -1}, "seed"),
    "suffix": ({"suffix": "x" * 65}, "suffix"),
    "a blank suffix": ({"suffix": " \t"}, "suffix"),
    "another method's settings": ({"method": {"type": "supervised", "dpo": {}}}, "method.dpo"),
    "hyperparameters twice": (
        {
            "hyperparameters": {"n_epochs": 1},
            "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}},
        },
        "hyperparameters",
    ),
    "metadata": ({"metadata": {"k": 7}}, "metadata"),
    "integrations": ({"integrations": [{"type": "wandb", "wandb": {"project": "x"}}]}, "integrations"),
    "file": ({"training_file": "file-nope"}, "training_file"),
    "validation file": ({"validation_file": "file-nope"}, "validation_file"),
    "unknown": ({"extra_body": {"trainingType": "Standard"}}, "trainingType"),
}


@pytest.mark.parametrize("name", WRONG_JOBS)
def test_a_wrong_job_names_its_parameter(client: OpenAI, server: RunningServer, name: str) -> None:
    options, param = WRONG_JOBS[name]
    good = {"model": server.model, "training_file": upload(client, chat_lines([("q", "a")]))}
    with pytest.raises(openai.BadRequestError) as refused:
        client.fine_tuning.jobs.create(**{**good, **options})
    assert refused.value.param == param


def test_a_job_for_an_unknown_model_is_refused(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        client.fine_tuning.jobs.create(model="gpt-4o", training_file=upload(client, b"{}"))
    assert refused.value.code == "model_not_found"


def test_limits_of_lists(client: OpenAI) -> None:
    for limit in (0, 101):
        with pytest.raises(openai.BadRequestError):
            client.fine_tuning.jobs.list(limit=limit)
