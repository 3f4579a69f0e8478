"""Who answers: the base model, or an adapter over it; and how much room a prompt leaves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from fttui.core.errors import FttuiError
from fttui.core.text import one_line
from fttui.local.engines.protocol import ContextExceededError, Engine
from fttui.local.errors import ApiError, bad_request, not_found, unavailable
from fttui.local.host import LoadedBase, ModelHost
from fttui.local.state import server_state

WAIT_FOR_WEIGHTS_S: Final = 300.0
"""How long a request waits for weights that are being fetched; then 503, which the SDK tries again by itself."""
_LOOK_AFTER_CLIENT_S: Final = 1.0
_TOO_LONG: Final = "context_length_exceeded"


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """A model that can answer now."""

    id: str
    engine: Engine
    adapter: Path | None
    reads_plain_text: bool
    """It was trained on prompts and their completions, and knows no chat."""
    fingerprint: str
    """Of the engine and the weights."""

    async def encode(self, encoding: Callable[[], list[int]], param: str, *, made_of: object = None) -> list[int]:
        """A prompt as token ids.

        Args:
            encoding: Is called in a thread.
            param: Where the prompt came from.
            made_of: What the prompt is rendered from. When its texts are far too long, ``encoding`` is not called.

        Raises:
            ApiError: 400: it cannot be encoded, is empty, or leaves no room for an answer in the model's context.
        """

        def encoded() -> list[int]:
            characters = _characters(made_of)
            if characters > 2 * self.engine.longest_text:  # a template may leave some of it out
                raise self.too_long(f"{characters} characters", param)
            return encoding()

        try:
            ids = await run_in_threadpool(encoded)
        except ContextExceededError as error:
            raise bad_request(str(error), param, _TOO_LONG) from error
        except FttuiError as error:
            raise bad_request(str(error), param, "invalid_value") from error
        if not ids:
            raise bad_request(f"'{param}' is empty: the model needs at least one token to go on from.", param, "empty")
        self._check_length(ids, param)
        return ids

    def check_prompt_ids(self, ids: list[int], param: str) -> None:
        """Check a prompt that came as token ids, of which there is one at least.

        Raises:
            ApiError: 400: one of them is no token of this model, or there are too many.
        """
        self._check_length(ids, param)
        self.check_token_ids(ids, param)

    def check_token_ids(self, ids: list[int], param: str) -> None:
        """
        Raises:
            ApiError: 400: one of them is no token of this model.
        """
        size = self.engine.vocabulary_size
        wrong = next((i for i in ids if i >= size), None)
        if wrong is not None:
            shown = one_line(str(wrong), 20)
            message = f"'{param}' names the token {shown}; this model's tokens are 0 to {size - 1}."
            raise bad_request(message, param, "invalid_value")

    def too_long(self, length: str, param: str) -> ApiError:
        """The refusal of what does not fit into the context; ``length`` tells how much it is."""
        context = self.engine.context_length
        message = f"This model's maximum context length is {context} tokens, and '{param}' is {length} long."
        return bad_request(message, param, _TOO_LONG)

    def _check_length(self, ids: list[int], param: str) -> None:
        if len(ids) >= self.engine.context_length:
            raise self.too_long(f"{len(ids)} tokens", param)


async def chosen_model(request: Request, name: str) -> ChosenModel:
    """The model of that name, once its weights are there.

    Raises:
        ApiError: 404: there is none. 503: the weights cannot be had, or take too long.
        ClientDisconnect: Nobody waits for it any more.
    """
    parts = server_state(request)
    base = await _base_model(request, parts.host)
    if name == base.id:
        return ChosenModel(name, base.engine, None, False, base.fingerprint)
    tuned = parts.models.find(name)
    if tuned is None:
        raise not_found("model", name)
    if tuned.base != base.id:
        message = f"The model `{name}` was trained over `{tuned.base}`; this server runs `{base.id}`."
        raise ApiError(404, message, param="model", code="model_not_found")
    return ChosenModel(name, base.engine, tuned.folder, tuned.reads == "completion", base.fingerprint)


async def _base_model(request: Request, host: ModelHost) -> LoadedBase:
    begun = looked_at = time.monotonic()
    while (now := time.monotonic()) < begun + WAIT_FOR_WEIGHTS_S:
        try:
            base = host.wait(0)
        except FttuiError as error:
            raise unavailable(str(error)) from error
        if base is not None:
            return base
        if now >= looked_at + _LOOK_AFTER_CLIENT_S:
            looked_at = now
            if await request.is_disconnected():
                raise ClientDisconnect
        await asyncio.sleep(0.05)
    raise unavailable(f"The model is not ready yet: {host.message}")


def _characters(value: object) -> int:
    """Of all texts in a JSON value."""
    total, left = 0, [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            total += len(item)
        elif isinstance(item, Mapping):
            left += [*item, *item.values()]
        elif isinstance(item, list | tuple):
            left += item
    return total
