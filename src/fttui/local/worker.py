"""The training process: ``python -m fttui.local.worker``.

Its assignment comes as one JSON line on standard input, which then stays open: when it ends, the server is gone and so
is the worker. What it has to say goes out as JSON lines:

    {"kind": "started", "shortened": 0, "skipped": 0}
    {"kind": "step", "step": 1, "total_steps": 24, "train_loss": 3.1, …}      fields of `TrainingStep`
    {"kind": "checkpoint", "step": 8, "folder": "ckpt-step-8"}
    {"kind": "done", "folder": "final"}
    {"kind": "failed", "message": "…"}
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from fttui.core.errors import FttuiError
from fttui.core.log import start_logging
from fttui.core.paths import make
from fttui.local.engines.protocol import Adapter, Engine
from fttui.local.examples import load_examples
from fttui.local.worker_process import Assignment

log = logging.getLogger(__name__)

_NICENESS = 5  # a quarter of the processor beside a program that wants all of it; all of it otherwise
Say = Callable[..., None]


def main() -> None:
    """Do one assignment and exit: 0 when it was done or has been told to have failed."""
    say = _speaker(_take_standard_output())
    assignment = Assignment.from_json(sys.stdin.buffer.readline())
    _end_with_the_server(sys.stdin.buffer)
    start_logging()
    _be_modest()
    try:
        _work(assignment, say)
    except FttuiError as error:
        say("failed", message=str(error))
    except MemoryError:
        say("failed", message="There is not enough memory to train this model on this machine.")
    except Exception as error:
        log.exception("Training failed.")
        say("failed", message=f"Training failed: {type(error).__name__}: {error}. The log has the details.")


def _work(assignment: Assignment, say: Say) -> None:
    from fttui.local.engines.registry import load_engine

    examples = load_examples(assignment.training)
    validation = load_examples(assignment.validation) if assignment.validation else []
    engine = load_engine(assignment.weights)
    start_from = engine.load_adapter(assignment.start_from) if assignment.start_from else None
    training = engine.train(examples, validation, assignment.options, start_from=start_from)
    say("started", shortened=training.shortened_examples, skipped=training.skipped_examples)
    for step in training:
        say("step", **_finite(asdict(step)))
        if step.checkpoint:
            name = f"ckpt-step-{step.step}"
            _save(engine, training.adapter, assignment.folder / name)
            say("checkpoint", step=step.step, folder=name)
    _save(engine, training.adapter, assignment.folder / "final")
    say("done", folder="final")


def _save(engine: Engine, adapter: Adapter, folder: Path) -> None:
    """Save an adapter so that its folder is there in whole or not at all."""
    temporary = folder.with_name(f"{folder.name}.tmp")
    make(temporary)
    engine.save_adapter(adapter, temporary)
    temporary.rename(folder)


def _be_modest() -> None:
    """Let everything else on the machine go first, as far as the system knows how."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICENESS)
    with contextlib.suppress(OSError):  # Linux desktops share the processor among sessions; this is one of its own
        Path("/proc/self/autogroup").write_text(str(_NICENESS), "ascii")


def _take_standard_output() -> IO[bytes]:
    """Keep standard output for the messages: what a library prints goes to the log's descriptor instead."""
    own = os.dup(1)
    os.dup2(2, 1)
    return open(own, "wb", buffering=0)  # noqa: PTH123 - a descriptor, open as long as the process


def _speaker(out: IO[bytes]) -> Say:
    def say(kind: str, **values: Any) -> None:
        out.write(json.dumps({"kind": kind, **values}, allow_nan=False).encode() + b"\n")

    return say


def _end_with_the_server(stdin: IO[bytes]) -> None:
    def watch() -> None:
        while stdin.read(4096):
            pass
        os._exit(1)

    threading.Thread(target=watch, name="server-watch", daemon=True).start()


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has no NaN and no infinity: they become null, as a value that is not there."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}


if __name__ == "__main__":
    main()
