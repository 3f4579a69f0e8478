"""Examples as token ids, and batches of them without any padding.

The tokens of all conversations of a batch lie one behind the other: the big matrix products see them as one table of
rows, and attention looks at each conversation by itself. So no work is done for padding, and nothing has to be masked.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from fttui.local.engines.numpy_engine.operations import IntArray
from fttui.local.engines.numpy_engine.tokenizer import Tokenizer
from fttui.templates.trained_spans import RenderedExample

READ_TOGETHER: Final = 4096
"""Tokens of a pair at most: it takes no more memory than the longest example does, by default."""


@dataclass(frozen=True, slots=True)
class EncodedExample:
    """Token ids, and for each whether it is trained on."""

    ids: tuple[int, ...]
    trained: tuple[bool, ...]

    @property
    def trained_tokens(self) -> int:
        """Those that are predicted: all trained ones but a first token, which nothing predicts."""
        return sum(self.trained[1:])

    @property
    def sequences(self) -> tuple[EncodedExample, ...]:
        """What the model reads of it: itself."""
        return (self,)


@dataclass(frozen=True, slots=True)
class EncodedPair:
    """A prompt with the answer that is preferred, and the same prompt with another."""

    preferred: EncodedExample
    other: EncodedExample

    @property
    def sequences(self) -> tuple[EncodedExample, ...]:
        return self.preferred, self.other


Example = TypeVar("Example", bound=EncodedExample | EncodedPair)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some conversations with N tokens in all, n of them to be predicted."""

    ids: IntArray  # (N,)
    positions: IntArray  # (N,), within their conversation
    conversations: tuple[slice, ...]  # rows of each conversation
    predicting: IntArray  # (n,), the rows whose next token is trained on
    targets: IntArray  # (n,), those tokens

    @property
    def tokens(self) -> int:
        return len(self.ids)


def encode_example(tokenizer: Tokenizer, rendered: RenderedExample, max_tokens: int) -> tuple[EncodedExample, bool]:
    """Token ids of an example, and whether it lost its end because it is longer than ``max_tokens``.

    Trained parts are encoded by themselves: the model will write them behind a prompt that was encoded by itself too.
    """
    ids: list[int] = []
    trained: list[bool] = []
    position = 0
    for start, end in [*rendered.spans, (len(rendered.text), len(rendered.text))]:
        before = rendered.text[position:start]
        prompt = tokenizer.encode(before) if position else tokenizer.encode_start(before)
        answer = tokenizer.encode(rendered.text[start:end])
        ids += prompt + answer
        trained += [False] * len(prompt) + [True] * len(answer)
        position = end
    return EncodedExample(tuple(ids[:max_tokens]), tuple(trained[:max_tokens])), len(ids) > max_tokens


def make_batch(examples: Sequence[EncodedExample]) -> Batch:
    """Lay examples one behind the other."""
    ids = np.concatenate([np.array(e.ids, np.int64) for e in examples])
    positions = np.concatenate([np.arange(len(e.ids)) for e in examples])
    ends = np.cumsum([len(e.ids) for e in examples]).tolist()
    conversations = tuple(slice(end - len(e.ids), end) for end, e in zip(ends, examples, strict=True))
    is_trained = np.concatenate([np.array(e.trained, bool) for e in examples])
    is_trained[[rows.start for rows in conversations]] = False
    targets = np.flatnonzero(is_trained)
    return Batch(ids, positions, conversations, targets - 1, ids[targets])


def epoch_batches(examples: Sequence[Example], batch_size: int, *, seed: int, epoch: int) -> list[Sequence[Example]]:
    """All examples once, shuffled, ``batch_size`` at a time (the last batch may be smaller).

    The order depends on the seed and the epoch alone, so that a training can go on in the middle.
    """
    shuffled = list(examples)
    random.Random(f"{seed}/{epoch}").shuffle(shuffled)
    return [shuffled[start : start + batch_size] for start in range(0, len(shuffled), batch_size)]


def tokens_of(example: EncodedExample | EncodedPair) -> int:
    """All tokens that the model reads of an example."""
    return sum(len(sequence.ids) for sequence in example.sequences)


def micro_batches(examples: Sequence[Example], most_tokens: int) -> Iterator[list[Example]]:
    """Parts of a batch with at most ``most_tokens`` tokens each, or one longer example: what fits into memory."""
    part: list[Example] = []
    tokens = 0
    for example in examples:
        own = tokens_of(example)
        if part and tokens + own > most_tokens:
            yield part
            part, tokens = [], 0
        part.append(example)
        tokens += own
    if part:
        yield part


def batches_of(part: Iterable[EncodedExample | EncodedPair]) -> list[Batch]:
    """All that the model reads of a part of `micro_batches`, one behind the other.

    It is one batch, but for a pair of more than `READ_TOGETHER` tokens, whose answers are read by themselves.
    """
    sequences = [sequence for example in part for sequence in example.sequences]
    return [make_batch(together) for together in micro_batches(sequences, READ_TOGETHER)]
