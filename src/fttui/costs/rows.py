"""A row of the price table, and how a provider bills; everything in US dollars."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

MILLION: Final = Decimal(1_000_000)

Validation = Literal["free", "billed", "unknown"]


@dataclass(frozen=True, slots=True)
class UsePrices:
    """US dollars for a million tokens of prompt (cached or not) and of answer, at once or in a batch."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None
    batch_input: Decimal | None = None
    batch_output: Decimal | None = None

    def of_call(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """US dollars for one call, nothing of it cached."""
        return (self.input * prompt_tokens + self.output * completion_tokens) / MILLION

    def in_batch(self) -> UsePrices | None:
        """The same model's prices for calls that are sent as a batch; None when it has none."""
        if self.batch_input is None or self.batch_output is None:
            return None
        return UsePrices(self.batch_input, self.batch_output)


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """What a model costs, in US dollars.

    Attributes:
        model: Its id in the table.
        training: For a million trained tokens; None when it cannot be trained by the token, or nobody says the price.
        training_hour: For an hour of training (reinforcement fine-tuning), or None.
        base: Prices for using the model as it is, or None when not known.
        tuned: Prices for using it after fine-tuning, or None.
        as_of: When the prices were read: ``2026-07``.
        source: Where.
        trainable_until: The last day on which it can be trained, or None.
        off: The day on which it stops answering, or None.
        is_local: Whether it runs on the user's own machine and costs nothing.
        aliases: Other ids of it.
        hosting_hour: For an hour in which the tuned model is deployed, used or not; None when that costs nothing.
        minimum: The least that a training job costs, or None.
        training_as_of: When the price of training was read, where that was not with the others.
        provider: Whose rules of billing apply: a name of `ProviderBilling`.
        methods: How it can be tuned; a row that says so is tunable, whatever is known of its price.
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
    hosting_hour: Decimal | None = None
    minimum: Decimal | None = None
    training_as_of: str = ""
    provider: str = "openai"
    methods: str = ""

    @property
    def is_tunable(self) -> bool:
        """Whether it can be (or could be) fine-tuned; the others are here to compare with."""
        prices = (self.training, self.training_hour, self.tuned)
        return bool(self.methods) or any(price is not None for price in prices)

    @property
    def name(self) -> str:
        """What people call it: the id without its date where that is an alias."""
        return next((alias for alias in self.aliases if self.model.startswith(f"{alias}-")), self.model)


@dataclass(frozen=True, slots=True)
class ProviderBilling:
    """How a provider bills a training.

    Attributes:
        name: ``openai``.
        title: As it calls itself.
        validation: Whether tokens of the validation file are billed; "unknown" when its pages do not say.
        said: What its pages say about it, as a sentence.
        source: Which page.
        as_of: When that page was read or dated.
        minimum: The least that a job costs, or None.
    """

    name: str
    title: str
    validation: Validation
    said: str
    source: str
    as_of: str
    minimum: Decimal | None = None
