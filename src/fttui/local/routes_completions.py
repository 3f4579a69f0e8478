"""``/v1/completions``: how plain text goes on. What models trained on prompts and completions are asked with."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fttui.local.answers import Answers, EventStream
from fttui.local.completion_request import CompletionRequest, Prompt
from fttui.local.ids import new_id
from fttui.local.logprobs import LegacyLogprobs, joined
from fttui.local.model_choice import ChosenModel, chosen_model
from fttui.local.parameters import json_read
from fttui.local.responses import JsonResponse
from fttui.local.scheduler import Piece, Wanted
from fttui.local.state import server_state
from fttui.local.usage import usage_of


async def create(request: Request) -> Response:
    """Go on with one prompt or several."""
    wanted = await json_read(request, CompletionRequest.read)
    model = await chosen_model(request, wanted.model)
    to_make: list[Wanted] = []
    choices: list[_Choice] = []
    for prompt in wanted.prompts:
        ids = await _token_ids(prompt, model)
        text = prompt if isinstance(prompt, str) else model.engine.decode(ids)
        for sampling in wanted.sampling.samplings(
            model, ids, wanted.max_tokens, top_logprobs=wanted.top_logprobs, json_object=False
        ):
            to_make.append(Wanted(ids, sampling, model.adapter))
            choices.append(_Choice(len(choices), text, wanted))
    answers = Answers(server_state(request).scheduler, to_make)
    head = {
        "id": new_id("cmpl-"),
        "object": "text_completion",
        "created": int(time.time()),
        "model": wanted.model,
        "system_fingerprint": model.fingerprint,
    }
    if wanted.sampling.stream:
        return EventStream(answers, _chunks(head, choices, answers, wanted))
    pieces = await answers.all(request)
    if pieces is None:
        return Response(status_code=499)  # to nobody: the client has left
    return JsonResponse(
        {
            **head,
            "choices": [choice.whole(its) for choice, its in zip(choices, pieces, strict=True)],
            "usage": usage_of([its[-1] for its in pieces], wanted.sampling.choices),
        }
    )


async def _token_ids(prompt: Prompt, model: ChosenModel) -> list[int]:
    if isinstance(prompt, str):
        return await model.encode(partial(model.engine.encode_text, prompt), "prompt")
    model.check_prompt_ids(prompt, "prompt")
    return prompt


class _Choice:
    """One of the answers, in OpenAI's shape, which is the same for whole answers and for the pieces of a stream."""

    def __init__(self, index: int, prompt: str, wanted: CompletionRequest) -> None:
        self._index = index
        self._echoed = prompt if wanted.echo else ""
        top = wanted.top_logprobs
        self._logprobs = LegacyLogprobs(len(prompt), top=top > 0) if top is not None else None

    def whole(self, pieces: Sequence[Piece]) -> dict[str, Any]:
        """All of the answer."""
        text = "".join(piece.text for piece in pieces)
        told = [told for piece in pieces if (told := self._told(piece)) is not None]
        return self._choice(self._echoed + text, joined(told) if told else None, pieces[-1].finish_reason)

    def begin(self) -> dict[str, Any] | None:
        """The prompt, when it is to be echoed."""
        return self._choice(self._echoed, None, None) if self._echoed else None

    def chunk(self, piece: Piece) -> dict[str, Any]:
        """What is new."""
        return self._choice(piece.text, self._told(piece), piece.finish_reason)

    def _told(self, piece: Piece) -> dict[str, Any] | None:
        return self._logprobs.add(piece.text, piece.tokens) if self._logprobs is not None else None

    def _choice(self, text: str, logprobs: dict[str, Any] | None, finish_reason: str | None) -> dict[str, Any]:
        return {"index": self._index, "text": text, "logprobs": logprobs, "finish_reason": finish_reason}


async def _chunks(
    head: dict[str, Any], choices: Sequence[_Choice], answers: Answers, wanted: CompletionRequest
) -> AsyncIterator[object]:
    """The events of a stream."""
    no_usage: dict[str, Any] = {"usage": None} if wanted.sampling.include_usage else {}
    lasts: dict[int, Piece] = {}
    for choice in choices:
        if echoed := choice.begin():
            yield {**head, "choices": [echoed], **no_usage}
    async for number, piece in answers:
        yield {**head, "choices": [choices[number].chunk(piece)], **no_usage}
        if piece.is_last:
            lasts[number] = piece
    if wanted.sampling.include_usage:
        usage = usage_of([lasts[number] for number in sorted(lasts)], wanted.sampling.choices)
        yield {**head, "choices": [], "usage": usage}


ROUTES: Final = [Route("/v1/completions", create, methods=["POST"])]
