"""Which models to offer and to begin with, from a provider's list: pure functions over ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model as a provider lists it; ``created`` in seconds since 1970, 0 when it does not say."""

    id: str
    created: int = 0

    @property
    def is_tuned(self) -> bool:
        return self.id.startswith("ft:")

    @property
    def is_checkpoint(self) -> bool:
        return self.is_tuned and ":ckpt-" in self.id

    @property
    def base(self) -> str:
        """The base model of a tuned one (``ft:<base>:…``); the model itself otherwise."""
        parts = self.id.split(":")
        return parts[1] if self.is_tuned and len(parts) > 1 else self.id

    @property
    def short(self) -> str:
        """A name for a narrow column: ``ft:…:tone:4f2a1c`` for a tuned model."""
        parts = self.id.split(":")
        return "ft:…:" + ":".join(parts[3:]) if self.is_tuned and len(parts) > 4 else self.id


def ordered(models: Iterable[ListedModel]) -> list[ListedModel]:
    """Tuned models by age (the newest first), then base models by name, then checkpoints by age; each id once."""
    unique = {model.id: model for model in models}.values()

    def rank(model: ListedModel) -> tuple[int, int, str]:
        group = 2 if model.is_checkpoint else 0 if model.is_tuned else 1
        return group, -model.created if model.is_tuned else 0, model.id

    return sorted(unique, key=rank)


def default_pair(models: Iterable[ListedModel], preferred: str = "") -> tuple[str, str]:
    """The base model and the newest tuned model to compare; "" for one that there is not.

    Args:
        models: What the provider lists.
        preferred: The base model to take when no tuned model says which.
    """
    listed = ordered(models)
    ids = {model.id for model in listed}
    tuned = next((model for model in listed if model.is_tuned and not model.is_checkpoint), None)
    if tuned is not None and tuned.base in ids:
        return tuned.base, tuned.id
    bases = [model.id for model in listed if not model.is_tuned]
    base = preferred if preferred in ids else bases[0] if bases else ""
    return base, tuned.id if tuned is not None else ""
