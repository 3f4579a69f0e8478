"""One prompt to one model: the answer as it streams, and what it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fttui.core.errors import FttuiError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

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
        system = [{"role": "system", "content": self.system}] if self.system else []
        return [*system, {"role": "user", "content": self.user}]


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
    begin = time.perf_counter()
    pieces: list[str] = []
    finish: str | None = None
    usage: Any = None
    first: float | None = None
    error: str | None = None
    try:
        stream = await client.chat.completions.create(**_request(model, prompt))
        async with stream:
            async for chunk in stream:
                usage = chunk.usage or usage
                for choice in chunk.choices or ():
                    finish = choice.finish_reason or finish
                    text = (choice.delta.content if choice.delta else None) or ""
                    if text:
                        first = first if first is not None else time.perf_counter() - begin
                        pieces.append(text)
                        if on_delta is not None:
                            on_delta(text)
        if finish is None:
            error = "The answer broke off before it was complete."
    except Exception as failure:  # whatever the SDK raises becomes this model's answer: the other models go on
        error = _sentence(failure)
    used = (usage.prompt_tokens, usage.completion_tokens) if usage is not None else (None, None)
    cost = price(model, *used) if price and None not in used else None
    return Answer(
        model=model,
        attempt=attempt,
        text="".join(pieces),
        finish_reason=finish,
        prompt_tokens=used[0],
        completion_tokens=used[1],
        ttft_s=first,
        total_s=time.perf_counter() - begin,
        cost_usd=cost,
        error=error,
    )


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


def _sentence(failure: Exception) -> str:
    if isinstance(failure, FttuiError):
        return str(failure)
    from fttui.providers.errors import explain

    return str(explain(failure))
