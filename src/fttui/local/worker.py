"""The training process: ``python -m fttui.local.worker``.

Its assignment comes as one JSON line on standard input, which then stays open for orders (see `fttui.local.orders`):
when it ends, the server is gone and so is the worker. What it has to say goes out as JSON lines:

    {"kind": "started", "steps_done": 0, "total_steps": 24, "expected_seconds": 40.0, "reads": "chat", …}
    {"kind": "step", "step": 1, "total_steps": 24, "train_loss": 3.1, …}      fields of `TrainingStep`
    {"kind": "checkpoint", "step": 8, "folder": "ckpt-step-8"}
    {"kind": "saving"}                                 answered by the order to save, once all before it is stored
    {"kind": "paused"}                                 the last, when it was told to pause
    {"kind": "original", "quantised": 1.3, "original": 1.2, "tokens": 900}    or "problem": "…"
    {"kind": "done", "folder": "final"}
    {"kind": "failed", "message": "…", "code": "training_failed"}
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Final

from fttui.core.errors import FttuiError
from fttui.core.log import start_logging
from fttui.core.paths import make
from fttui.local import disk_full
from fttui.local.assignment import Assignment
from fttui.local.engines.protocol import Adapter, Engine, Training
from fttui.local.examples import load_examples, to_measure
from fttui.local.job_folder import remove_adapters
from fttui.local.orders import Orders
from fttui.local.savings import Savings
from fttui.templates.conversation import is_plain_completion

log = logging.getLogger(__name__)

_NICENESS: Final = 5  # a quarter of the processor beside a program that wants all of it; all of it otherwise
Say = Callable[..., None]
Examples = Sequence[Mapping[str, Any]]


def main() -> None:
    """Do one assignment and exit: 0 when it was done or has been told to have failed."""
    # a logout or power-off ends all processes at once; the server is to end this one, once its state is saved
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say = _speaker(_take_standard_output())
    told = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - as long as the process
    assignment = Assignment.from_json(told.readline())
    orders = Orders(told)  # still reads when all is done: Python would abort over a lock of sys.stdin then
    start_logging()
    _be_modest()
    try:
        _work(assignment, orders, say)
    except MemoryError:
        say("failed", message="There is not enough memory to train this model on this machine.", code="out_of_memory")
    except Exception as error:
        _tell_failure(error, say)


def _work(assignment: Assignment, orders: Orders, say: Say) -> None:
    from fttui.local.engines.registry import load_engine

    make(assignment.folder)
    examples = load_examples(assignment.training)
    validation = load_examples(assignment.validation) if assignment.validation else []
    engine = load_engine(assignment.weights, assignment.engine)
    training, problem = _begin(engine, examples, validation, assignment, orders)
    say(
        "started",
        shortened=training.shortened_examples,
        skipped=training.skipped_examples,
        steps_done=training.steps_done,
        total_steps=training.total_steps,
        expected_seconds=training.expected_seconds(),
        reads="completion" if all(is_plain_completion(example) for example in examples) else "chat",
        problem=problem,
    )
    if not _train(engine, training, assignment, orders, say):
        say("paused")
        return
    is_new = _save(engine, training.adapter, assignment.folder / "final")
    if assignment.original_weights is not None and is_new:
        measured = to_measure(validation or examples)
        say("original", **_loss_on_original(engine, assignment.original_weights, measured, training.adapter))
    elif assignment.original_weights is not None:  # what is trained is not risked once more
        say("original", problem="The process ended while it was measured.")
    say("done", folder="final")


def _begin(
    engine: Engine, examples: Examples, validation: Examples, assignment: Assignment, orders: Orders
) -> tuple[Training, str]:
    """The training, from its saved state if there is one; and why that could not be used, or nothing."""
    start_from = engine.load_adapter(assignment.start_from) if assignment.start_from else None

    def begin(state: Path | None) -> Training:
        return engine.train(
            examples,
            validation,
            assignment.options,
            start_from=start_from,
            resume_from=state,
            cancelled=orders.pausing,
        )

    if not assignment.state.is_file():
        return begin(None), ""
    try:
        return begin(assignment.state), ""
    except FttuiError as error:
        log.warning("The state of the training is of no use: %s", error)
        training = begin(None)  # raises the same error when it was not the state's fault
        remove_adapters(assignment.folder)
        assignment.state.unlink(missing_ok=True)
        return training, error.message


def _train(engine: Engine, training: Training, assignment: Assignment, orders: Orders, say: Say) -> bool:
    """Train to the end, or up to an order to pause; whether it is the end."""
    savings = Savings(assignment.save_seconds)

    def save_state() -> None:
        say("saving")
        orders.wait_until_stored()  # a state must not be ahead of what is known of its steps
        with savings.saving():
            training.save_state(assignment.state)

    for step in training:
        say("step", **_finite(asdict(step)))
        if step.checkpoint:
            name = f"ckpt-step-{step.step}"
            _save(engine, training.adapter, assignment.folder / name)
            say("checkpoint", step=step.step, folder=name)
        is_last = step.step == step.total_steps
        if not is_last and not orders.pausing() and savings.is_due(at_checkpoint=step.checkpoint):
            save_state()
    if training.steps_done == training.total_steps:
        return True
    if training.steps_done:
        save_state()
    return False


def _save(engine: Engine, adapter: Adapter, folder: Path) -> bool:
    """Save an adapter so that its folder is there in whole or not at all; False when it was there already.

    A folder that is there was saved by a process that was killed before it could save its state too. The steps since
    then are trained again in the same way, so it holds the same adapter.
    """
    if folder.is_dir():
        return False
    temporary = folder.with_name(f"{folder.name}.tmp")
    make(temporary)
    engine.save_adapter(adapter, temporary)
    temporary.rename(folder)
    return True


def _loss_on_original(engine: Engine, path: Path, chats: Examples, adapter: Adapter) -> dict[str, Any]:
    """The loss on the weights trained over and on the ones before they were quantised, or why it cannot be had.

    Whatever goes wrong, the training does not fail for it.
    """
    try:
        quantised = engine.score(chats, adapter)
        original = engine.with_weights(path).score(chats, adapter)
    except FttuiError as error:
        return {"problem": str(error)}
    except MemoryError:
        return {"problem": "There is not enough memory to load them."}
    except Exception as error:
        log.error("The loss on the original weights could not be measured.", exc_info=error)
        return {"problem": f"{type(error).__name__}: {error}. The log has the details."}
    losses = {"quantised": quantised.mean_loss, "original": original.mean_loss, "tokens": quantised.tokens}
    if all(math.isfinite(value) for value in losses.values()):
        return losses
    return {"problem": "The loss on them is not a number."}


def _tell_failure(error: Exception, say: Say) -> None:
    if disk_full.is_disk_full(error):
        message = f"{disk_full.SENTENCE} {error.message if isinstance(error, FttuiError) else error} {disk_full.HINT}"
        say("failed", message=message, code="disk_full")
    elif isinstance(error, FttuiError):
        say("failed", message=str(error), code="training_failed")
    else:
        log.error("Training failed.", exc_info=error)
        message = f"Training failed: {type(error).__name__}: {error}. The log has the details."
        say("failed", message=message, code="training_failed")


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


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has no NaN and no infinity: they become null, as a value that is not there."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}


if __name__ == "__main__":
    main()
