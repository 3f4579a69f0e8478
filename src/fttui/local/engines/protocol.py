"""What the local server asks of an engine. No engine is named here, and no array library."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How an adapter is trained."""

    epochs: int
    batch_size: int
    """Examples per step."""
    learning_rate: float
    """The highest: reached after the warm-up, then falling in a straight line."""
    seed: int
    """Of the new adapter and of the order of the examples: the same seed gives the same adapter, to the bit."""
    rank: int = 16
    alpha: float = 32.0
    warm_up: float = 0.05
    """Share of the steps in which the learning rate rises."""
    final_learning_rate: float = 0.1
    """What is left of the learning rate at the last step, as a share of the highest."""
    weight_decay: float = 0.0
    max_gradient_norm: float = 1.0
    max_tokens: int = 4096
    """Longer examples lose their end (never more than the model's context): long ones need time and memory."""


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """What one step of the optimizer did. Losses are means over trained tokens, in nats; accuracies are from 0 to 1."""

    step: int
    """From 1."""
    total_steps: int
    epoch: float
    """Epochs done after this step, e.g. 1.5."""
    train_loss: float
    train_mean_token_accuracy: float
    learning_rate: float
    tokens: int
    """Of the step's examples, trained and not."""
    seconds: float
    valid_loss: float | None = None
    """On a batch of the validation examples, now and then."""
    valid_mean_token_accuracy: float | None = None
    full_valid_loss: float | None = None
    """On all validation examples, at the end of an epoch."""
    full_valid_mean_token_accuracy: float | None = None
    checkpoint: bool = False
    """Whether an epoch ends here: the moment to save the adapter."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn."""

    max_tokens: int
    temperature: float = 1.0
    """0: always the likeliest token."""
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()


class Adapter(Protocol):
    """What was learnt over the base model. Only the engine that made it looks inside."""

    @property
    def rank(self) -> int: ...

    @property
    def alpha(self) -> float: ...


class Training(Protocol):
    """A training under way: iterating it trains, one step at a time, up to the last step or to `cancelled`."""

    @property
    def adapter(self) -> Adapter:
        """As it is after the step that came last; it goes on changing, so save it before the next one."""

    @property
    def total_steps(self) -> int: ...

    @property
    def shortened_examples(self) -> int:
        """Examples longer than `TrainingOptions.max_tokens`, which lost their end."""

    @property
    def skipped_examples(self) -> int:
        """Examples in which nothing is left to train on."""

    def __iter__(self) -> Iterator[TrainingStep]: ...

    def __next__(self) -> TrainingStep: ...


class Generation(Protocol):
    """One answer in the making. `step` until `finish_reason` is set."""

    @property
    def prompt_tokens(self) -> int: ...

    @property
    def completion_tokens(self) -> int:
        """Tokens made so far; the end token counts too."""

    @property
    def finish_reason(self) -> str | None:
        """None while there is more to come; "stop" (end token or stop text) or "length" afterwards."""

    def step(self) -> str:
        """Do a bounded piece of work, at most 128 prompt tokens or one new token; return the new text, often ""."""


class Engine(Protocol):
    """A base model that can be trained and asked. Answers and training may run at once in different processes."""

    @property
    def model_id(self) -> str:
        """Has neither "/" nor ":"."""

    @property
    def context_length(self) -> int:
        """Tokens, prompt and answer together."""

    def encode_chat(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] | None = None
    ) -> list[int]:
        """The conversation as token ids, up to where the assistant is to speak.

        Raises:
            FttuiError: The model's chat template takes no such conversation.
        """

    def new_adapter(self, *, rank: int = 16, alpha: float = 32.0, seed: int = 0) -> Adapter:
        """An adapter that changes nothing yet."""

    def load_adapter(self, path: Path) -> Adapter:
        """Read a PEFT adapter folder.

        Raises:
            FttuiError: The folder holds no adapter, or none of this model.
        """

    def save_adapter(self, adapter: Adapter, path: Path) -> None:
        """Write a PEFT adapter folder (adapter_config.json, adapter_model.safetensors); made when it is missing.

        Raises:
            FttuiError: It cannot be written.
        """

    def train(
        self,
        examples: Sequence[Mapping[str, Any]],
        validation: Sequence[Mapping[str, Any]],
        options: TrainingOptions,
        *,
        start_from: Adapter | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Training:
        """Train a new adapter, or a copy of ``start_from`` further. The first step comes when it is asked for.

        Args:
            examples: Chat or prompt/completion records; the validation records likewise, possibly none.

        Raises:
            FttuiError: Nothing in the examples can be trained on, or a record does not fit the chat template.
        """

    def start(self, prompt_ids: Sequence[int], sampling: Sampling, adapter: Adapter | None = None) -> Generation:
        """Begin an answer; the work is done by its `step`.

        Raises:
            FttuiError: The prompt is empty or leaves no room in the context.
        """
