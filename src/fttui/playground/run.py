"""The same prompt to several models at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fttui.playground.answer import Answer, Price, Prompt, ask

if TYPE_CHECKING:
    from openai import AsyncOpenAI


async def ask_all(
    client: AsyncOpenAI,
    models: Sequence[str],
    prompt: Prompt,
    *,
    on_delta: Callable[[int, str], None] | None = None,
    repeat: int = 1,
    price: Price | None = None,
) -> list[Answer]:
    """Ask every model ``repeat`` times; the models at once, the attempts of one model one after the other.

    Args:
        client: Of the provider that has the models.
        models: Their ids; one may stand twice.
        prompt: What to ask. With a seed, attempt n draws with seed + n − 1: equal seeds would give equal answers.
        on_delta: Called with a model's place in ``models`` and a piece of its answer.
        repeat: Attempts per model.
        price: For ``cost_usd``.

    Returns:
        The answers by model, in the order given, then by attempt. One failing model never stops another.
    """

    async def attempts(place: int, model: str) -> list[Answer]:
        def tell(text: str) -> None:
            if on_delta is not None:
                on_delta(place, text)

        return [
            await ask(client, model, _attempt(prompt, number), on_delta=tell, attempt=number, price=price)
            for number in range(1, repeat + 1)
        ]

    by_model = await asyncio.gather(*(attempts(place, model) for place, model in enumerate(models)))
    return [answer for answers in by_model for answer in answers]


def _attempt(prompt: Prompt, number: int) -> Prompt:
    if prompt.seed is None or number == 1:
        return prompt
    return replace(prompt, seed=prompt.seed + number - 1)
