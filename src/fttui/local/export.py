"""A fine-tuned model as a folder of its own: a PEFT adapter that names its base, and a README that says what it is."""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fttui.core.atomic import sync_directory
from fttui.core.db import Database
from fttui.core.errors import FttuiError, InputError
from fttui.core.server_state import local_dir
from fttui.core.text import one_line
from fttui.local.examples import load_examples, to_measure
from fttui.local.export_readme import readme
from fttui.local.file_store import FileStore
from fttui.local.job_store import JobStore
from fttui.local.jobs import Job
from fttui.local.schema import open_database
from fttui.local.tuned_models import ModelStore, TunedModel

_CONFIG: Final = "adapter_config.json"
_COPIED: Final = (_CONFIG, "adapter_model.safetensors", "fttui.json")
_NEEDED: Final = _COPIED[:2]


@dataclass(frozen=True, slots=True)
class Losses:
    """How well the adapter predicts the same examples over the weights it was trained on and over the original ones."""

    quantised: float
    """Mean loss, in nats a token."""
    original: float
    tokens: int
    of: str
    """``validation`` or ``training``: the job's file that they are from."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    model: str
    base: str
    """The base model's true name: a repository at Hugging Face, where that is known."""
    folder: Path
    files: tuple[str, ...]
    loss: Losses | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Where to measure the adapter's loss.

    Attributes:
        weights: The file that it was trained over.
        original: The same model before it was quantised: a GGUF file, or a folder with safetensors.
        engine: The engine's name.
    """

    weights: Path
    original: Path
    engine: str


def export(
    name: str, target: Path, *, comparison: Comparison | None = None, tell: Callable[[str], None] = lambda _: None
) -> Exported:
    """Write the model ``name`` to the folder ``target``, which is there in whole afterwards or not at all.

    Args:
        name: A fine-tuned model, a checkpoint of one, or a job.
        target: A folder that is empty or does not exist.
        comparison: Measure its loss over the original weights too.
        tell: Told what takes a while.

    Raises:
        InputError: There is no such model, or ``target`` holds something.
        FttuiError: It cannot be written, or not be measured.
    """
    _require_room(target)
    if not (local_dir() / "local.db").exists():
        raise InputError(f"There is no model {one_line(name, 200)}: nothing was trained here yet.")
    with closing(open_database()) as database:
        try:
            model, job = _find(name, database)
            loss = _known_losses(model, job)
            if comparison is not None:
                loss = _measure(model, job, comparison, database, tell)
            data = _data_of(job, database)
        except sqlite3.Error as error:
            raise FttuiError(f"The local backend's database cannot be read: {error}.") from error
    config = _config_of(model)
    base = str(config.get("base_model_name_or_path") or model.base)
    rank = config.get("r")
    text = readme(model, job, base=base, rank=rank if isinstance(rank, int) else 16, data=data, loss=loss)
    files = _write(model.folder, target, text)
    return Exported(model.id, base, target, files, loss)


def _require_room(target: Path) -> None:
    try:
        if target.is_symlink() or (target.exists() and not target.is_dir()):
            raise InputError(f"{target} is no folder.", hint="Name one that is empty or does not exist.")
        if target.exists() and any(target.iterdir()):
            raise InputError(f"{target} is not empty.", hint="Name a folder that is empty or does not exist.")
    except (OSError, ValueError) as error:
        raise InputError(f"{one_line(str(target), 300)} cannot be used: {error}.") from error


def _find(name: str, database: Database) -> tuple[TunedModel, Job]:
    """The model that ``name`` means, and the job that it is from."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InputError(f"There is no model {one_line(name, 200)}.") from None
    models, jobs = ModelStore(database), JobStore(database)
    job = jobs.find(name)
    if job is not None and job.fine_tuned_model is None:
        sql = "SELECT model FROM checkpoints JOIN models ON models.id = model WHERE checkpoints.job = ? ORDER BY step"
        made = [row["model"] for row in database.rows(sql, (job.id,))]
        raise InputError(
            f"The job {job.id} is {job.status}: it has no model.",
            hint=f"Its latest checkpoint is {made[-1]}." if made else "",
        )
    checkpoint = database.row("SELECT model FROM checkpoints WHERE id = ?", (name,))
    meant = job.fine_tuned_model if job is not None else checkpoint["model"] if checkpoint is not None else name
    model = models.find(str(meant))
    if model is None:
        what = "The model of this job was deleted" if job is not None else f"There is no model {one_line(name, 200)}"
        raise InputError(f"{what}.", hint=_known(database))
    return model, jobs.get(model.job)


def _known(database: Database) -> str:
    rows = database.rows("SELECT id FROM models WHERE NOT is_checkpoint ORDER BY seq DESC LIMIT 5")
    return f"The latest: {', '.join(row['id'] for row in rows)}." if rows else "There is none yet."


def _data_of(job: Job, database: Database) -> str:
    """What the job was trained on, in words."""
    stored = FileStore(database).find(job.training_file)
    name = one_line(stored.filename, 120) if stored is not None else "a file that was deleted since"
    return f"{name} ({job.examples:,} examples)" if job.examples else name


def _config_of(model: TunedModel) -> dict[str, Any]:
    try:
        config = json.loads((model.folder / _CONFIG).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise FttuiError(f"The adapter of {model.id} in {model.folder} cannot be read: {error}.") from error
    if not isinstance(config, dict):
        raise FttuiError(f"The adapter of {model.id} in {model.folder} cannot be read: its configuration is no object.")
    return config


def _write(source: Path, target: Path, text: str) -> tuple[str, ...]:
    """Copy the adapter beside the target, and give it its name when it is whole.

    Into a folder that is there, perhaps the one that the user is in, the files are moved instead.
    """
    target = target.absolute()
    is_there = target.is_dir()
    beside = target if is_there else target.parent
    temporary = beside / f".fttui-{secrets.token_hex(4)}.tmp"
    try:
        beside.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        try:
            for name in _COPIED:
                if name in _NEEDED or (source / name).is_file():
                    shutil.copyfile(source / name, temporary / name)
            (temporary / "README.md").write_text(text, "utf-8")
            files = tuple(sorted(path.name for path in temporary.iterdir()))
            if is_there:
                for name in files:
                    (temporary / name).rename(target / name)
            else:
                temporary.rename(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        sync_directory(beside)
    except OSError as error:
        raise FttuiError(f"The adapter cannot be written to {target}: {error.strerror or error}.") from error
    return files


def _measure(
    model: TunedModel, job: Job, comparison: Comparison, database: Database, tell: Callable[[str], None]
) -> Losses:
    """The loss over both weights, on the job's validation file or else on some of what it was trained on."""
    from fttui.local.engines.registry import load_engine

    of = _measured_on(job)
    file_id = job.validation_file or job.training_file
    if FileStore(database).find(file_id) is None:
        raise InputError(f"The {of} file of {job.id} was deleted: there is nothing to measure the loss on.")
    examples = to_measure(load_examples(FileStore(database).path(file_id)))
    tell("Loading the weights that it was trained over")
    engine = load_engine(comparison.weights, comparison.engine)
    if engine.model_id != model.base:
        raise InputError(
            f"{model.id} was trained over {model.base}, and these weights are of {engine.model_id}.",
            hint="FTTUI_WEIGHTS names other ones.",
        )
    tell(f"Measuring the loss on {len(examples)} examples of the {of} file")
    over_quantised = engine.score(examples, engine.load_adapter(model.folder))
    tell("Measuring it over the original weights")
    original = engine.with_weights(comparison.original)
    over_original = original.score(examples, original.load_adapter(model.folder))
    return Losses(over_quantised.mean_loss, over_original.mean_loss, over_quantised.tokens, of)


def _known_losses(model: TunedModel, job: Job) -> Losses | None:
    """As they were measured at the end of the training, where the settings name the original weights."""
    if model.losses is None:
        return None
    known = model.losses
    return Losses(known["quantised"], known["original"], int(known["tokens"]), _measured_on(job))


def _measured_on(job: Job) -> str:
    return "validation" if job.validation_file else "training"
