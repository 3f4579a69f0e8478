"""The price table: shipped with its sources and dates, overridden by the user's own rows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from fttui.core.errors import SettingsError
from fttui.core.paths import config_dir
from fttui.tokens.models import base_of, family_of

MILLION: Final = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class UsePrices:
    """US dollars for a million tokens of prompt (cached or not) and of answer."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None

    def of_call(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """US dollars for one call, nothing of it cached."""
        return (self.input * prompt_tokens + self.output * completion_tokens) / MILLION


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """What a model costs, in US dollars.

    Attributes:
        model: Its id in the table.
        training: For a million trained tokens; None when it cannot be trained by the token.
        training_hour: For an hour of training (reinforcement fine-tuning), or None.
        base: Prices for using the model as it is, or None when not known.
        tuned: Prices for using it after fine-tuning, or None.
        as_of: When the prices were read: ``2026-07``.
        source: Where.
        trainable_until: The last day on which it can be trained, or None.
        off: The day on which it stops answering, or None.
        is_local: Whether it runs on the user's own machine and costs nothing.
        aliases: Other ids of it.
    """

    model: str
    training: Decimal | None
    training_hour: Decimal | None
    base: UsePrices | None
    tuned: UsePrices | None
    as_of: str
    source: str
    trainable_until: str | None = None
    off: str | None = None
    is_local: bool = False
    aliases: tuple[str, ...] = ()


_FREE: Final = UsePrices(Decimal(0), Decimal(0), Decimal(0))
_LOCAL_FAMILIES: Final = ("smollm",)


def local_price(model: str) -> ModelPrice:
    """The price of a model that runs on the user's own machine: nothing."""
    return ModelPrice(model, Decimal(0), None, _FREE, _FREE, "", "your own machine", is_local=True)


def price_for(model: str) -> ModelPrice | None:
    """The price of a base or tuned model's id; None when the table does not have it.

    A dated id has its own row or that of the model without the date; ``ft:…`` ids have their base model's row.

    Raises:
        SettingsError: The user's prices.toml cannot be used.
    """
    if _is_local(model):
        return local_price(model)
    by_name = {name: price for price in all_prices() for name in (price.model, *price.aliases)}
    base = base_of(model)
    return by_name.get(base) or by_name.get(family_of(base))


def training_id(model: str) -> str:
    """The id to train under: OpenAI's fine-tuning takes dated ids, so ``gpt-4.1-mini`` is ``gpt-4.1-mini-2025-04-14``.

    Source: the supervised fine-tuning guide lists its models by their dated ids. Any other id stays what it is.
    """
    dated = next((price.model for price in all_prices() if model in price.aliases), model)
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
    own = own_prices_file()
    try:
        text = own.read_text("utf-8-sig")
    except FileNotFoundError:
        return _shipped()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{own}: cannot be read: {error}.") from error
    rows = {price.model: price for price in _shipped()}
    rows |= {price.model: price for price in read_prices(text, str(own))}
    return tuple(rows.values())


def own_prices_file() -> Path:
    """The user's prices."""
    return config_dir() / "prices.toml"


def _is_local(model: str) -> bool:
    parts = model.split(":")
    if parts[0] == "ft" and len(parts) > 2 and parts[2] == "local":
        return True
    return base_of(model).lower().startswith(_LOCAL_FAMILIES)


@cache
def _shipped() -> tuple[ModelPrice, ...]:
    return read_prices(files(__package__).joinpath("prices.toml").read_text("utf-8"), "prices.toml")


# --- reading the file -------------------------------------------------------------------------------------------------
_PRICES: Final = ("training", "training_hour")
_TEXTS: Final = ("as_of", "source", "trainable_until", "off")
_USES: Final = ("base", "tuned")
_KEYS: Final = (*_PRICES, *_TEXTS, *_USES, "aliases")


def read_prices(text: str, file: str) -> tuple[ModelPrice, ...]:
    """The rows of a price file.

    Raises:
        SettingsError: Naming the file and the key.
    """
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: not TOML: {error}.") from error
    models = _table(table.get("models", {}), file, "models")
    defaults = _table(table.get("defaults", {}), file, "defaults")
    return tuple(_row(name, {**defaults, **_table(row, file, name)}, file) for name, row in models.items())


def _row(model: str, row: Mapping[str, Any], file: str) -> ModelPrice:
    where = f'{file}: models."{model}"'
    for key in row:
        if key not in _KEYS:
            raise SettingsError(f"{where}.{key}: no such key; known here: {', '.join(_KEYS)}.")
    for key in _TEXTS:
        if not isinstance(row.get(key, ""), str):
            raise SettingsError(f"{where}.{key}: expected a string, such as a date in quotes.")
    aliases = row.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        raise SettingsError(f"{where}.aliases: expected a list of strings.")
    return ModelPrice(
        model=model,
        training=_price(row, "training", where),
        training_hour=_price(row, "training_hour", where),
        base=_use(row, "base", where),
        tuned=_use(row, "tuned", where),
        as_of=row.get("as_of", ""),
        source=row.get("source", file),
        trainable_until=row.get("trainable_until"),
        off=row.get("off"),
        aliases=tuple(aliases),
    )


def _use(row: Mapping[str, Any], key: str, where: str) -> UsePrices | None:
    if key not in row:
        return None
    where = f"{where}.{key}"
    use = _table(row[key], where, "")
    for name in use:
        if name not in ("input", "cached_input", "output"):
            raise SettingsError(f"{where}.{name}: no such key; known here: input, cached_input, output.")
    prompt, answer = _price(use, "input", where), _price(use, "output", where)
    if prompt is None or answer is None:
        raise SettingsError(f"{where}: both input and output are needed.")
    return UsePrices(prompt, answer, _price(use, "cached_input", where))


def _price(table: Mapping[str, Any], key: str, where: str) -> Decimal | None:
    if key not in table:
        return None
    value = table[key]
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite() or value < 0:
        raise SettingsError(f"{where}.{key}: expected dollars for a million tokens, found {value!r}.")
    return Decimal(value)


def _table(value: Any, file: str, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{file}: {name}: expected a table.")
    return value
