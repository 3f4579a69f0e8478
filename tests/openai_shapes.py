"""Every answer of a server, held against the official SDK's own types while the SDK talks to it.

The SDK builds its objects without validating: a key that is missing, misspelt or of another type goes unseen until
somebody uses it. `ShapeCheck` reads the bytes as they come, streams too, and validates them strictly.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
from openai import DefaultAsyncHttpxClient, DefaultHttpxClient
from openai.types import Completion, CompletionUsage, FileDeleted, FileObject, Model, ModelDeleted, Upload
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessage, ChatCompletionTokenLogprob
from openai.types.chat.chat_completion import Choice, ChoiceLogprobs
from openai.types.chat.chat_completion_chunk import Choice as ChunkChoice
from openai.types.completion_choice import CompletionChoice
from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent
from openai.types.fine_tuning.fine_tuning_job import Error as JobError
from openai.types.fine_tuning.jobs import FineTuningJobCheckpoint
from openai.types.uploads import UploadPart
from pydantic import BaseModel, TypeAdapter, ValidationError

_JOBS: Final = "fine_tuning/jobs"

BODIES: Final[tuple[tuple[str, type[BaseModel]], ...]] = (
    ("(POST files|GET files/[^/]+)", FileObject),
    ("DELETE files/[^/]+", FileDeleted),
    ("POST uploads/[^/]+/parts", UploadPart),
    ("POST uploads(/[^/]+/(complete|cancel))?", Upload),
    (f"(POST {_JOBS}|GET {_JOBS}/[^/]+|POST {_JOBS}/[^/]+/(cancel|pause|resume))", FineTuningJob),
    ("GET models/.+", Model),
    ("DELETE models/.+", ModelDeleted),
    ("POST chat/completions", ChatCompletion),
    ("POST completions", Completion),
)
"""Method and path below ``/v1/``, and what the body is then."""

LISTS: Final[tuple[tuple[str, type[BaseModel], bool], ...]] = (
    ("GET files", FileObject, True),
    (f"GET {_JOBS}", FineTuningJob, True),
    (f"GET {_JOBS}/[^/]+/events", FineTuningJobEvent, True),
    (f"GET {_JOBS}/[^/]+/checkpoints", FineTuningJobCheckpoint, True),
    ("GET models", Model, False),
)
"""Likewise for lists of something, and whether they come in pages."""

EVENTS: Final[Mapping[str, type[BaseModel]]] = {
    "POST chat/completions": ChatCompletionChunk,
    "POST completions": Completion,
}
"""Likewise for server-sent events."""

ALWAYS_THERE: Final[Mapping[type[BaseModel], frozenset[str]]] = {
    FineTuningJob: frozenset({"error", "fine_tuned_model", "finished_at", "trained_tokens", "validation_file"}),
    JobError: frozenset({"param"}),
    Choice: frozenset({"logprobs"}),
    ChoiceLogprobs: frozenset({"content", "refusal"}),
    ChunkChoice: frozenset({"finish_reason"}),
    ChatCompletionMessage: frozenset({"content", "refusal"}),
    ChatCompletionTokenLogprob: frozenset({"bytes"}),
    ChatCompletion: frozenset({"usage", "system_fingerprint"}),
    CompletionChoice: frozenset({"logprobs"}),
    CompletionUsage: frozenset({"prompt_tokens_details", "completion_tokens_details"}),
}
"""What the SDK's types take for optional, because it may be null, though OpenAI always sends it."""

BEYOND_THE_SDK: Final = frozenset(
    {
        "FineTuningJob.user_provided_suffix",  # OpenAI sends it too
        "FineTuningJob.best_checkpoint",
        "Metrics.train_reward_accuracy",
        "Metrics.train_reward_margin",
        "Metrics.full_valid_reward_accuracy",
    }
)
"""Keys that this server sends and the SDK's types do not know."""

STAND_INS: Final[Mapping[tuple[str, object], object]] = {
    ("status", "paused"): "queued",  # the SDK can pause a job, and has no word for one that is paused
    ("purpose", "evals"): "user_data",  # may be sent, by the SDK's own parameters, but not come back, by its types
}
"""Values that the SDK's types cannot express, and what stands for them when a body is validated."""

_PAGE_KEYS: Final = {"object", "data", "first_id", "last_id", "has_more"}


@dataclass
class ShapeCheck:
    """Collects what is wrong with the answers that a client of the SDK gets."""

    complaints: list[str] = field(default_factory=list)
    checked: int = 0

    def http_client(self) -> httpx2.Client:
        """For ``OpenAI(http_client=…)``: the SDK's own one, listened to."""
        return DefaultHttpxClient(event_hooks={"response": [self._on_response]})

    def async_http_client(self) -> httpx2.AsyncClient:
        """For ``AsyncOpenAI(http_client=…)``."""
        return DefaultAsyncHttpxClient(event_hooks={"response": [self._on_async_response]})

    def body(self, call: str, status: int, content: bytes) -> None:
        """Check a whole body that came for ``call`` ("GET files")."""
        try:
            value = json.loads(content)
        except ValueError as error:
            self._complain(call, f"not JSON: {error}")
            return
        self._note(call, _wrong_in_error(value) if status >= 400 else _wrong_in_body(call, value))

    def event(self, call: str, line: str) -> None:
        """Check a line of a stream of server-sent events."""
        if not line or line == "data: [DONE]":
            return
        if not line.startswith("data: "):
            self._complain(call, f"no event: {line}")
            return
        value = json.loads(line.removeprefix("data: "))
        self._note(call, _wrong_in_event(call, value))

    def _on_response(self, response: httpx2.Response) -> None:
        call = _call_of(response.request)
        self._note(call, _wrong_in_headers(response))
        if _is_stream(response):
            response.stream = _Overheard(response.stream, lambda line: self.event(call, line))
        elif _is_json(response):
            self.body(call, response.status_code, response.read())

    async def _on_async_response(self, response: httpx2.Response) -> None:
        call = _call_of(response.request)
        self._note(call, _wrong_in_headers(response))
        if _is_stream(response):
            response.stream = _OverheardAsync(response.stream, lambda line: self.event(call, line))
        elif _is_json(response):
            self.body(call, response.status_code, await response.aread())

    def _note(self, call: str, wrong: Iterator[str]) -> None:
        self.checked += 1
        for complaint in wrong:
            self._complain(call, complaint)

    def _complain(self, call: str, complaint: str) -> None:
        self.complaints.append(f"{call}: {complaint}")


def _call_of(request: httpx2.Request) -> str:
    return f"{request.method} {request.url.path.removeprefix('/v1/')}"


def _is_stream(response: httpx2.Response) -> bool:
    return response.headers["content-type"].startswith("text/event-stream")


def _is_json(response: httpx2.Response) -> bool:
    is_file = response.request.url.path.endswith("/content") and response.status_code < 400
    return not is_file


def _wrong_in_headers(response: httpx2.Response) -> Iterator[str]:
    for name in ("x-request-id", "openai-processing-ms"):
        if not response.headers.get(name):
            yield f"the header {name} is missing"
    if _is_json(response) and response.headers["content-type"] not in (
        "application/json",
        "text/event-stream; charset=utf-8",
    ):
        yield f"content type {response.headers['content-type']}"


def _wrong_in_error(value: Any) -> Iterator[str]:
    error = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, dict) or set(value) != {"error"} or set(error) != {"message", "type", "param", "code"}:
        yield f"no error as OpenAI has them: {value}"
        return
    for name, kinds in {"message": str, "type": str, "param": str | None, "code": str | None}.items():
        if not isinstance(error[name], kinds):
            yield f"error.{name} is {error[name]!r}"


def _wrong_in_body(call: str, value: Any) -> Iterator[str]:
    for pattern, kind, has_pages in LISTS:
        if re.fullmatch(pattern, call):
            yield from _wrong_in_list(kind, value, has_pages=has_pages)
            return
    for pattern, kind in BODIES:
        if re.fullmatch(pattern, call):
            yield from _wrong(kind, value)
            return
    yield "no shape is known for this call"


def _wrong_in_list(kind: type[BaseModel], value: Any, *, has_pages: bool) -> Iterator[str]:
    if not isinstance(value, dict) or set(value) != (_PAGE_KEYS if has_pages else {"object", "data"}):
        yield f"no list as OpenAI has them: {value}"
        return
    data = value["data"]
    if value["object"] != "list" or not isinstance(data, list):
        yield "no list"
        return
    for item in data:
        yield from _wrong(kind, item)
    if has_pages:
        ids = [item["id"] for item in data]
        if [value["first_id"], value["last_id"]] != ([ids[0], ids[-1]] if ids else [None, None]):
            yield "first_id and last_id are not those of the data"
        if not isinstance(value["has_more"], bool):
            yield f"has_more is {value['has_more']!r}"


def _wrong_in_event(call: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict) and "error" in value:
        yield from _wrong_in_error(value)
        return
    kind = EVENTS.get(call)
    if kind is None:
        yield "no events are known for this call"
        return
    if kind is Completion:  # the type is that of whole answers, which have all ended
        for choice in value["choices"]:
            if choice["finish_reason"] is None:
                choice["finish_reason"] = "length"
    yield from _wrong(kind, value)


def _wrong(kind: type[BaseModel], value: Any) -> Iterator[str]:
    try:
        validated = TypeAdapter(kind).validate_json(json.dumps(_expressible(value)), strict=True)
    except ValidationError as error:
        for one in error.errors():
            yield f"{kind.__name__}: {'.'.join(map(str, one['loc']))}: {one['msg']} (is {one['input']!r})"[:500]
        return
    yield from _wrong_within(validated)


def _wrong_within(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _wrong_within(item)
    if not isinstance(value, BaseModel):
        return
    name = type(value).__name__
    for key in value.model_extra or {}:
        if f"{name}.{key}" not in BEYOND_THE_SDK:
            yield f"{name} has a key that the SDK does not know: {key}"
    for key in ALWAYS_THERE.get(type(value), frozenset()) - value.model_fields_set:
        yield f"{name}.{key} is missing"
    for key in value.model_fields_set & type(value).model_fields.keys():
        yield from _wrong_within(getattr(value, key))


def _expressible(value: Any) -> Any:
    if isinstance(value, list):
        return [_expressible(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: STAND_INS.get((key, item), item) if isinstance(item, str) else _expressible(item)
        for key, item in value.items()
    }


class _Lines:
    """Cuts bytes into lines, however they come."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._rest = b""

    def add(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._on_line(line.decode())


class _Overheard(httpx2.SyncByteStream):
    def __init__(self, stream: Any, on_line: Callable[[str], None]) -> None:
        self._stream = stream
        self._lines = _Lines(on_line)

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            self._lines.add(chunk)
            yield chunk

    def close(self) -> None:
        self._stream.close()


class _OverheardAsync(httpx2.AsyncByteStream):
    def __init__(self, stream: Any, on_line: Callable[[str], None]) -> None:
        self._stream = stream
        self._lines = _Lines(on_line)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._lines.add(chunk)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
