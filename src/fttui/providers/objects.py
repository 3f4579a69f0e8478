"""The provider's objects as plain dictionaries: what it sent, fields we do not know included, none made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fttui.providers.client import profile_of
from fttui.providers.errors import not_the_protocol

if TYPE_CHECKING:
    from openai import AsyncOpenAI


def as_dict(sent: object, what: str, client: AsyncOpenAI) -> dict[str, Any]:
    """An object of the SDK as the JSON that the provider sent.

    Args:
        sent: What a call returned; a web page instead of JSON arrives as a string.
        what: What it should be, for the error: "a job".

    Raises:
        ProviderError: It is no object.
    """
    to_dict = getattr(sent, "to_dict", None)
    if to_dict is None:
        raise not_the_protocol(what, profile_of(client))
    found: dict[str, Any] = to_dict(mode="json", warnings=False)
    return found


def page_items(page: object, what: str, client: AsyncOpenAI) -> list[dict[str, Any]]:
    """The objects of one page of a list, without following it.

    Raises:
        ProviderError: It is no list.
    """
    data = getattr(page, "data", None)
    if not isinstance(data, list):
        raise not_the_protocol(what, profile_of(client))
    return [as_dict(item, what, client) for item in data if item is not None]
