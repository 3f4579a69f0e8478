"""One prompt to one model: the answer as it streams, and what it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fttui.providers.client import profile_of, stream_timeout
from fttui.providers.errors import explain, not_the_protocol

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream
    from openai.types.chat import ChatCompletionChunk

Price = Callable[[str, int, int], Decimal | None]
"""What a call costs in US dollars: of a model, its prompt tokens and its completion tokens; None when unknown."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked, and how the answer is drawn."""

    user: str
    system: str = ""
    temperature: float = 0.0
    max_tokens: int = 256
    seed: int | None = None

    def messages(self) -> list[dict[str, str]]:
        """The prompt as chat messages; an empty system text is no message."""
        system = [{"role": "system", "content": _sendable(self.system)}] if self.system else []
        return [*system, {"role": "user", "content": _sendable(self.user)}]


def _sendable(text: str) -> str:
    """``text`` as UTF-8 can carry it: halves of a surrogate pair are joined, lone ones become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer and its metrics; what is not known is None.

    Attributes:
        attempt: From 1, when a prompt is asked several times.
        ttft_s: Seconds from sending the prompt to the first text.
        total_s: Seconds until the answer was complete.
        cost_usd: By the price table.
        error: Why there is no whole answer; None when there is one. `text` holds what came before the error.
    """

    model: str
    attempt: int
    text: str
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    ttft_s: float | None = None
    total_s: float = 0.0
    cost_usd: Decimal | None = None
    error: str | None = None


async def ask(
    client: AsyncOpenAI,
    model: str,
    prompt: Prompt,
    *,
    on_delta: Callable[[str], None] | None = None,
    attempt: int = 1,
    price: Price | None = None,
) -> Answer:
    """Ask one model and collect its streamed answer; a failure is an answer with an ``error``, never an exception.

    Args:
        client: Of the provider that has the model.
        model: Its id.
        prompt: What to ask.
        on_delta: Called with each piece of text as it arrives.
        attempt: Noted in the answer.
        price: For ``cost_usd``.
    """
    coming = _Coming(on_delta or (lambda _: None))
    error: str | None = None
    try:
        await coming.read(await _open_stream(client, model, prompt))
        if coming.finish_reason is None:
            error = "The answer broke off before it was complete."
    except Exception as failure:  # whatever the SDK raises becomes this model's answer: the other models go on
        error = str(explain(failure, profile_of(client)))
    prompt_tokens, completion_tokens = coming.prompt_tokens, coming.completion_tokens
    is_counted = prompt_tokens is not None and completion_tokens is not None
    return Answer(
        model=model,
        attempt=attempt,
        text="".join(coming.pieces),
        finish_reason=coming.finish_reason,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        ttft_s=coming.first_s,
        total_s=coming.elapsed(),
        cost_usd=price(model, prompt_tokens or 0, completion_tokens or 0) if price and is_counted else None,
        error=error,
    )


class _Coming:
    """An answer while it comes; every field of a chunk may be missing."""

    def __init__(self, on_delta: Callable[[str], None]) -> None:
        self._on_delta = on_delta
        self._begin = time.perf_counter()
        self.pieces: list[str] = []
        self.first_s: float | None = None
        self.finish_reason: str | None = None
        self.prompt_tokens: int | None = None
        self.completion_tokens: int | None = None

    def elapsed(self) -> float:
        return time.perf_counter() - self._begin

    async def read(self, stream: AsyncStream[ChatCompletionChunk]) -> None:
        async with stream:
            async for chunk in stream:
                if chunk.usage is not None:
                    self.prompt_tokens = chunk.usage.prompt_tokens
                    self.completion_tokens = chunk.usage.completion_tokens
                for choice in chunk.choices or ():
                    self.finish_reason = choice.finish_reason or self.finish_reason
                    self._take((choice.delta.content if choice.delta else None) or "")

    def _take(self, text: str) -> None:
        if not text:
            return
        if self.first_s is None:
            self.first_s = self.elapsed()
        self.pieces.append(text)
        self._on_delta(text)


async def _open_stream(client: AsyncOpenAI, model: str, prompt: Prompt) -> AsyncStream[ChatCompletionChunk]:
    """Ask; a model that knows only the newer name of the limit is asked with that one."""
    chat = client.with_options(timeout=stream_timeout(client)).chat.completions
    request = _request(model, prompt)
    try:
        stream = await chat.create(**request)
    except Exception as error:
        if getattr(error, "status_code", None) != 400 or getattr(error, "param", None) != "max_tokens":
            raise
        request["max_completion_tokens"] = request.pop("max_tokens")
        stream = await chat.create(**request)
    if not hasattr(stream, "__aiter__"):
        raise not_the_protocol("a stream", profile_of(client))
    found: AsyncStream[ChatCompletionChunk] = stream
    return found


def _request(model: str, prompt: Prompt) -> dict[str, Any]:
    request: dict[str, Any] = {
        "model": model,
        "messages": prompt.messages(),
        "temperature": prompt.temperature,
        "max_tokens": prompt.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if prompt.seed is not None:
        request["seed"] = prompt.seed
    return request
