"""How many epochs "auto" means."""

from __future__ import annotations

from typing import Final

_USUAL: Final = 3
_LEAST_EXAMPLES: Final = 100
_MOST_EXAMPLES: Final = 25_000
_MOST_EPOCHS: Final = 25
_MOST_DPO_EPOCHS: Final = 3
"""Pairs that are told apart already go on pulling the model away from where it was."""


def automatic_epochs(examples: int, method: str = "supervised") -> int:
    """The number of epochs for a training file, when none is chosen.

    Three; more for a small file, so that about 100 examples are seen in all (at most 25 epochs), fewer for a huge one,
    so that about 25,000 are. The rule is OpenAI's, from the notebook "Data preparation and analysis for chat model
    fine-tuning" of its cookbook. With ``method`` "dpo" never more than three.
    """
    epochs = _supervised_epochs(examples)
    return min(epochs, _MOST_DPO_EPOCHS) if method == "dpo" else epochs


def _supervised_epochs(examples: int) -> int:
    if examples <= 0:
        return _USUAL
    if examples * _USUAL < _LEAST_EXAMPLES:
        return min(_MOST_EPOCHS, _LEAST_EXAMPLES // examples)
    if examples * _USUAL > _MOST_EXAMPLES:
        return max(1, _MOST_EXAMPLES // examples)
    return _USUAL
