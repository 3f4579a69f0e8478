"""A text handed to the person's own editor ($VISUAL, $EDITOR), and what came back."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from fttui.core.errors import InputError


def editor_command() -> list[str]:
    """The words of the editor's command.

    Raises:
        InputError: When there is no editor, with how to name one.
    """
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if named:
        words = shlex.split(named, posix=sys.platform != "win32")
    else:
        words = next(([name] for name in ("nano", "vim", "vi", "notepad") if shutil.which(name)), [])
    if not words or shutil.which(words[0]) is None:
        what = f"The editor {words[0]!r} is not there." if words else "There is no editor."
        raise InputError(what, hint="Set EDITOR to the command that starts yours, and start fttui again.")
    return words


def edit_outside(text: str, suffix: str = ".txt") -> str:
    """Let the editor change ``text``; blocks until it ends. The text comes back exactly but for what was changed.

    A line end that the editor added behind the last line is taken off again.

    Raises:
        InputError: When the editor failed, or left something that is no text.
    """
    command = editor_command()
    before = text.encode("utf-8", "surrogatepass")
    descriptor, name = tempfile.mkstemp(prefix="fttui-", suffix=suffix)  # readable by nobody else
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(before)
        status = subprocess.run([*command, str(path)], check=False).returncode
        if status != 0:
            raise InputError(f"The editor ended with status {status}: nothing was changed.")
        after = path.read_bytes()
    except OSError as error:
        raise InputError(f"The editor could not be used: {error.strerror or error}.") from error
    finally:
        path.unlink(missing_ok=True)
    return text if after == before else _decoded(after, before)


def _decoded(after: bytes, before: bytes) -> str:
    if after.endswith(b"\n") and not before.endswith(b"\n"):
        after = after[:-2] if after.endswith(b"\r\n") else after[:-1]
    try:
        return after.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise InputError("What the editor left is not UTF-8: nothing was changed.") from error
