"""What a training process is to do, as it travels to it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

from fttui.local.engines.protocol import TrainingOptions

STATE_FILE: Final = "state"
"""In an assignment's folder: where the training is, for the process that goes on with it."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a worker is to do."""

    weights: Path
    engine: str
    training: Path
    validation: Path | None
    options: TrainingOptions
    start_from: Path | None
    folder: Path
    """Where its adapters go: ``ckpt-step-N`` for an epoch's end, ``final`` at last. A state in it is gone on from."""
    save_seconds: float
    """Between two saves of the state; 0: after each step."""
    original_weights: Path | None
    """Other weights of the same model, to measure the adapter on at last."""

    @property
    def state(self) -> Path:
        return self.folder / STATE_FILE

    def as_json(self) -> bytes:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {key: str(value) if isinstance(value, Path) else value for key, value in values.items()}
        return json.dumps({**plain, "options": asdict(self.options)}).encode() + b"\n"

    @classmethod
    def from_json(cls, line: bytes) -> Assignment:
        values = json.loads(line)
        for name in ("weights", "training", "validation", "start_from", "folder", "original_weights"):
            values[name] = Path(values[name]) if values[name] is not None else None
        return cls(**{**values, "options": TrainingOptions(**values["options"])})
