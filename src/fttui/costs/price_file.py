"""Reading a price file: models and providers, with every mistake named by file and key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, cast, get_args

from fttui.core.errors import SettingsError
from fttui.costs.amounts import is_sane
from fttui.costs.rows import ModelPrice, ProviderBilling, UsePrices, Validation

_PRICES: Final = ("training", "training_hour", "hosting_hour", "minimum")
_TEXTS: Final = ("as_of", "source", "trainable_until", "off", "training_as_of", "provider", "methods")
_USES: Final = ("base", "tuned")
_KEYS: Final = (*_PRICES, *_TEXTS, *_USES, "aliases")
_USE_KEYS: Final = ("input", "cached_input", "output", "batch_input", "batch_output")
_PROVIDER_TEXTS: Final = ("title", "validation", "said", "source", "as_of")
_VALIDATIONS: Final = get_args(Validation)


def read_prices(text: str, file: str) -> tuple[ModelPrice, ...]:
    """The models of a price file.

    Raises:
        SettingsError: Naming the file and the key.
    """
    table = _document(text, file)
    models = _table(table.get("models", {}), file, "models")
    defaults = _table(table.get("defaults", {}), file, "defaults")
    return tuple(_row(name, {**defaults, **_table(row, file, name)}, file) for name, row in models.items())


def read_providers(text: str, file: str) -> tuple[ProviderBilling, ...]:
    """The providers of a price file.

    Raises:
        SettingsError: Naming the file and the key.
    """
    providers = _table(_document(text, file).get("providers", {}), file, "providers")
    return tuple(_provider(name, _table(row, file, name), file) for name, row in providers.items())


def _document(text: str, file: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{file}: not TOML: {error}.") from error


def _row(model: str, row: Mapping[str, Any], file: str) -> ModelPrice:
    where = f'{file}: models."{model}"'
    _only(row, _KEYS, where)
    _texts(row, _TEXTS, where)
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
        hosting_hour=_price(row, "hosting_hour", where),
        minimum=_price(row, "minimum", where),
        training_as_of=row.get("training_as_of", ""),
        provider=row.get("provider", "openai"),
        methods=row.get("methods", ""),
    )


def _provider(name: str, row: Mapping[str, Any], file: str) -> ProviderBilling:
    where = f'{file}: providers."{name}"'
    _only(row, (*_PROVIDER_TEXTS, "minimum"), where)
    _texts(row, _PROVIDER_TEXTS, where)
    validation = row.get("validation", "unknown")
    if validation not in _VALIDATIONS:
        raise SettingsError(f"{where}.validation: expected one of {', '.join(_VALIDATIONS)}, found {validation!r}.")
    return ProviderBilling(
        name=name,
        title=row.get("title", name),
        validation=cast(Validation, validation),
        said=row.get("said", ""),
        source=row.get("source", file),
        as_of=row.get("as_of", ""),
        minimum=_price(row, "minimum", where),
    )


def _use(row: Mapping[str, Any], key: str, where: str) -> UsePrices | None:
    if key not in row:
        return None
    where = f"{where}.{key}"
    use = _table(row[key], where, "")
    _only(use, _USE_KEYS, where)
    prompt, answer = _price(use, "input", where), _price(use, "output", where)
    if prompt is None or answer is None:
        raise SettingsError(f"{where}: both input and output are needed.")
    return UsePrices(
        input=prompt,
        output=answer,
        cached_input=_price(use, "cached_input", where),
        batch_input=_price(use, "batch_input", where),
        batch_output=_price(use, "batch_output", where),
    )


def _price(table: Mapping[str, Any], key: str, where: str) -> Decimal | None:
    if key not in table:
        return None
    value = table[key]
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not is_sane(Decimal(value)):
        raise SettingsError(f"{where}.{key}: expected US dollars, a number from 0, found {str(value)[:40]!r}.")
    return Decimal(value)


def _texts(row: Mapping[str, Any], keys: Iterable[str], where: str) -> None:
    for key in keys:
        if not isinstance(row.get(key, ""), str):
            raise SettingsError(f"{where}.{key}: expected a string, such as a date in quotes.")


def _only(row: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for key in row:
        if key not in known:
            raise SettingsError(f"{where}.{key}: no such key; known here: {', '.join(known)}.")


def _table(value: Any, file: str, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{file}: {name}: expected a table.")
    return value
