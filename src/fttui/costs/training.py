"""What training on a file costs.

The rule (OpenAI's fine-tuning guide): price for a million tokens × tokens of the file × epochs. Examples beyond the
model's limit are cut there, and what is cut is not billed. Whether the validation file is billed depends on the
provider (`prices.toml`, with the page that says so): OpenAI charges nothing for it, Together AI each evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from fttui.costs.rows import MILLION, ModelPrice, ProviderBilling
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
        validation_tokens: Tokens of the validation file that are billed on top.
        is_minimum: Whether `usd` is the least that a job costs, as its tokens cost less.
    """

    tokens: int
    epochs: int
    epochs_rule: str
    billed_tokens: int
    usd: Decimal | None
    price_as_of: str
    validation_tokens: int = 0
    is_minimum: bool = False


def training_cost(
    tokens: int,
    examples: int,
    epochs: int | None,
    price: ModelPrice | None,
    *,
    method: str = "supervised",
    billable: int | None = None,
    validation: int = 0,
    evaluations: int = 1,
    billing: ProviderBilling | None = None,
) -> TrainingCost:
    """Price a training.

    Args:
        tokens: Tokens of all examples.
        examples: Their number, from which the automatic number of epochs follows.
        epochs: How many, or None for the automatic rule.
        price: The model's row.
        method: How it is trained, by which the automatic number of epochs goes too.
        billable: Tokens within the model's limit; ``tokens`` when it has none.
        validation: Tokens of the validation file within the limit.
        evaluations: How often the validation file is gone through.
        billing: The provider's rules; without them nothing is charged for validation, and there is no minimum.
    """
    count = automatic_epochs(examples, method) if epochs is None else epochs
    billed = (tokens if billable is None else billable) * count
    is_validation_billed = billing is not None and billing.validation == "billed"
    held_out = validation * evaluations if is_validation_billed else 0
    usd = None if price is None or price.training is None else price.training * (billed + held_out) / MILLION
    least = minimum_of(price, billing)
    is_minimum = usd is not None and billed > 0 and usd < least
    return TrainingCost(
        tokens=tokens,
        epochs=count,
        epochs_rule="auto" if epochs is None else "chosen",
        billed_tokens=billed,
        usd=least if is_minimum else usd,
        price_as_of=price.as_of if price is not None else "",
        validation_tokens=held_out,
        is_minimum=is_minimum,
    )


def minimum_of(price: ModelPrice | None, billing: ProviderBilling | None) -> Decimal:
    """The least that a job costs: the model's own minimum before the provider's."""
    if price is not None and price.minimum is not None:
        return price.minimum
    return billing.minimum if billing is not None and billing.minimum is not None else Decimal(0)
