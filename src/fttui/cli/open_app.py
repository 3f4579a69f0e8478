"""``fttui [PATH…]``: check that the files can be opened, then open the app on them."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from fttui.core.errors import FttuiError, InputError
from fttui.core.text import one_line

if TYPE_CHECKING:
    from fttui.dataset.document import Document

_STANDARD_INPUT: Final = "-"
_HEADLESS: Final = "fttui tokens, cost, jobs, ask and demo work without a terminal; `fttui --help` lists them."


@click.command("open")
@click.argument("paths", nargs=-1, metavar="[PATH]…", type=click.Path())
@click.option("--profile", metavar="NAME", help="The provider to work with.")
@click.pass_context
def command(context: click.Context, paths: tuple[str, ...], profile: str | None) -> None:
    """Open the app on JSONL files of chat examples, the first of them on show.

    A PATH may be compressed (gz, zst, bz2, xz); it is shown while it is unpacked, and saved under a new name. `-` is
    standard input: `zcat chat.jsonl.gz | fttui -`. `./-` is a file of that name.
    """
    open_app(paths, profile or context.find_root().params.get("profile"))


def open_app(paths: Sequence[str], profile: str | None) -> None:
    """Open the app.

    Args:
        paths: As typed; "-" is standard input, and "./-" a file of that name.
        profile: The provider to work with; None: that of the settings.

    Raises:
        InputError: A file cannot be opened, or the profile is not known; said before the screen opens.
        FttuiError: There is no terminal.
    """
    from fttui.core.settings import load_settings
    from fttui.providers.profiles import resolve_profile

    reads_input = _STANDARD_INPUT in paths
    files = [Path(path).absolute() if path.startswith("./-") else Path(path) for path in paths]
    for path, typed in zip(files, paths, strict=True):
        if typed != _STANDARD_INPUT:
            check_file(path)
    if paths.count(_STANDARD_INPUT) > 1:
        raise InputError("Standard input can be opened once only.")
    resolve_profile(profile, load_settings().settings)
    if not has_terminal(but_input=reads_input):
        raise FttuiError("There is no terminal to open the app in.", hint=_HEADLESS)
    if not reads_input:
        start_app(files, profile)
        return
    from fttui.cli.standard_input import take_standard_input

    piped = take_standard_input()
    start_app([piped if typed == _STANDARD_INPUT else path for path, typed in zip(files, paths, strict=True)], profile)


def start_app(paths: Sequence[Path | Document], profile: str | None, notices: tuple[str, ...] = ()) -> None:
    """Run the app on files, or documents that are open already, until the person leaves.

    Its ``notices`` are shown at the start.

    Raises:
        click.exceptions.Exit: It ended with a fault.
    """
    gc.disable()  # until the first paint, where the app turns it on again: there is no garbage yet to look for
    from fttui.ui.start import run

    status = run(list(paths), profile, notices=notices)
    if status:
        raise click.exceptions.Exit(status)


def check_file(path: Path) -> None:
    """Raise `InputError` when ``path`` cannot be opened as text; a word that is neither file nor command says so."""
    from fttui.dataset.filling import open_reader

    if len(path.parts) == 1 and not path.suffix and not path.exists():
        raise InputError(_neither(path.name))
    open_reader(path)


def _neither(name: str) -> str:
    from difflib import get_close_matches

    from fttui.cli.main import COMMANDS

    close = get_close_matches(name, COMMANDS, n=1)
    meant = f": did you mean `fttui {close[0]}`?" if close else "; `fttui --help` lists the commands."
    return f'There is no file and no command "{one_line(name, 80)}"{meant}'


def has_terminal(*, but_input: bool = False) -> bool:
    """Whether a person is in front of all three streams; ``but_input``: of the two that are written to."""
    streams = (sys.stdout, sys.stderr) if but_input else (sys.stdin, sys.stdout, sys.stderr)
    return all(stream is not None and stream.isatty() for stream in streams)
