"""A plan of calls: what they cost on the base and on the tuned model, and when the training has paid.

The command line and the Cost screen ask the same things here.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from fttui.core.errors import InputError
from fttui.core.text import one_line
from fttui.costs.amounts import amount_of
from fttui.costs.break_even import BreakEven, break_even, call_prices
from fttui.costs.prices import price_for, use_prices_for
from fttui.costs.rows import ModelPrice, UsePrices
from fttui.costs.throughput import Saving, Throughput, saving, throughput

_HOURS_A_DAY: Final = 24


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls that are to pay for a training.

    Attributes:
        base: Prices of the model that they go to now.
        tuned: Prices of the tuned model.
        prompt_base: Tokens of a prompt of the base model.
        prompt_tuned: Tokens of the same prompt of the tuned model.
        completion: Tokens of an answer.
        per_day: How many calls a day, or None.
        hosting_hour: US dollars for an hour of the tuned model's deployment.
    """

    base: UsePrices
    tuned: UsePrices
    prompt_base: int
    prompt_tuned: int
    completion: int = 0
    per_day: int | None = None
    hosting_hour: Decimal = Decimal(0)

    def outlook(self, training: Decimal, rate: Decimal) -> BreakEven:
        """When ``training`` pays, an amount in the currency of which a dollar is ``rate``."""
        base_call, tuned_call = self.prices(rate)
        return break_even(
            training, base_call, tuned_call, calls_per_day=self.per_day, hosting_per_day=self.hosting_per_day(rate)
        )

    def prices(self, rate: Decimal) -> tuple[Decimal, Decimal]:
        """What one call costs on both models."""
        return call_prices(
            self.base,
            self.tuned,
            prompt_base=self.prompt_base,
            prompt_tuned=self.prompt_tuned,
            completion_tokens=self.completion,
            rate=rate,
        )

    def hosting_per_day(self, rate: Decimal) -> Decimal:
        """What a day of the tuned model's deployment costs, used or not."""
        return self.hosting_hour * _HOURS_A_DAY * rate

    def loads(self, limit_base: int, limit_tuned: int, rate: Decimal) -> tuple[Throughput, Throughput, Saving] | None:
        """A day's load of both models at their limits (tokens a minute), and the saving; None without calls a day."""
        if self.per_day is None:
            return None
        base = throughput(self.prompt_base + self.completion, self.per_day, limit_base)
        tuned = throughput(self.prompt_tuned + self.completion, self.per_day, limit_tuned)
        base_call, tuned_call = self.prices(rate)
        saved = saving(
            base,
            tuned,
            base_call=base_call,
            tuned_call=tuned_call,
            calls_per_day=self.per_day,
            hosting_per_day=self.hosting_per_day(rate),
        )
        return base, tuned, saved


def base_use(text: str, *, batch: bool = False) -> UsePrices:
    """Prices of an untuned model (a tuned one by its ``ft:…`` id): an id, or dollars in and out as ``0.15/0.60``.

    Raises:
        InputError: There is no such model, or no price of it.
    """
    given = _given_prices(text)
    if given is not None:
        return given
    found = use_prices_for(text)
    if found is None:
        price = price_for(text)
        how = "not known here" if price is None else "not known untuned"
        raise InputError(
            f"What a call of {one_line(text, 80)!r} costs is {how}.",
            hint="Give its prices for a million tokens in and out, such as 0.15/0.60, or add it to prices.toml.",
        )
    return _batched(found, text) if batch else found


def tuned_use(text: str, *, batch: bool = False) -> tuple[UsePrices, ModelPrice | None]:
    """Prices of a model after fine-tuning, and its row: an id, or dollars in and out as ``0.30/1.20`` (then no row).

    Raises:
        InputError: There is no such model, or it cannot be tuned.
    """
    given = _given_prices(text)
    if given is not None:
        return given, None
    price = price_for(text)
    if price is None or price.tuned is None:
        how = "is not known here" if price is None else "is not known: it cannot be tuned"
        raise InputError(
            f"What a call of a tuned {one_line(text, 80)!r} costs {how}.",
            hint="Give its prices for a million tokens in and out, such as 0.30/1.20, or add it to prices.toml.",
        )
    return (_batched(price.tuned, text) if batch else price.tuned), price


def _batched(use: UsePrices, text: str) -> UsePrices:
    found = use.in_batch()
    if found is None:
        raise InputError(
            f"There is no batch price for {one_line(text, 80)!r}.", hint="Compare without batches, or give its prices."
        )
    return found


def _given_prices(text: str) -> UsePrices | None:
    """``0.15/0.60`` as prices; None for a text that is no pair of numbers.

    A model's id may have a slash too (``azure/gpt-4.1``), so what is no number is left to the table.

    Raises:
        InputError: They are numbers, but no prices.
    """
    prompt, slash, answer = text.replace("$", "").partition("/")
    if not slash:
        return None
    if not (_is_number(prompt) and _is_number(answer)):
        return None
    values = amount_of(prompt), amount_of(answer)
    return UsePrices(*values)


def _is_number(text: str) -> bool:
    try:
        Decimal(text.strip())
    except InvalidOperation:
        return False
    return True
