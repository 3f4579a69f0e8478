"""What "auto" means for a training on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fttui.local.engines.protocol import Method, TrainingOptions
from fttui.templates.epochs import automatic_epochs

BASE_LEARNING_RATE: Final = 1.5e-3
"""What ``learning_rate_multiplier`` multiplies. Measured on SmolLM2-135M, 0.5e-3 to 2e-3: below 1e-3 a tone is hardly
learnt and 12 examples that share an answer are not always given back word for word after 3 epochs; at 2e-3 the loss of
60 examples in two classes jumps. Full fine-tuning would want a tenth of it."""

DPO_LEARNING_RATE: Final = 1.5e-4
"""Likewise for preference pairs, whose loss asks for a difference only: too far a step makes all answers unlikely.
Measured on SmolLM2-135M, 8 pairs in 16 steps: all are told apart; at 3e-4 some answers are one letter repeated."""

AUTOMATIC_BETA: Final = 0.1


def automatic_batch_size(examples: int) -> int:
    """Examples per step when none is chosen: small files need every step, large ones gain more from speed."""
    return 2 if examples <= 40 else 4 if examples <= 400 else 8


def resolve(examples: int, hyperparameters: Mapping[str, Any], method: Method = "supervised") -> TrainingOptions:
    """Numbers for hyperparameters, each of which is a number, "auto" or absent.

    Args:
        examples: In the training file.
        hyperparameters: As a fine-tuning job has them; other keys are not looked at.
    """
    epochs = _chosen(hyperparameters, "n_epochs")
    batch_size = _chosen(hyperparameters, "batch_size")
    multiplier = _chosen(hyperparameters, "learning_rate_multiplier")
    beta = _chosen(hyperparameters, "beta")
    base_rate = DPO_LEARNING_RATE if method == "dpo" else BASE_LEARNING_RATE
    return TrainingOptions(
        epochs=automatic_epochs(examples, method) if epochs is None else int(epochs),
        batch_size=automatic_batch_size(examples) if batch_size is None else int(batch_size),
        learning_rate=base_rate * (1.0 if multiplier is None else float(multiplier)),
        seed=0,
        method=method,
        beta=AUTOMATIC_BETA if beta is None else float(beta),
    )


def as_numbers(examples: int, hyperparameters: Mapping[str, Any], method: Method) -> dict[str, Any]:
    """The hyperparameters as a job shows them once its file was seen: with a number for each "auto"."""
    options = resolve(examples, hyperparameters, method)
    multiplier = _chosen(hyperparameters, "learning_rate_multiplier")
    numbers = {
        "n_epochs": options.epochs,
        "batch_size": options.batch_size,
        "learning_rate_multiplier": 1.0 if multiplier is None else multiplier,
    }
    return {**numbers, "beta": options.beta} if method == "dpo" else numbers


def _chosen(hyperparameters: Mapping[str, Any], name: str) -> float | None:
    value = hyperparameters.get(name)
    return None if value is None or value == "auto" else value
