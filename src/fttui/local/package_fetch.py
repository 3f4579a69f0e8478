"""Fetching a package from the user's own package registry, by the installer that is there."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from fttui.core.errors import FttuiError
from fttui.core.text import one_line

_POLL_S: Final = 0.2


def fetch_package(requirement: str, folder: Path, *, on_progress: Callable[[int], None]) -> None:
    """Have pip, or uv where there is no pip, unpack a package below ``folder``, without its dependencies.

    Args:
        requirement: Like "name==1.2".
        on_progress: Called a few times a second with the bytes that were downloaded; never fewer than before.

    Raises:
        FttuiError: There is no installer, or it failed.
        OSError: The folder cannot be written.
    """
    command = [*_installer(), "--no-deps", "--target", str(folder / "package"), requirement]
    scratch = folder / "scratch"  # downloads go where they are counted, and onto the disk they end up on
    scratch.mkdir()
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    with (folder / "installer.log").open("w+b") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment)
        done = 0
        try:
            while process.poll() is None:
                done = max(done, _bytes_below(scratch))
                on_progress(done)
                time.sleep(_POLL_S)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            raise FttuiError(f"{requirement} could not be installed ({_last_error(output)}).")


def _installer() -> list[str]:
    """A command that installs packages for this Python."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-cache-dir"]
    uv = shutil.which("uv")
    if uv is not None:
        return [uv, "pip", "install", "--python", sys.executable, "--no-cache"]
    raise FttuiError("neither pip nor uv is there.", hint="`python -m ensurepip` installs pip.")


def _bytes_below(folder: Path) -> int:
    """Bytes of all files below a folder in which another process is working."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).lstat().st_size
            except OSError:  # gone meanwhile
                continue
    return total


def _last_error(output: IO[bytes]) -> str:
    """The line of an installer's output that says best what went wrong."""
    output.seek(0)
    lines = [line.strip() for line in output.read().decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "×", "x "))]
    return one_line((errors or lines or ["it said nothing"])[-1], 200)
