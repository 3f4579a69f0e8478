"""What a provider can do, found by asking it."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from fttui.core.errors import ProviderError
from fttui.providers.errors import explained
from fttui.providers.objects import page_items

if TYPE_CHECKING:
    from openai import AsyncOpenAI


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What can be done at a provider.

    Attributes:
        trains: It has fine-tuning jobs in OpenAI's shape; without them it is good for answers only.
        models: The models that it lists; empty where there is no list.
    """

    trains: bool
    models: tuple[str, ...]


async def probe(client: AsyncOpenAI) -> Capabilities:
    """Ask a provider what it can do.

    Raises:
        ProviderError: It cannot be reached, or does not accept the key.
    """
    models = await _or_nothing(list_models(client), ())
    trains = await _or_nothing(_has_jobs(client), False)
    return Capabilities(trains, models)


async def list_models(client: AsyncOpenAI) -> tuple[str, ...]:
    """The ids of the models that a provider lists, in its order.

    Raises:
        ProviderError: It cannot be reached, or refuses.
    """
    with explained(client):
        page = await client.models.list()
        ids = (item.get("id") for item in page_items(page, "a list of models", client))
        return tuple(model for model in ids if isinstance(model, str))


async def _has_jobs(client: AsyncOpenAI) -> bool:
    with explained(client):
        page_items(await client.fine_tuning.jobs.list(limit=1), "a list of jobs", client)
    return True


async def _or_nothing(asking: Awaitable[T], nothing: T) -> T:
    """The answer, or ``nothing`` where the provider has no such address (404, 405, 501)."""
    try:
        return await asking
    except ProviderError as error:
        if error.status in (404, 405, 501):
            return nothing
        raise
