"""What training on a file costs.

The rule (OpenAI's fine-tuning guide): price for a million tokens × tokens of the file × epochs. Examples beyond the
model's limit are cut there, and what is cut is not billed; validation tokens are not charged.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from fttui.costs.prices import MILLION, ModelPrice
from fttui.templates.epochs import automatic_epochs


@dataclass(frozen=True, slots=True)
class TrainingCost:
    """The price of a training job.

    Attributes:
        tokens: Tokens of the examples.
        epochs: How often each is trained.
        epochs_rule: "auto" or "chosen".
        billed_tokens: Trained tokens: those within the limit, times the epochs.
        usd: The price, unrounded; None when the model is not billed by the token, or its price is not known.
        price_as_of: When the price was read; empty without one.
    """

    tokens: int
    epochs: int
    epochs_rule: str
    billed_tokens: int
    usd: Decimal | None
    price_as_of: str


def training_cost(
    tokens: int, examples: int, epochs: int | None, price: ModelPrice | None, *, billable: int | None = None
) -> TrainingCost:
    """Price a training.

    Args:
        tokens: Tokens of all examples.
        examples: Their number, from which the automatic number of epochs follows.
        epochs: How many, or None for the automatic rule.
        price: The model's row.
        billable: Tokens within the model's limit; ``tokens`` when it has none.
    """
    count = automatic_epochs(examples) if epochs is None else epochs
    billed = (tokens if billable is None else billable) * count
    usd = None if price is None or price.training is None else price.training * billed / MILLION
    return TrainingCost(
        tokens=tokens,
        epochs=count,
        epochs_rule="auto" if epochs is None else "chosen",
        billed_tokens=billed,
        usd=usd,
        price_as_of=price.as_of if price is not None else "",
    )
