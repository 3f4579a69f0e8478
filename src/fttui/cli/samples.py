"""The samples that `fttui demo` offers: read from the package, copied before anybody edits them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from fttui.core.atomic import write_atomic
from fttui.core.errors import InputError
from fttui.core.paths import data_dir, make

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


@dataclass(frozen=True, slots=True)
class Sample:
    """A small training set of ours.

    Attributes:
        name: What ``fttui demo`` takes.
        title: A few words.
        training: The file to train on.
        question: What to ask the models then.
        shows: What training on it shows.
        limits: What it does not do.
        test: A file of held-out examples; empty when there is none.
    """

    name: str
    title: str
    training: str
    question: str
    shows: str
    limits: str
    test: str = ""


def catalog() -> dict[str, Sample]:
    """Every sample by name, in the order of ``catalog.toml``."""
    table = tomllib.loads(_packaged("catalog.toml").read_text("utf-8"))
    return {name: Sample(name=name, **entry) for name, entry in table.items()}


def copy_sample(sample: Sample, *, fresh: bool = False) -> Path:
    """Put the sample's files into the data folder and return the training file there.

    A copy that is there already is kept, for it may hold somebody's edits; ``fresh`` replaces it.

    Raises:
        InputError: The data folder cannot be written.
    """
    folder = data_dir() / "samples"
    try:
        make(folder)
        for name in filter(None, (sample.training, sample.test)):
            path = folder / name
            if fresh or not path.exists():
                write_atomic(path, [_packaged(name).read_bytes()])
    except OSError as error:
        raise InputError(f"The sample cannot be copied to {folder}: {error.strerror or error}.") from error
    return folder / sample.training


def _packaged(name: str) -> Traversable:
    return files("fttui.samples").joinpath(name)
