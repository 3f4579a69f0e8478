"""``fttui local disk`` and ``fttui local prune``: what the local backend takes on the disk, and making room."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from fttui.cli.common import Output, output_options
from fttui.core.errors import InputError, NotConfirmed

if TYPE_CHECKING:
    from fttui.local.prune import Plan

_TITLES = {
    "weights": "weights, as fetched",
    "cache": "weights as float32, made again when they are missing",
    "adapters": "finished models",
    "checkpoints": "checkpoints",
    "states": "states of trainings, to go on from",
    "files": "training files and results",
    "uploads": "uploads in parts that are not complete",
    "database": "jobs, events, names",
}
_UNITS = ("B", "kB", "MB", "GB", "TB")
_MOST_DAYS = 36_500


@click.command()
@output_options
def disk(output: Output) -> None:
    """Say what the local backend takes on the disk."""
    from fttui.core.server_state import local_dir
    from fttui.local.disk import disk_use

    uses = disk_use()
    total = sum(use.bytes for use in uses)
    if output.is_json:
        parts = {use.kind: {"bytes": use.bytes, "count": use.count} for use in uses}
        output.document({"bytes": total, "parts": parts, "folder": local_dir().parent})
        return
    rows = [(use.kind, f"{use.count:,}", size_text(use.bytes), _TITLES[use.kind]) for use in uses]
    output.table(("kind", "count", "size", ""), rows, right=(1, 2))
    output.text(f"{size_text(total)} in {local_dir().parent}. `fttui local prune --help` says what can go.")


@click.command()
@click.option("--checkpoints", is_flag=True, help="Checkpoints of jobs that are over; the best one of each stays.")
@click.option("--files", is_flag=True, help="Uploaded files that no job needs any more; result files stay.")
@click.option("--cache", is_flag=True, help="The weights as float32; the next server makes them again in some seconds.")
@click.option("--weights", is_flag=True, help="The weights that were fetched; the next server fetches them again.")
@click.option(
    "--models",
    "days",
    type=click.FloatRange(0, _MOST_DAYS),
    metavar="OLDER_THAN_DAYS",
    help="Models and checkpoints, the best ones too, of jobs that ended more than so many days ago.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", is_flag=True, help="Remove it without asking.")
@output_options
def prune(output: Output, days: float | None, dry_run: bool, yes: bool, **wanted: bool) -> None:
    """Remove what is not needed any more, after saying what goes and how much it frees.

    What trainings have left behind always goes; what a waiting, running or paused job needs never does.
    """
    from fttui.local.prune import Wanted, carry_out, plan_prune

    if days is not None and days != days:  # NaN is in every range
        raise InputError("--models takes a number of days.")
    request = Wanted(models_older_than=days, **wanted)
    plan = plan_prune(request)
    if plan.items and not dry_run:
        if not yes:
            _confirm(plan, output)
        plan = carry_out(request, plan)
    _print(plan, output, is_dry=dry_run, is_asked=not yes)


def size_text(count: int) -> str:
    """Bytes for people: ``98.4 MB``."""
    amount, unit = float(count), 0
    while amount >= 999.95 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{count:,} B" if not unit else f"{amount:.1f} {_UNITS[unit]}"


def _confirm(plan: Plan, output: Output) -> None:
    """Ask on the terminal.

    Raises:
        NotConfirmed: The person said no, or there is nobody to ask.
    """
    question = f"Remove {_counted(plan)}, {size_text(plan.bytes)}?"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NotConfirmed(f"{question} Nothing was removed.", hint="There is no terminal to ask on: --yes confirms.")
    for line in _lines(plan):
        click.echo(line, err=True)
    if not click.confirm(question, err=True):
        raise NotConfirmed("Not confirmed: nothing was removed.")


def _print(plan: Plan, output: Output, *, is_dry: bool, is_asked: bool) -> None:
    if output.is_json:
        output.document(_document(plan, is_dry=is_dry))
        return
    if is_dry or not is_asked:  # otherwise the question has shown them
        for line in _lines(plan):
            output.text(line)
    for sentence in plan.kept:
        output.text(f"Kept: {sentence}")
    if not plan.items:
        output.text("There is nothing to remove.")
    elif is_dry:
        output.text(f"This would remove {_counted(plan)} and free {size_text(plan.bytes)}.")
    else:
        output.text(f"Removed {_counted(plan)}: {size_text(plan.bytes)} are free again.")


def _document(plan: Plan, *, is_dry: bool) -> dict[str, Any]:
    return {
        "dry_run": is_dry,
        "bytes": plan.bytes,
        "removed": [{"kind": item.kind, "name": item.name, "bytes": item.bytes} for item in plan.items],
        "kept": plan.kept,
    }


def _lines(plan: Plan) -> list[str]:
    return [f"{item.kind:11} {size_text(item.bytes):>9}  {item.name}" for item in plan.items]


def _counted(plan: Plan) -> str:
    return "1 thing" if len(plan.items) == 1 else f"{len(plan.items):,} things"
