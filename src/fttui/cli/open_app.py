"""``fttui [PATH…]``: check that the files can be opened, then open the app on them."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import click

from fttui.core.errors import FttuiError, InputError
from fttui.core.text import one_line

_HEADLESS = "fttui tokens, cost, jobs, ask and demo work without a terminal; `fttui --help` lists them."


@click.command("open")
@click.argument("paths", nargs=-1, metavar="[PATH]…", type=click.Path(path_type=Path))
@click.option("--profile", metavar="NAME", help="The provider to work with.")
@click.pass_context
def command(context: click.Context, paths: tuple[Path, ...], profile: str | None) -> None:
    """Open the app on JSONL files of chat examples."""
    open_app(paths, profile or context.find_root().params.get("profile"))


def open_app(paths: tuple[Path, ...], profile: str | None) -> None:
    """Open the app.

    Raises:
        InputError: A file cannot be opened, or the profile is not known; said before the screen opens.
        FttuiError: There is no terminal.
    """
    from fttui.core.settings import load_settings
    from fttui.providers.profiles import resolve_profile

    for path in paths:
        check_file(path)
    resolve_profile(profile, load_settings().settings)
    if not has_terminal():
        raise FttuiError("There is no terminal to open the app in.", hint=_HEADLESS)
    start_app(paths, profile)


def start_app(paths: tuple[Path, ...], profile: str | None, notices: tuple[str, ...] = ()) -> None:
    """Run the app until the person leaves; its ``notices`` are shown at the start.

    Raises:
        click.exceptions.Exit: It ended with a fault.
    """
    gc.disable()  # until the first paint, where the app turns it on again: there is no garbage yet to look for
    from fttui.ui.app import run

    status = run(list(paths), profile, notices=notices)
    if status:
        raise click.exceptions.Exit(status)


def check_file(path: Path) -> None:
    """Raise `InputError` when ``path`` cannot be opened as text; a word that is neither file nor command says so."""
    from fttui.dataset.reader import open_text_file

    if len(path.parts) == 1 and not path.suffix and not path.exists():
        raise InputError(_neither(path.name))
    open_text_file(path)


def _neither(name: str) -> str:
    from difflib import get_close_matches

    from fttui.cli.main import COMMANDS

    close = get_close_matches(name, COMMANDS, n=1)
    meant = f": did you mean `fttui {close[0]}`?" if close else "; `fttui --help` lists the commands."
    return f'There is no file and no command "{one_line(name, 80)}"{meant}'


def has_terminal() -> bool:
    """Whether a person is in front of all three streams."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
