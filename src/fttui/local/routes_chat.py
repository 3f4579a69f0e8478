"""``/v1/chat/completions``: one answer, whole or as a stream of server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from fttui.core.errors import FttuiError
from fttui.local.answers import answer
from fttui.local.chat_request import ChatRequest
from fttui.local.engines.protocol import Sampling
from fttui.local.errors import ApiError, bad_request, not_found, unavailable
from fttui.local.host import LoadedBase
from fttui.local.ids import new_id
from fttui.local.parameters import json_object
from fttui.local.responses import JsonResponse, dump_json
from fttui.local.scheduler import MAX_STREAMS, Piece
from fttui.local.state import ServerParts, server_state

WAIT_FOR_WEIGHTS_S: Final = 300.0
"""How long a request waits for weights that are being fetched; then 503, which the SDK tries again by itself."""


@dataclass(frozen=True, slots=True)
class Planned:
    """An answer that can be begun."""

    id: str
    created: int
    model: str
    prompt: list[int]
    sampling: Sampling
    adapter: Path | None


async def create(request: Request) -> Response:
    """Answer a conversation."""
    wanted = ChatRequest.read(await json_object(request))
    parts = server_state(request)
    plan = await _plan(wanted, parts)
    if wanted.stream:
        events = _events(plan, parts, include_usage=wanted.include_usage)
        return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
    return await _whole(plan, parts, request)


async def _plan(wanted: ChatRequest, parts: ServerParts) -> Planned:
    base = await _base_model(parts)
    adapter = _adapter_of(wanted.model, base, parts)
    if parts.scheduler.open_answers() >= MAX_STREAMS:
        message = f"The local server is making {MAX_STREAMS} answers already; try again in a moment."
        raise ApiError(429, message, kind="requests", code="rate_limit_exceeded")
    try:
        prompt = await run_in_threadpool(base.engine.encode_chat, wanted.messages, wanted.tools)
    except FttuiError as error:
        raise bad_request(str(error), "messages") from error
    room = base.engine.context_length - len(prompt)
    if room < 1:
        message = (
            f"This model's maximum context length is {base.engine.context_length} tokens, "
            f"and the messages are {len(prompt)} tokens long."
        )
        raise bad_request(message, "messages", "context_length_exceeded")
    return Planned(new_id("chatcmpl-"), int(time.time()), wanted.model, prompt, wanted.sampling(room), adapter)


async def _base_model(parts: ServerParts) -> LoadedBase:
    give_up = time.monotonic() + WAIT_FOR_WEIGHTS_S
    while time.monotonic() < give_up:
        try:
            base = parts.host.wait(0)
        except FttuiError as error:
            raise unavailable(str(error)) from error
        if base is not None:
            return base
        await asyncio.sleep(0.05)
    raise unavailable(f"The model is not ready yet: {parts.host.message}")


def _adapter_of(model: str, base: LoadedBase, parts: ServerParts) -> Path | None:
    if model == base.id:
        return None
    tuned = parts.models.find(model)
    if tuned is None:
        raise not_found("model", model)
    if tuned.base != base.id:
        message = f"The model `{model}` was trained over `{tuned.base}`; this server runs `{base.id}`."
        raise ApiError(404, message, param="model", code="model_not_found")
    return tuned.folder


async def _whole(plan: Planned, parts: ServerParts, request: Request) -> Response:
    texts: list[str] = []
    pieces = answer(parts.scheduler, plan.prompt, plan.sampling, plan.adapter)
    async with contextlib.aclosing(pieces):
        async for piece in pieces:
            if piece.error is not None:
                raise ApiError(500, piece.error, kind="server_error")
            texts.append(piece.text)
            last = piece
            if await request.is_disconnected():
                return Response(status_code=499)  # to nobody: the client has left
    message = {"role": "assistant", "content": "".join(texts), "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": last.finish_reason}
    return JsonResponse({**_head(plan, "chat.completion"), "choices": [choice], "usage": _usage(last)})


async def _events(plan: Planned, parts: ServerParts, *, include_usage: bool) -> AsyncIterator[bytes]:
    head = _head(plan, "chat.completion.chunk")

    def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        usage: dict[str, Any] = {"usage": None} if include_usage else {}
        return _event({**head, "choices": [choice], **usage})

    pieces = answer(parts.scheduler, plan.prompt, plan.sampling, plan.adapter)
    async with contextlib.aclosing(pieces):
        yield chunk({"role": "assistant", "content": "", "refusal": None})
        async for piece in pieces:
            if piece.error is not None:
                yield _event(ApiError(500, piece.error, kind="server_error").body())
                return
            if piece.text:
                yield chunk({"content": piece.text})
            if piece.is_last:
                yield chunk({}, piece.finish_reason)
                if include_usage:
                    yield _event({**head, "choices": [], "usage": _usage(piece)})
    yield b"data: [DONE]\n\n"


def _head(plan: Planned, kind: str) -> dict[str, Any]:
    return {
        "id": plan.id,
        "object": kind,
        "created": plan.created,
        "model": plan.model,
        "service_tier": "default",
        "system_fingerprint": None,
    }


def _usage(last: Piece) -> dict[str, Any]:
    return {
        "prompt_tokens": last.prompt_tokens,
        "completion_tokens": last.completion_tokens,
        "total_tokens": last.prompt_tokens + last.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _event(value: object) -> bytes:
    return b"data: " + dump_json(value) + b"\n\n"


ROUTES: Final = [Route("/v1/chat/completions", create, methods=["POST"])]
