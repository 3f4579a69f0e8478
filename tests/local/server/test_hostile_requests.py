"""Whatever a client sends, it gets JSON: an answer, or an error in OpenAI's shape, and never the word of a defect."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import hostile
from local_server_fixture import RunningServer

ROUTES = {
    "/v1/uploads": ("bytes", "filename", "mime_type", "purpose", "expires_after"),
    "/v1/uploads/upload_x/complete": ("part_ids", "md5"),
    "/v1/fine_tuning/jobs": (
        *("model", "training_file", "validation_file", "hyperparameters", "method", "seed", "suffix", "metadata"),
        "integrations",
    ),
    "/v1/chat/completions": (
        *("model", "messages", "temperature", "top_p", "n", "stop", "seed", "stream", "stream_options", "logprobs"),
        *("top_logprobs", "logit_bias", "response_format", "tools", "tool_choice", "presence_penalty", "max_tokens"),
    ),
    "/v1/completions": (
        *("model", "prompt", "temperature", "top_p", "n", "best_of", "stop", "seed", "stream", "logprobs", "echo"),
        *("logit_bias", "suffix", "max_tokens"),
    ),
}

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=10),
    st.sampled_from(["auto", "supervised", "dpo", "user", "assistant", "fine-tune", "tiny-random", "type", "function"]),
    st.sampled_from([text for text in hostile.STRINGS.values() if len(text) < 1000]),
)
KEYS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "type",
            "role",
            "content",
            "hyperparameters",
            "n_epochs",
            "beta",
            "function",
            "name",
            "anchor",
            "seconds",
            "dpo",
        ]
    ),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)


def send(
    server: RunningServer, method: str, path: str, body: bytes, kind: str = "application/json"
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(str(urlsplit(server.base_url).netloc), timeout=60)
    try:
        headers = {"Authorization": f"Bearer {server.token}", "Content-Type": kind}
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def check_is_refused_in_shape(status: int, answered: bytes) -> None:
    assert 400 <= status < 500, answered[:500]
    error = json.loads(answered)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert "Traceback" not in error["message"]
    assert len(answered) < 5000


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_strange_values_are_refused_in_shape(server: RunningServer, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(ROUTES)))
    names = data.draw(st.lists(st.sampled_from(ROUTES[path]), unique=True, max_size=4))
    body: dict[str, Any] = {name: data.draw(VALUES) for name in names}
    if "model" in ROUTES[path] and data.draw(st.booleans()):
        body |= {"model": server.model}
    status, answered = send(server, "POST", path, json.dumps(body).encode())
    if status == 200:  # the values were good by chance
        assert answered
    else:
        check_is_refused_in_shape(status, answered)


@pytest.mark.parametrize("path", sorted(ROUTES))
@pytest.mark.parametrize(
    "body",
    [
        b'{"model": 1e400}',
        b'{"model": NaN, "bytes": NaN, "seed": -Infinity}',
        b'{"bytes": ' + b"9" * 4000 + b', "seed": ' + b"9" * 4000 + b"}",
        b'{"model": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
        b'{"messages": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"model": "' + b"a" * 1_000_000 + b'"}',
        b'{"' + b"k" * 1_000_000 + b'": 1}',
        b'{"model": "\\ud83d", "\\ud83d": 1}',
        b'{"model": "a", "model": "b"}',
        b'{"model": "a\\u0000b", "filename": "\\u0000"}',
        b'\xef\xbb\xbf{"model": 1}',
    ],
    ids=["1e400", "nan", "digits", "deep", "deep list", "long", "long key", "surrogate", "twice", "nul", "bom"],
)
def test_hostile_json_is_refused_in_shape(server: RunningServer, path: str, body: bytes) -> None:
    check_is_refused_in_shape(*send(server, "POST", path, body))


FORM = "multipart/form-data; boundary=x"
FORMS: dict[str, tuple[str, bytes]] = {
    "no form": ("application/json", b"{}"),
    "no boundary": ("multipart/form-data", b"--x\r\n\r\n"),
    "another boundary": ("multipart/form-data; boundary=y", b"--x\r\n\r\n--x--"),
    "cut": (FORM, b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc'),
    "no name": (FORM, b"--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n"),
    "no disposition": (FORM, b"--x\r\n\r\nabc\r\n--x--\r\n"),
    "a field": (FORM, b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc\r\n--x--\r\n'),
    "charset": ("multipart/form-data; boundary=x; charset=\xff", b"--x--\r\n"),
    **{
        f"charset {charset}": (
            f"{FORM}; charset={charset}",
            b'--x\r\nContent-Disposition: form-data; name="\xd8\xe9"\r\n\r\nabc\r\n--x--\r\n',
        )
        for charset in ("undefined", "punycode", "utf-16", "idna", "unicode_escape")
    },
    "nothing": (FORM, b""),
    "two files": (
        FORM,
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc\r\n' * 2 + b"--x--\r\n",
    ),
    "many fields": (
        FORM,
        b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\nabc\r\n' * 2000 + b"--x--\r\n",
    ),
    "a long field": (
        FORM,
        b'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n' + b"a" * 2_000_000 + b"\r\n--x--\r\n",
    ),
    "a long header": (
        FORM,
        b'--x\r\nContent-Disposition: form-data; name="' + b"a" * 2_000_000 + b'"\r\n\r\nabc\r\n--x--\r\n',
    ),
    "urlencoded": ("application/x-www-form-urlencoded", b"file=abc&purpose=fine-tune&" + b"a=b&" * 2000),
}  # fmt: skip


@pytest.mark.parametrize("path", ["/v1/files", "/v1/uploads/{}/parts"])
@pytest.mark.parametrize("name", FORMS)
def test_a_broken_form_is_refused_in_shape(server: RunningServer, path: str, name: str) -> None:
    kind, body = FORMS[name]
    announced = {"bytes": 9, "filename": "x", "mime_type": "x", "purpose": "evals"}
    _, upload = send(server, "POST", "/v1/uploads", json.dumps(announced).encode())
    check_is_refused_in_shape(*send(server, "POST", path.format(json.loads(upload)["id"]), body, kind))


@given(
    prefix=st.sampled_from(["/v1/files", "/v1/models", "/v1/fine_tuning/jobs", "/v1/uploads", "/v1", ""]),
    name=st.one_of(st.text(max_size=20), st.sampled_from(["..", "../..", "%2e%2e", "x" * 3000])),
    tail=st.sampled_from(
        ["", "/content", "/events", "/cancel", "/checkpoints?limit=x", "?after=%00&limit=1", "/complete"]
    ),
    method=st.sampled_from(["GET", "POST", "DELETE"]),
)
@example(prefix="/v1/files", name="\x00", tail="/content", method="GET")
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_strange_paths_are_refused_in_shape(
    server: RunningServer, prefix: str, name: str, tail: str, method: str
) -> None:
    try:
        path = f"{prefix}/{quote(name, safe='')}{tail}"
    except UnicodeEncodeError:  # a lone surrogate has no bytes that could be sent
        return
    status, answered = send(server, method, path, b"{}")
    if status not in (200, 307):
        check_is_refused_in_shape(status, answered)
