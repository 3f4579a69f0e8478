"""Write docs/commands.md from the ``--help`` of every command. ``--check``: only say whether it is current."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from fttui.cli.main import LazyGroup, cli

PAGE = Path(__file__).with_name("commands.md")
HEAD = """\
# The command line

Made by `python docs/make_commands.py` from each command's `--help`.

`--format json` prints exactly one document on standard output (`--follow` and `follow`: JSON lines) and nothing else;
messages go to standard error. Money is not rounded. Off a terminal nothing ever asks. Exit status: 0 fine · 1 the
answer is no (errors were found, a job failed, a server does not run) · 2 could not do it, with one sentence on standard
error · 130 interrupted.
"""
WIDTH = 100


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Path and help of a command and of all below it, in the order in which ``--help`` lists them."""
    yield context.command_path, command.get_help(context)
    if isinstance(command, LazyGroup):
        opener = command.resolve_command(context, ["PATH"])[1]  # what a path stands for: it has no name in the list
        if opener is not None:
            yield "fttui PATH…", opener.get_help(context_of(opener, "fttui"))
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from commands(below, context_of(below, name, context))


def context_of(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    options = {"help_option_names": ["-h", "--help"]}
    return click.Context(
        command, info_name=name, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH, **options
    )


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for path, text in commands(cli, context_of(cli, "fttui")):
        parts.append(f"## {path}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def main() -> int:
    if "--check" in sys.argv:
        return 0 if PAGE.read_text("utf-8") == page() else 1
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
