"""``fttui -``: what is piped in becomes a file that is open, and the terminal takes its place as the keyboard."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from fttui.core.errors import FttuiError, InputError

_INPUT: Final = 0
_TERMINAL: Final = "/dev/tty"


def take_standard_input() -> Path:
    """Make the terminal standard input; what was piped in can be opened, once, by the path that is returned.

    Raises:
        InputError: It is closed or a terminal; or the system has no way to do this.
        FttuiError: There is no terminal to read keys from.
    """
    from fttui.dataset.filling import STANDARD_INPUT, adopt_standard_input

    if os.name == "nt":
        raise InputError("Standard input cannot be opened on Windows.", hint="Write it to a file and open that.")
    try:
        descriptor = os.dup(_INPUT)
    except OSError as error:
        raise InputError("Standard input is closed.", hint="`fttui -` reads examples from a pipe.") from error
    if os.isatty(descriptor):
        os.close(descriptor)
        raise InputError(
            "Standard input is the terminal: there is nothing to open.", hint="Pipe examples in: `… | fttui -`."
        )
    try:
        terminal = os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError as error:
        os.close(descriptor)
        raise FttuiError("There is no terminal to open the app in.", hint="Write to a file and name that.") from error
    os.dup2(terminal, _INPUT)  # sys.stdin is this number, whatever is behind it, and nothing was read from it yet
    os.close(terminal)
    adopt_standard_input(descriptor)
    return STANDARD_INPUT
