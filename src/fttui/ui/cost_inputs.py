"""What is typed on the Cost screen, read: the currency, the epochs, and the calls that are to pay. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from fttui.core.errors import InputError
from fttui.costs.amounts import amount_of, count_of, rate_of
from fttui.costs.plan import Calls, base_use, tuned_use

T = TypeVar("T")

DOLLAR: Final = "USD"
MOST_EPOCHS: Final = 50
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class FieldOf:
    """A field of the form.

    Attributes:
        label: What stands before it.
        width: Cells for what is typed.
        name: What a sentence about it calls it.
    """

    id: str
    label: str
    width: int
    name: str


BASE = FieldOf("base", "base", 20, "base model")
TUNED = FieldOf("tuned", "tuned", 20, "tuned model")
PROMPT_BASE = FieldOf("prompt-base", "prompt", 8, "prompt tokens of the base model")
PROMPT_TUNED = FieldOf("prompt-tuned", "prompt", 8, "prompt tokens of the tuned model")
LIMIT_BASE = FieldOf("limit-base", "tokens a minute", 10, "tokens a minute of the base model")
LIMIT_TUNED = FieldOf("limit-tuned", "tokens a minute", 10, "tokens a minute of the tuned model")
COMPLETION = FieldOf("completion", "answer", 8, "tokens of an answer")
PER_DAY = FieldOf("per-day", "calls a day", 8, "calls a day")
TRAINING = FieldOf("training", "training cost", 10, "training cost")
ROWS: Final = (
    (BASE, PROMPT_BASE, LIMIT_BASE),
    (TUNED, PROMPT_TUNED, LIMIT_TUNED),
    (COMPLETION, PER_DAY, TRAINING),
)
"""The form, row by row."""
FIELDS: Final = tuple(field for row in ROWS for field in row)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What an empty field stands for.

    Attributes:
        model: The model of the meter, as base and as tuned model.
        prompt: Mean tokens of an example that are not trained.
        completion: Mean tokens of an example that are.
        training: What training on the file costs in the currency; None when that is not known.
    """

    model: str
    prompt: int = 0
    completion: int = 0
    training: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The form, read.

    Attributes:
        calls: None when something cannot be used.
        training: What training costs, in the currency, or None when that is not known.
        limits: Tokens a minute of the base and of the tuned model, or None when neither was said.
        prompts: Prompt tokens on the base and on the tuned model.
        completion: Tokens of an answer.
        problems: A sentence for each field that cannot be used, by its id.
    """

    calls: Calls | None
    training: Decimal | None
    limits: tuple[int, int] | None
    prompts: tuple[int, int]
    completion: int
    problems: Mapping[str, str]


def read_plan(texts: Mapping[str, str], defaults: Defaults, *, batch: bool = False) -> Plan:
    """Read the form; ``texts`` by the fields' ids, an empty one stands for its default.

    Raises:
        SettingsError: The user's prices.toml cannot be used.
    """
    problems: dict[str, str] = {}

    def read(field: FieldOf, how: Callable[[str], T], otherwise: T) -> T:
        text = texts.get(field.id, "").strip()
        if not text:
            return otherwise
        try:
            return how(text)
        except InputError as error:
            problems[field.id] = f"{field.name}: {error}"
            return otherwise

    def number(text: str) -> int:
        return count_of(text, least=1)

    tuned_prompt = read(PROMPT_TUNED, count_of, defaults.prompt)
    prompts = read(PROMPT_BASE, count_of, tuned_prompt), tuned_prompt
    completion = read(COMPLETION, count_of, defaults.completion)
    per_day = read(PER_DAY, number, None)
    training = read(TRAINING, amount_of, defaults.training)
    limits = read(LIMIT_BASE, number, None), read(LIMIT_TUNED, number, None)
    calls = None
    try:
        field = TUNED
        tuned, row = tuned_use(texts.get(TUNED.id, "").strip() or defaults.model, batch=batch)
        field = BASE
        base = base_use(texts.get(BASE.id, "").strip() or defaults.model, batch=batch)
        hosting = (row.hosting_hour if row is not None else None) or Decimal(0)
        calls = Calls(base, tuned, *prompts, completion, per_day, hosting)
    except InputError as error:
        problems[field.id] = f"{field.name}: {error}"
    return Plan(calls if not problems else None, training, _both(*limits), prompts, completion, problems)


def _both(base: int | None, tuned: int | None) -> tuple[int, int] | None:
    """Both limits; one that was not said is as the other."""
    one = base or tuned
    return None if one is None else (base or one, tuned or one)


def read_currency(text: str) -> str:
    """A currency by its three letters.

    Raises:
        InputError: It is none.
    """
    currency = text.strip().upper() or DOLLAR
    if not _CURRENCY.fullmatch(currency):
        raise InputError("A currency has three letters, such as JPY or EUR.")
    return currency


def read_rate(currency: str, text: str) -> Decimal:
    """Units of the currency for a dollar.

    Raises:
        InputError: It is none, or was not said.
    """
    if currency == DOLLAR:
        return Decimal(1)
    if not text.strip():
        raise InputError(f"How many {currency} is a dollar? Say it beside the currency.")
    return rate_of(text)


def read_epochs(text: str) -> int | None:
    """The chosen number of epochs; None for the automatic rule.

    Raises:
        InputError: It is neither.
    """
    if text.strip().lower() in ("", "auto"):
        return None
    epochs = count_of(text, least=1)
    if epochs > MOST_EPOCHS:
        raise InputError(f"Epochs: auto, or a number from 1 to {MOST_EPOCHS}.")
    return epochs
