"""A training that is interrupted goes on to the bit the same, and takes nobody else's state or a damaged one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine import NumpyEngine
from fttui.local.engines.protocol import TrainingOptions, TrainingStep


def _example(number: int, answer: str = "Yes.") -> dict[str, Any]:
    return {
        "messages": [
            {"role": "user", "content": f"Number {number}?"},
            {"role": "assistant", "content": answer * number},
        ]
    }


EXAMPLES = [_example(number) for number in range(1, 6)]
HELD_OUT = [_example(9, "No.")]
OPTIONS = TrainingOptions(epochs=2, batch_size=2, learning_rate=1e-3, seed=4, weight_decay=0.01)
STEPS = 6


def _told(step: TrainingStep) -> TrainingStep:
    return replace(step, seconds=0.0)


def test_a_training_interrupted_after_any_step_ends_the_same(engine: NumpyEngine, tmp_path: Path) -> None:
    whole = engine.train(EXAMPLES, HELD_OUT, OPTIONS)
    states, steps = [], []
    for step in whole:
        steps.append(_told(step))
        states.append(tmp_path / f"state-{step.step}")
        whole.save_state(states[-1])
    assert len(steps) == STEPS
    for done, state in enumerate(states, start=1):
        further = engine.train(EXAMPLES, HELD_OUT, OPTIONS, resume_from=state)
        assert further.steps_done == done
        assert [_told(step) for step in further] == steps[done:]
        np.testing.assert_array_equal(further.adapter.parameters.flat, whole.adapter.parameters.flat)


def test_with_two_threads_too(engine: NumpyEngine, tmp_path: Path) -> None:
    with threadpool_limits(2, "blas"):
        whole = engine.train(EXAMPLES, [], OPTIONS)
        next(whole)
        whole.save_state(tmp_path / "state")
        further = engine.train(EXAMPLES, [], OPTIONS, resume_from=tmp_path / "state")
        assert [_told(step) for step in further] == [_told(step) for step in whole]
    np.testing.assert_array_equal(further.adapter.parameters.flat, whole.adapter.parameters.flat)


def test_a_training_from_an_adapter_goes_on_too(engine: NumpyEngine, tmp_path: Path) -> None:
    start = engine.new_adapter(seed=9)
    whole = engine.train(EXAMPLES, [], OPTIONS, start_from=start)
    next(whole)
    whole.save_state(tmp_path / "state")
    list(whole)
    further = engine.train(EXAMPLES, [], OPTIONS, start_from=start, resume_from=tmp_path / "state")
    list(further)
    np.testing.assert_array_equal(further.adapter.parameters.flat, whole.adapter.parameters.flat)
    with pytest.raises(FttuiError, match="another training"):
        engine.train(EXAMPLES, [], OPTIONS, start_from=engine.new_adapter(seed=8), resume_from=tmp_path / "state")


def test_a_state_before_the_first_step_is_a_start(engine: NumpyEngine, tmp_path: Path) -> None:
    training = engine.train(EXAMPLES, [], OPTIONS)
    training.save_state(tmp_path / "state")
    assert engine.train(EXAMPLES, [], OPTIONS, resume_from=tmp_path / "state").steps_done == 0


@pytest.mark.parametrize(
    ("examples", "validation", "options"),
    [
        ([*EXAMPLES[:-1], _example(6)], HELD_OUT, OPTIONS),
        (EXAMPLES[::-1], HELD_OUT, OPTIONS),
        (EXAMPLES, [], OPTIONS),
        (EXAMPLES, HELD_OUT, replace(OPTIONS, seed=5)),
        (EXAMPLES, HELD_OUT, replace(OPTIONS, epochs=3)),
        (EXAMPLES, HELD_OUT, replace(OPTIONS, rank=8)),
    ],
    ids=["another example", "another order", "no validation", "another seed", "more epochs", "another rank"],
)
def test_the_state_of_another_training_is_refused(
    engine: NumpyEngine, tmp_path: Path, examples: list, validation: list, options: TrainingOptions
) -> None:
    engine.train(EXAMPLES, HELD_OUT, OPTIONS).save_state(tmp_path / "state")
    with pytest.raises(FttuiError, match="another training"):
        engine.train(examples, validation, options, resume_from=tmp_path / "state")


def test_a_damaged_state_is_refused(engine: NumpyEngine, tmp_path: Path) -> None:
    path = tmp_path / "state"
    engine.train(EXAMPLES, [], OPTIONS).save_state(path)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for data in (b"", whole[:20], whole[:100], whole[:-1], whole[:-4000], whole + b"\0", bytes(flipped), b"\0" * 500):
        path.write_bytes(data)
        with pytest.raises(FttuiError, match="damaged"):
            engine.train(EXAMPLES, [], OPTIONS, resume_from=path)


def test_a_state_that_is_not_there_is_told(engine: NumpyEngine, tmp_path: Path) -> None:
    with pytest.raises(FttuiError, match="cannot be read"):
        engine.train(EXAMPLES, [], OPTIONS, resume_from=tmp_path / "none")


def test_a_state_that_cannot_be_written_leaves_the_one_before(engine: NumpyEngine, tmp_path: Path) -> None:
    training = engine.train(EXAMPLES, [], OPTIONS)
    with pytest.raises(FttuiError, match="cannot be saved"):
        training.save_state(tmp_path / "no folder" / "state")
    training.save_state(tmp_path / "state")
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
