"""The models of the provider; of a local server that is still loading (or fetching) its weights, once it has them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from fttui.ui.model_choice import ListedModel, ordered

if TYPE_CHECKING:
    from fttui.ui.services import Services

POLL_S = 0.5


async def listed_models(services: Services, on_progress: Callable[[str], None]) -> list[ListedModel]:
    """The provider's models, tuned ones first; waits until a local server lists its base model.

    Args:
        on_progress: Told what is being waited for, maybe from another thread.

    Raises:
        ProviderError: The provider cannot be reached, or refuses.
    """
    from fttui.providers.errors import explained
    from fttui.providers.objects import page_items

    while True:
        client = await services.client(on_progress)
        with explained(client):
            listed = page_items(await client.models.list(), "a list of models", client)
        models = ordered(_model(str(one.get("id") or ""), one.get("created")) for one in listed)
        if not services.profile.is_local or not all(model.is_tuned for model in models):
            return models
        on_progress(await asyncio.to_thread(_local_state))
        await asyncio.sleep(POLL_S)


def _model(model_id: str, created: object) -> ListedModel:
    return ListedModel(model_id, created if isinstance(created, int) else 0)


def _local_state() -> str:
    """What the local server is busy with, in its own words."""
    from fttui.core.errors import ProviderError
    from fttui.providers.local_server import find_running, report

    endpoint = find_running()
    try:
        return report(endpoint).message if endpoint is not None else "the local server is starting"
    except ProviderError as error:
        return str(error)
