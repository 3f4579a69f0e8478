"""Who answers: the base model, or an adapter over it; and how much room a prompt leaves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool

from fttui.core.errors import FttuiError
from fttui.local.engines.protocol import Engine
from fttui.local.errors import ApiError, bad_request, not_found, unavailable
from fttui.local.fingerprint import fingerprint
from fttui.local.host import LoadedBase
from fttui.local.state import ServerParts

WAIT_FOR_WEIGHTS_S: Final = 300.0
"""How long a request waits for weights that are being fetched; then 503, which the SDK tries again by itself."""
_MOST_CHARACTERS_A_TOKEN: Final = 256
"""More than any token stands for: a text that is longer than the context in any case is not encoded (a second a MB)."""


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

    async def encode(self, encoding: Callable[[], list[int]], param: str, *, characters: int = 0) -> list[int]:
        """A prompt of so many characters as token ids; ``encoding`` is called in a thread.

        Raises:
            ApiError: 400: it cannot be encoded, is empty, or leaves no room for an answer in the model's context.
        """
        if characters > self.engine.context_length * _MOST_CHARACTERS_A_TOKEN:
            raise self._too_long(f"{characters} characters", param)
        try:
            ids = await run_in_threadpool(encoding)
        except FttuiError as error:
            raise bad_request(str(error), param, "invalid_value") from error
        if not ids:
            raise bad_request(f"'{param}' is empty: the model needs at least one token to go on from.", param, "empty")
        if len(ids) >= self.engine.context_length:
            raise self._too_long(f"{len(ids)} tokens", param)
        return ids

    def check_token_ids(self, ids: list[int], param: str) -> None:
        """
        Raises:
            ApiError: 400: one of them is no token of this model.
        """
        size = self.engine.vocabulary_size
        wrong = next((i for i in ids if i >= size), None)
        if wrong is not None:
            message = f"'{param}' names the token {wrong:.6g}; this model's tokens are 0 to {size - 1}."
            raise bad_request(message, param, "invalid_value")

    def _too_long(self, length: str, param: str) -> ApiError:
        context = self.engine.context_length
        message = f"This model's maximum context length is {context} tokens, and '{param}' is {length} long."
        return bad_request(message, param, "context_length_exceeded")


async def chosen_model(name: str, parts: ServerParts) -> ChosenModel:
    """The model of that name, once its weights are there.

    Raises:
        ApiError: 404: there is none. 503: the weights cannot be had, or take too long.
    """
    base = await _base_model(parts)
    mark = await run_in_threadpool(fingerprint, base)
    if name == base.id:
        return ChosenModel(name, base.engine, None, False, mark)
    tuned = parts.models.find(name)
    if tuned is None:
        raise not_found("model", name)
    if tuned.base != base.id:
        message = f"The model `{name}` was trained over `{tuned.base}`; this server runs `{base.id}`."
        raise ApiError(404, message, param="model", code="model_not_found")
    return ChosenModel(name, base.engine, tuned.folder, tuned.reads == "completion", mark)


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
