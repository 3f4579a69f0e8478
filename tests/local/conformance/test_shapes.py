"""The check itself finds what is wrong with an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openai_shapes import ShapeCheck

FILE: dict[str, Any] = {
    "id": "file-1", "object": "file", "bytes": 3, "created_at": 1, "filename": "a", "purpose": "fine-tune",
    "status": "processed", "expires_at": None, "status_details": None,
}  # fmt: skip
MESSAGE = {"role": "assistant", "content": "x", "refusal": None}
CHAT: dict[str, Any] = {
    "id": "c", "object": "chat.completion", "created": 1, "model": "m", "system_fingerprint": "fp",
    "choices": [{"index": 0, "message": MESSAGE, "logprobs": None, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    },
}  # fmt: skip
PAGE: dict[str, Any] = {"object": "list", "data": [FILE], "first_id": "file-1", "last_id": "file-1", "has_more": False}


def complaints(call: str, body: Any, status: int = 200) -> list[str]:
    check = ShapeCheck()
    check.body(call, status, json.dumps(body).encode())
    return check.complaints


@pytest.mark.parametrize(
    ("call", "body"),
    [("GET files/file-1", FILE), ("POST chat/completions", CHAT), ("GET files", PAGE)],
    ids=["file", "chat", "page"],
)
def test_a_right_answer_is_right(call: str, body: Any) -> None:
    assert complaints(call, body) == []


WRONG = {
    "missing": ("GET files/f", {k: v for k, v in FILE.items() if k != "bytes"}, "bytes: Field required"),
    "of another type": ("GET files/f", {**FILE, "bytes": "3"}, "bytes: Input should be a valid integer"),
    "another word": ("GET files/f", {**FILE, "status": "done"}, "status: Input should be"),
    "unknown key": ("GET files/f", {**FILE, "size": 3}, "does not know: size"),
    "null left out": (
        "POST chat/completions",
        {**CHAT, "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}]},
        "Choice.logprobs is missing",
    ),
    "deep": (
        "POST chat/completions",
        {**CHAT, "choices": [{**CHAT["choices"][0], "message": {**MESSAGE, "text": ""}}]},
        "does not know: text",
    ),
    "page": ("GET files", {"object": "list", "data": []}, "no list as OpenAI has them"),
    "cursor": ("GET files", {**PAGE, "first_id": "file-2"}, "not those of the data"),
    "unknown call": ("GET graders", {}, "no shape is known"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_found(name: str) -> None:
    call, body, complaint = WRONG[name]
    (found,) = complaints(call, body)
    assert complaint in found


def test_a_wrong_error_is_found() -> None:
    error = {"message": "no", "type": "invalid_request_error", "param": None, "code": None}
    assert complaints("GET files", {"error": error}, 404) == []
    assert complaints("GET files", {"error": {**error, "param": 5}}, 404)
    assert complaints("GET files", {"detail": "no"}, 404)
