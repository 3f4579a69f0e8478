"""A training's state in a file: all that a later process needs to go on with the next step, to the bit the same.

The file has a head of fixed size, the adapter's parameters, the two moments of AdamW, and a hash of all that, so that a
file that was cut off or damaged is never taken for a state.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from fttui.core.atomic import write_atomic
from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.batches import EncodedExample, EncodedPair
from fttui.local.engines.numpy_engine.llama_weights import FloatArray, LlamaWeights
from fttui.local.engines.protocol import TrainingOptions

_MAGIC: Final = b"fttui training state, layout 1\n"
_HEAD: Final = struct.Struct("<32sQQ8s")
"""Fingerprint, steps done, parameters P, kind of numbers."""
_HASH_SIZE: Final = 32
_SAMPLED_ROWS: Final = 64
"""Rows of the embedding that stand for all weights: reading half a gigabyte would take longer than the first steps."""
_START_AGAIN: Final = "Start a new job on the same file."


@dataclass(frozen=True, slots=True)
class TrainingState:
    """Where a training is."""

    steps_done: int
    parameters: FloatArray  # (P,)
    mean: FloatArray  # (P,), AdamW's first moment
    square: FloatArray  # (P,), its second


def fingerprint(
    weights: LlamaWeights,
    start: FloatArray,
    examples: Iterable[EncodedExample | EncodedPair],
    validation: Iterable[EncodedExample | EncodedPair],
    options: TrainingOptions,
) -> bytes:
    """32 bytes that differ when anything differs that decides how a training goes.

    Args:
        weights: Of the base model.
        start: The parameters (P,) that the training begins with.
        examples: In the order of the file.
    """
    result = hashlib.blake2b(digest_size=32)
    result.update(json.dumps([asdict(options), asdict(weights.shape)]).encode())
    rows = weights.embedding[:: max(1, len(weights.embedding) // _SAMPLED_ROWS)]
    for array in (weights.output_norm, *(layer.ffn_norm for layer in weights.layers), rows, start):
        result.update(np.ascontiguousarray(array).data)
    for part in (examples, validation):
        result.update(b"examples")
        for sequence in (sequence for example in part for sequence in example.sequences):
            result.update(struct.pack("<Q", len(sequence.ids)))
            result.update(np.array(sequence.ids, "<i8").data)
            result.update(bytes(sequence.trained))
    return result.digest()


def write_state(path: Path, state: TrainingState, of_training: bytes) -> None:
    """Write a state; the file is there in whole or as it was before.

    Args:
        of_training: Its `fingerprint`.

    Raises:
        FttuiError: It cannot be written.
    """
    kind = state.parameters.dtype.str.encode()
    head = _MAGIC + _HEAD.pack(of_training, state.steps_done, len(state.parameters), kind)
    parts = [head, *(array.tobytes() for array in (state.parameters, state.mean, state.square))]
    whole = hashlib.blake2b(digest_size=_HASH_SIZE)
    for part in parts:
        whole.update(part)
    try:
        write_atomic(path, [*parts, whole.digest()], mode=0o600)
    except OSError as error:
        raise FttuiError(
            f"The state of the training cannot be saved in {path}: {error.strerror or error}.",
            hint="Make room on the disk; FTTUI_HOME moves all of fttui's data.",
        ) from error


def read_state(path: Path, like: FloatArray, of_training: bytes) -> TrainingState:
    """Read a state.

    Args:
        like: Parameters of the training: the state's must have their number and kind.
        of_training: The training's `fingerprint`.

    Raises:
        FttuiError: The file cannot be read, is damaged, or is the state of another training.
    """
    try:
        data = memoryview(path.read_bytes())
    except OSError as error:
        raise FttuiError(
            f"The saved state of the training cannot be read from {path}: {error.strerror or error}.", hint=_START_AGAIN
        ) from error
    body, whole = data[:-_HASH_SIZE], data[-_HASH_SIZE:]
    head_end = len(_MAGIC) + _HEAD.size
    if len(body) < head_end or hashlib.blake2b(body, digest_size=_HASH_SIZE).digest() != whole:
        raise FttuiError(f"The saved state of the training in {path} is damaged.", hint=_START_AGAIN)
    found, steps_done, count, kind = _HEAD.unpack(body[len(_MAGIC) : head_end])
    is_alike = count == len(like) and kind.rstrip(b"\0") == like.dtype.str.encode()
    if bytes(body[: len(_MAGIC)]) != _MAGIC or found != of_training or not is_alike:
        raise FttuiError(
            f"The saved state in {path} is that of another training: other examples, options or weights.",
            hint=_START_AGAIN,
        )
    parameters, mean, square = np.frombuffer(body[head_end:], like.dtype).reshape(3, count)
    return TrainingState(steps_done, parameters, mean, square)
