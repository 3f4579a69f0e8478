"""The price table: shipped with its sources and dates, overridden by the user's own rows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fttui.core.errors import SettingsError
from fttui.core.paths import config_dir
from fttui.costs.price_file import read_prices, read_providers
from fttui.costs.rows import MILLION, ModelPrice, ProviderBilling, UsePrices
from fttui.tokens.models import base_of, family_of

__all__ = [
    "LOCAL",
    "MILLION",
    "ModelPrice",
    "UsePrices",
    "all_prices",
    "billing_of",
    "local_price",
    "own_prices_file",
    "price_for",
    "read_prices",
    "training_id",
    "use_prices_for",
]

_FREE: Final = UsePrices(Decimal(0), Decimal(0), Decimal(0))
_LOCAL_FAMILIES: Final = ("smollm",)
LOCAL: Final = "local"
"""What stands for the local backend's model while only its server knows its name."""


def local_price(model: str) -> ModelPrice:
    """The price of a model that runs on the user's own machine: nothing."""
    return ModelPrice(
        model, Decimal(0), None, _FREE, _FREE, "", "your own machine", is_local=True, provider="local"
    )  # fmt: skip


def price_for(model: str) -> ModelPrice | None:
    """The price of a base or tuned model's id; None when the table does not have it.

    A dated id has its own row or that of the model without the date; ``ft:…`` ids have their base model's row. An id
    with a provider before it (``azure/gpt-4.1``) has a row of that provider or none.

    Raises:
        SettingsError: The user's prices.toml cannot be used.
    """
    if _is_local(model):
        return local_price(model)
    by_name = {name: price for price in all_prices() for name in (price.model, *price.aliases)}
    base = base_of(model)
    if "/" in base:
        return by_name.get(base)
    return by_name.get(base) or by_name.get(family_of(base))


def training_id(model: str) -> str:
    """The id to train under: OpenAI's fine-tuning takes dated ids, so ``gpt-4.1-mini`` is ``gpt-4.1-mini-2025-04-14``.

    Source: the supervised fine-tuning guide lists its models by their dated ids. Any other id stays what it is.
    """
    dated = next((price.model for price in (*all_prices(), *_shipped()) if model in price.aliases), model)
    return dated if dated.startswith(f"{model}-") else model


def use_prices_for(model: str) -> UsePrices | None:
    """What calling ``model`` costs: the tuned prices for an ``ft:…`` id, the base model's for another."""
    price = price_for(model)
    if price is None:
        return None
    return price.tuned if model.startswith("ft:") else price.base


def all_prices() -> tuple[ModelPrice, ...]:
    """Every row, the user's own in the place of the shipped ones.

    Raises:
        SettingsError: The user's prices.toml cannot be used; it names the file and the key.
    """
    text = _own_text()
    if text is None:
        return _shipped()
    read_providers(text, str(own_prices_file()))  # so that what is wrong there is said at once
    own = read_prices(text, str(own_prices_file()))
    said = {name for price in own for name in (price.model, *price.aliases)}
    mine = {price.model: price for price in own}
    rows: dict[str, ModelPrice] = {}
    for price in _shipped():
        names = (price.model, *price.aliases)
        instead = next((mine[name] for name in names if name in mine), None)
        if instead is not None:  # every id of the shipped row is the own row's, but those that own rows say
            rest = tuple(name for name in names if name not in said)
            price = replace(instead, aliases=(*instead.aliases, *rest))
        rows[price.model] = price
    return tuple((rows | {name: price for name, price in mine.items() if name not in rows}).values())


def billing_of(provider: str) -> ProviderBilling:
    """How a provider bills a training; all unknown for one that the table does not have.

    Raises:
        SettingsError: The user's prices.toml cannot be used; it names the file and the key.
    """
    text = _own_text()
    own = () if text is None else read_providers(text, str(own_prices_file()))
    found = {billing.name: billing for billing in (*_shipped_providers(), *own)}
    return found.get(provider) or ProviderBilling(provider, provider, "unknown", "", "", "")


def own_prices_file() -> Path:
    """The user's prices."""
    return config_dir() / "prices.toml"


def _own_text() -> str | None:
    """The user's prices as they are now; None without any."""
    own = own_prices_file()
    try:
        return own.read_text("utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{own}: cannot be read: {error}.") from error


def _is_local(model: str) -> bool:
    parts = model.split(":")
    if parts[0] == "ft" and len(parts) > 2 and parts[2] == "local":
        return True
    name = base_of(model).lower()
    return name == LOCAL or name.startswith(_LOCAL_FAMILIES)


@cache
def _shipped() -> tuple[ModelPrice, ...]:
    return read_prices(_shipped_text(), "prices.toml")


@cache
def _shipped_providers() -> tuple[ProviderBilling, ...]:
    return read_providers(_shipped_text(), "prices.toml")


@cache
def _shipped_text() -> str:
    return files(__package__).joinpath("prices.toml").read_text("utf-8")
