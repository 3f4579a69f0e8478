"""What the local backend takes on the disk, by kind: looked up in its folders, without a server and its database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fttui.core.server_state import local_dir
from fttui.local.weights import SCRATCH, fetched_file

CHECKPOINT_PREFIX: Final = "ckpt-"
"""How the folders of checkpoints begin, beside that of the finished adapter."""


@dataclass(frozen=True, slots=True)
class Use:
    """What one kind of thing takes."""

    kind: str
    count: int
    bytes: int


def fetched_weights() -> list[Path]:
    """The weights that were fetched, and what is left of fetching them.

    A file of the user's choice is wherever it is, perhaps beside them, and never ours to remove.
    """
    file = fetched_file()
    return [path for path in _entries(file.parent) if path.name == file.name or path.name.startswith(SCRATCH)]


def cached_weights() -> list[Path]:
    """Weights as float32, made from GGUF files; they come back by themselves, in some seconds."""
    return [path for path in _entries(local_dir() / "cache") if path.suffix != ".lock"]


def adapters_dir() -> Path:
    """A folder a job, and in it one for the finished adapter and for each checkpoint."""
    return local_dir() / "adapters"


def disk_use() -> list[Use]:
    """Bytes and counts of weights, cache, adapters, checkpoints, training states, files, uploads and the database.

    What changes or goes while it is being counted counts as it was seen.
    """
    adapters, checkpoints, states = _adapters()
    database = [path for path in _entries(local_dir()) if path.name.startswith("local.db")]
    return [
        _use("weights", fetched_weights()),
        _use("cache", cached_weights()),
        _use("adapters", adapters),
        _use("checkpoints", checkpoints),
        _use("states", states),
        _use("files", _entries(local_dir() / "files")),
        _use("uploads", _entries(local_dir() / "uploads")),
        Use("database", 1 if database else 0, sum(map(size_of, database))),
    ]


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder; 0 when it is not there (any more)."""
    try:
        if not path.is_dir() or path.is_symlink():
            return path.lstat().st_size
    except OSError:
        return 0
    return sum(size_of(below) for below in _entries(path))


def _adapters() -> tuple[list[Path], list[Path], list[Path]]:
    """What the jobs' folders hold: finished adapters, checkpoints, and the rest: states of trainings."""
    adapters: list[Path] = []
    checkpoints: list[Path] = []
    states: list[Path] = []
    for job in _entries(adapters_dir()):
        for path in _entries(job):
            if not path.is_dir() or path.suffix == ".tmp":
                states.append(path)
            else:
                (checkpoints if path.name.startswith(CHECKPOINT_PREFIX) else adapters).append(path)
    return adapters, checkpoints, states


def _use(kind: str, paths: list[Path]) -> Use:
    return Use(kind, len(paths), sum(map(size_of, paths)))


def _entries(folder: Path) -> list[Path]:
    return list(_scan(folder))


def _scan(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            yield from (Path(entry.path) for entry in entries)
    except OSError:  # it is not there, or no folder: nothing is in it
        return
