"""What a job's training leaves in its folder beside adapters, and when that goes."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from fttui.local.assignment import STATE_FILE


def remove_half_written(folder: Path) -> None:
    """Remove what a killed worker left of an adapter or a state that it was saving to a job's ``folder``."""
    for left in folder.glob("*.tmp"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def remove_adapters(folder: Path) -> None:
    """Remove all adapters in a job's ``folder``: its training starts again, and they would be taken for its own."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def remove_leftovers(folder: Path) -> None:
    """Remove what nobody needs of a job that is over: all but its adapters."""
    remove_half_written(folder)
    (folder / STATE_FILE).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # adapters are in it, or it was never made
        folder.rmdir()
