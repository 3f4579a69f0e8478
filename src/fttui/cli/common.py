"""What the commands share: ``--profile --quiet --format``, printing one document, messages and confirmations."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from fttui.core.errors import NotConfirmed
from fttui.core.text import one_line, safe

if TYPE_CHECKING:
    from rich.console import Console

    from fttui.cli.progress import Progress

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Output:
    """How a command prints, and for which profile it works.

    Attributes:
        is_json: One JSON document (or JSON lines) on standard output and nothing else.
        quiet: No messages on standard error but errors.
        profile: The profile that was named on the command line, or None.
        form: What was asked for with ``--format``.
    """

    is_json: bool
    quiet: bool
    profile: str | None
    form: str = "text"

    def document(self, value: Any) -> None:
        """Print ``value`` as a JSON document of one line (a line of JSON lines): strings exact, money unrounded."""
        from fttui.cli.exact_json import dump_exact

        click.echo(dump_exact(jsonable(value)))

    def text(self, text: str = "") -> None:
        """Print text made safe for a terminal."""
        click.echo(safe(text))

    def note(self, text: str) -> None:
        """Say something beside the answer, on standard error."""
        if not self.quiet:
            click.echo(safe(text), err=True)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> None:
        """Print rows under their columns; ``right`` names the columns of numbers."""
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for number, column in enumerate(columns):
            table.add_column(Text(column), justify="right" if number in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(one_line(cell, 4000)) for cell in row))
        stdout_console().print(table)

    @contextlib.contextmanager
    def progress(self, title: str) -> Iterator[Progress]:
        """A progress bar on standard error while the block runs, when that is a terminal."""
        from fttui.cli.progress import progress_bar

        with progress_bar(title, shown=not self.quiet and sys.stderr.isatty()) as progress:
            yield progress


def stdout_console() -> Console:
    """A rich console on standard output that takes no markup, and is as wide as it needs to be in a pipe."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 1000
    return Console(file=sys.stdout, width=width, markup=False, highlight=False, emoji=False)


def output_options(function: F) -> F:
    """Add ``--profile --quiet --format`` to a command, which gets them as its argument ``output``."""
    return _with_output(function, ("text", "json"))


def output_options_with(*more: str) -> Callable[[F], F]:
    """As `output_options`, for a command that prints ``more`` forms than text and JSON."""
    return lambda function: _with_output(function, ("text", "json", *more))


def _with_output(function: F, forms: Sequence[str]) -> F:
    @click.option("--profile", metavar="NAME", help="The provider to work with; see `fttui profiles list`.")
    @click.option("--quiet", is_flag=True, help="No messages beside the answer.")
    @click.option("--format", "form", type=click.Choice(forms), default="text", help="How to print.")
    @functools.wraps(function)
    def wrapped(profile: str | None, quiet: bool, form: str, **arguments: Any) -> Any:
        from fttui.core.log import start_logging

        context = click.get_current_context()
        with contextlib.suppress(OSError):  # a state folder that cannot be written is no reason to refuse the answer
            start_logging()
        named = profile or context.find_root().params.get("profile")
        return context.invoke(function, output=Output(form == "json", quiet, named, form), **arguments)

    return cast(F, wrapped)


def confirm_cost(question: str, *, yes: bool) -> None:
    """Ask before money is spent or data leaves for a host; ``question`` names the profile and the price.

    Raises:
        NotConfirmed: The person said no, or there is no terminal to ask on and no ``--yes``.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NotConfirmed(f"{question} Nothing was sent.", hint="There is no terminal to ask on: --yes confirms.")
    if not click.confirm(safe(question), err=True):
        raise NotConfirmed("Not confirmed: nothing was sent.")


def jsonable(value: Any) -> Any:
    """``value`` as what JSON has: dataclasses become objects, paths strings, NaN and infinities null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value
