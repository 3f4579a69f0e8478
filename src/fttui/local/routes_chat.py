"""``/v1/chat/completions``: answers to a conversation, whole or as a stream of server-sent events."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fttui.local.answers import Answers, EventStream
from fttui.local.chat_messages import plain_text
from fttui.local.chat_request import ChatRequest
from fttui.local.engines.protocol import ChosenToken
from fttui.local.errors import bad_request
from fttui.local.ids import new_id
from fttui.local.logprobs import chat_logprobs
from fttui.local.model_choice import ChosenModel, chosen_model
from fttui.local.parameters import json_read
from fttui.local.responses import JsonResponse
from fttui.local.scheduler import Piece, Wanted
from fttui.local.state import server_state
from fttui.local.tool_calls import ToolCall, ToolCallReader
from fttui.local.usage import usage_of


async def create(request: Request) -> Response:
    """Answer a conversation."""
    wanted = await json_read(request, ChatRequest.read)
    model = await chosen_model(request, wanted.model)
    prompt = await _prompt(wanted, model)
    samplings = wanted.sampling.samplings(
        model, prompt, wanted.max_tokens, top_logprobs=wanted.top_logprobs, json_object=wanted.json_object
    )
    to_make = [Wanted(prompt, sampling, model.adapter) for sampling in samplings]
    answers = Answers(server_state(request).scheduler, to_make)
    head = {
        "id": new_id("chatcmpl-"),
        "created": int(time.time()),
        "model": wanted.model,
        "service_tier": "default",
        "system_fingerprint": model.fingerprint,
    }
    choices = [_Choice(index, wanted) for index in range(answers.count)]
    if wanted.sampling.stream:
        return EventStream(answers, _chunks(head, choices, answers, include_usage=wanted.sampling.include_usage))
    pieces = await answers.all(request)
    if pieces is None:
        return Response(status_code=499)  # to nobody: the client has left
    return JsonResponse(
        {
            **head,
            "object": "chat.completion",
            "choices": [choice.whole(its) for choice, its in zip(choices, pieces, strict=True)],
            "usage": usage_of([its[-1] for its in pieces], answers.count),
        }
    )


async def _prompt(wanted: ChatRequest, model: ChosenModel) -> list[int]:
    """The conversation as token ids.

    Raises:
        ApiError: 400: the model takes no such conversation, or no tools.
    """
    engine, tools = model.engine, wanted.tools
    if tools is not None and model.reads_plain_text:
        message = f"The model `{model.id}` takes no tools: it was trained on prompts and their completions."
        raise bad_request(message, "tools", "unsupported_parameter")
    messages = wanted.messages
    if len(messages) > engine.context_length:
        raise model.too_long(f"{len(messages)} messages", "messages")
    if model.reads_plain_text:
        return await model.encode(lambda: engine.encode_text(plain_text(messages)), "messages")
    definitions = tools.definitions if tools is not None else None
    return await model.encode(
        lambda: engine.encode_chat(messages, definitions), "messages", made_of=[messages, definitions]
    )


@dataclass(slots=True)
class _Choice:
    """One of the answers, in OpenAI's shapes."""

    index: int
    wanted: ChatRequest
    calls: ToolCallReader | None = None

    def __post_init__(self) -> None:
        tools = self.wanted.tools
        self.calls = ToolCallReader(tools.names, parallel=tools.parallel) if tools is not None else None

    def whole(self, pieces: Sequence[Piece]) -> dict[str, Any]:
        """``choices[…]`` of a completion."""
        said = [part for piece in pieces for part in self._said(piece)]
        text = "".join(part for part in said if isinstance(part, str))
        calls = [part.as_object() for part in said if isinstance(part, ToolCall)]
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
        if calls:
            message |= {"content": text or None, "tool_calls": calls}
        return {
            "index": self.index,
            "message": message,
            "logprobs": self._logprobs([token for piece in pieces for token in piece.tokens]),
            "finish_reason": self._finish_reason(pieces[-1]),
        }

    def begin(self) -> dict[str, Any]:
        """``choices[0]`` of the first chunk."""
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def chunks(self, piece: Piece) -> list[dict[str, Any]]:
        """``choices[0]`` of the chunks that tell a piece."""
        tokens = piece.tokens
        chunks: list[dict[str, Any]] = []
        done = self.calls.calls if self.calls is not None else 0
        for part in self._said(piece):
            delta: dict[str, Any] = {"content": part}
            if isinstance(part, ToolCall):
                delta = {"tool_calls": [{"index": done, **part.as_object()}]}
                done += 1
            chunks.append(self._chunk(delta, tokens))
            tokens = ()
        if tokens:  # of text that is held back, or of no text at all
            chunks.append(self._chunk({"content": ""}, tokens))
        if piece.is_last:
            chunks.append(self._chunk({}, finish_reason=self._finish_reason(piece)))
        return chunks

    def _said(self, piece: Piece) -> list[str | ToolCall]:
        if self.calls is None:
            return [piece.text] if piece.text else []
        return self.calls.add(piece.text) + (self.calls.finish() if piece.is_last else [])

    def _chunk(
        self, delta: dict[str, Any], tokens: Sequence[ChosenToken] = (), finish_reason: str | None = None
    ) -> dict[str, Any]:
        logprobs = self._logprobs(tokens) if tokens else None
        return {"index": self.index, "delta": delta, "logprobs": logprobs, "finish_reason": finish_reason}

    def _logprobs(self, tokens: Sequence[ChosenToken]) -> dict[str, Any] | None:
        return None if self.wanted.top_logprobs is None else chat_logprobs(tokens)

    def _finish_reason(self, last: Piece) -> str | None:
        has_called = self.calls is not None and self.calls.calls > 0
        return "tool_calls" if has_called and last.finish_reason == "stop" else last.finish_reason


async def _chunks(
    head: dict[str, Any], choices: Sequence[_Choice], answers: Answers, *, include_usage: bool
) -> AsyncIterator[object]:
    """The events of a stream."""
    head = {**head, "object": "chat.completion.chunk"}
    no_usage: dict[str, Any] = {"usage": None} if include_usage else {}
    lasts: dict[int, Piece] = {}
    for choice in choices:
        yield {**head, "choices": [choice.begin()], **no_usage}
    async for number, piece in answers:
        for chunk in choices[number].chunks(piece):
            yield {**head, "choices": [chunk], **no_usage}
        if piece.is_last:
            lasts[number] = piece
    if include_usage:
        usage = usage_of([lasts[number] for number in sorted(lasts)], answers.count)
        yield {**head, "choices": [], "usage": usage}


ROUTES: Final = [Route("/v1/chat/completions", create, methods=["POST"])]
