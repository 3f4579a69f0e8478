"""What a training process does at its beginning and at its end, run in this one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fttui.local import worker
from fttui.local.assignment import Assignment
from fttui.local.engines.numpy_engine.engine import NumpyEngine
from fttui.local.engines.protocol import TrainingOptions
from fttui.local.orders import SAVE, Orders
from local_server_fixture import chat_lines
from tiny_gguf import write_tiny_gguf

PAIRS = [(f"Question {n}?", f"Answer {n}.") for n in range(60)]


class Process:
    """A training process with the server's side of its pipes."""

    def __init__(self, orders: Orders, pipe: int, assignment: Assignment) -> None:
        self._orders = orders
        self._pipe = pipe
        self.assignment = assignment

    def run(self) -> list[dict[str, Any]]:
        """Do the assignment; what was said."""
        said: list[dict[str, Any]] = []

        def say(kind: str, **values: Any) -> None:
            said.append({"kind": kind, **values})
            if kind == "saving":
                os.write(self._pipe, SAVE)

        worker._work(self.assignment, self._orders, say)
        return said


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """Trains one epoch of 60 examples in 3 steps; the base knows its original weights."""
    weights = write_tiny_gguf(tmp_path / "tiny.gguf")
    (tmp_path / "train.jsonl").write_bytes(chat_lines(PAIRS))
    assignment = Assignment(
        weights=weights,
        engine="numpy",
        training=tmp_path / "train.jsonl",
        validation=tmp_path / "train.jsonl",
        options=TrainingOptions(epochs=1, batch_size=20, learning_rate=1e-3, seed=1),
        start_from=None,
        folder=tmp_path / "job",
        save_seconds=1e9,
        original_weights=weights,
    )
    read, write = os.pipe()
    with os.fdopen(read, "rb", buffering=0) as source:
        yield Process(Orders(source, on_end=lambda: None), write, assignment)
        os.close(write)


def of_kind(said: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    (found,) = [message for message in said if message["kind"] == kind]
    return found


def test_what_was_trained_is_not_measured_again_after_that_killed_a_process(process: Process) -> None:
    first = process.run()
    assert of_kind(first, "original")["tokens"] > 0
    process.assignment.state.unlink(missing_ok=True)
    second = process.run()
    assert of_kind(second, "original")["problem"] == "The process ended while it was measured."
    assert second[-1] == {"kind": "done", "folder": "final"}


def test_only_some_of_the_validation_file_is_measured(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []
    score = NumpyEngine.score

    def counted(self: NumpyEngine, examples: Any, adapter: Any = None) -> Any:
        counts.append(len(examples))
        return score(self, examples, adapter)

    monkeypatch.setattr(NumpyEngine, "score", counted)
    process.run()
    assert counts == [50, 50]


def test_whatever_goes_wrong_while_it_is_measured_the_training_is_done(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise ValueError("not at all")

    monkeypatch.setattr(NumpyEngine, "score", broken)
    said = process.run()
    assert "ValueError: not at all" in of_kind(said, "original")["problem"]
    assert said[-1]["kind"] == "done"


def test_a_training_that_starts_again_leaves_no_adapters_of_the_one_before(process: Process) -> None:
    folder = process.assignment.folder
    for name in ("ckpt-step-1", "ckpt-step-3", "final"):
        (folder / name).mkdir(parents=True)
        (folder / name / "adapter_model.safetensors").write_bytes(b"of another training")
    process.assignment.state.write_bytes(b"of another training")
    said = process.run()
    assert of_kind(said, "started")["problem"]
    assert said[-1]["kind"] == "done"
    adapters = {path.parent.name: path.read_bytes() for path in folder.glob("*/adapter_model.safetensors")}
    assert set(adapters) == {"ckpt-step-3", "final"}
    assert b"of another training" not in adapters.values()
