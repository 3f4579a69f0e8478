"""The ``fttui`` command: its sub-commands, loaded when they are called, and what an error becomes.

Nothing is imported here but click and what it takes to print a sentence: ``--version`` and ``--help`` are instant.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import click

from fttui import __version__
from fttui.core.errors import FttuiError
from fttui.core.text import one_line

COMMANDS: Final = {
    "check": "Say whether a file is right to train on, and mend it.",
    "tokens": "Count the examples and tokens of a file.",
    "cost": "Say what training on a file costs, and when it pays.",
    "jobs": "Create, list, show, follow and cancel training jobs.",
    "ask": "Ask one prompt of several models at once.",
    "demo": "Try the whole loop on a sample, with the local backend.",
    "local": "Run, look at and stop the local backend.",
    "profiles": "List, add, test and remove providers.",
    "config": "Settings, keys and themes: where they are, what is wrong in them.",
}
"""Sub-commands and the line of help that names each; module ``fttui.cli.NAME`` has it as ``command``."""

INTERRUPTED: Final = 130
_LONGEST: Final = 4000
"""Characters of an error."""
_BROKEN_PIPE: Final = 141  # what a shell shows for a program that SIGPIPE ended


class LazyGroup(click.Group):
    """Imports a sub-command's module when it is called; anything that is no command is a path to open."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"fttui.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in COMMANDS:
            return super().resolve_command(ctx, args)
        return "open", _open_command(), args

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _open_command() -> click.Command:
    from fttui.cli.open_app import command

    return command


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    subcommand_metavar="[PATH… | COMMAND …]",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="fttui", message="%(prog)s %(version)s")
@click.option("--profile", metavar="NAME", help="The provider to work with.")
@click.pass_context
def cli(context: click.Context, profile: str | None) -> None:
    """The fine-tuning workbench in a terminal: curate, count, train, watch, compare.

    `fttui FILE.jsonl` opens the app on a file, `fttui TRAIN.jsonl VALID.jsonl` on several; they may be compressed (gz,
    zst, bz2, xz), and `-` is standard input. `./NAME` is a file that is called like a command. Each command below does
    a part of the loop without the screen.
    """
    if context.invoked_subcommand is None:
        context.invoke(_open_command(), paths=(), profile=profile)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status. Whatever fails is one sentence on standard error.

    Args:
        arguments: Without the program's name; those of the process when None.
    """
    _write_what_can_be_written()
    try:
        status = cli.main(args=None if arguments is None else list(arguments), prog_name="fttui", standalone_mode=False)
        sys.stdout.flush()
    except FttuiError as error:
        return _fail(str(error), error.exit_code)
    except click.ClickException as error:
        return _fail(_usage_sentence(error), 2)
    except (click.Abort, KeyboardInterrupt):
        return _fail("Interrupted.", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains at its end
        return _BROKEN_PIPE
    except Exception as error:  # nobody foresaw it: the whole story goes to the log
        return _fail(_crash_sentence(error), 2)
    return status if isinstance(status, int) else 0


def _write_what_can_be_written() -> None:
    """A character that the terminal's encoding lacks is written as an escape instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _fail(sentence: str, status: int) -> int:
    click.echo(one_line(f"fttui: {sentence}", _LONGEST), err=True)
    return status


def _usage_sentence(error: click.ClickException) -> str:
    sentence = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    return f"{sentence} `{context.command_path} --help` says more." if context is not None else sentence


def _crash_sentence(error: Exception) -> str:
    import logging

    from fttui.core.log import log_file, start_logging

    said = " ".join(f"{type(error).__name__}: {error}".split())
    try:
        start_logging()
        logging.getLogger(__name__).critical("the command had to stop", exc_info=error)
    except OSError:
        return f"A fault in fttui: {said}."
    return f"A fault in fttui: {said}. {log_file()} has the whole story."
