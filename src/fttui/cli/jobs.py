"""``fttui jobs``: create, list, show, follow, pause, resume and cancel training jobs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fttui.cli.common import Output, confirm_cost, output_options
from fttui.core.errors import FttuiError
from fttui.core.text import one_line

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from fttui.cli.session import Session

_LARGEST_SEED = 2_147_483_647


def _epochs(ctx: click.Context, param: click.Parameter, value: str) -> int | None:
    """The number of epochs; None for the provider's own choice."""
    if value == "auto":
        return None
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= 50):
        raise click.BadParameter(f"{value!r}: auto, or a number from 1 to 50.", ctx, param)
    return int(value)


@click.group("jobs")
def command() -> None:
    """Training jobs: create, list, show, follow, pause, resume, cancel."""


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--valid", type=click.Path(path_type=Path), metavar="FILE", help="Held-out examples, for their loss.")
@click.option("--model", metavar="M", help="The model to train, a tuned one too; the profile's first otherwise.")
@click.option(
    "--method",
    type=click.Choice(["supervised", "dpo"]),
    help="How to train; by itself dpo for files of preference pairs.",
)
@click.option("--epochs", callback=_epochs, default="auto", metavar="auto|N", help="How often each example is trained.")
@click.option("--suffix", metavar="S", help="Becomes part of the tuned model's id; 1 to 64 characters.")
@click.option("--seed", type=click.IntRange(0, _LARGEST_SEED), metavar="N", help="For a job that can be repeated.")
@click.option("--follow", "is_followed", is_flag=True, help="Print the events as they come, until the job is over.")
@click.option("--yes", is_flag=True, help="Spend the money without asking.")
@output_options
def create(output: Output, file: Path, is_followed: bool, yes: bool, **options: Any) -> None:
    """Train a model on FILE; with --follow exit status 1 when the job fails."""
    from fttui.cli.session import open_session
    from fttui.cli.training import (
        check_training_file,
        expected,
        keep_estimate,
        method_for,
        store_estimate,
        training_question,
    )
    from fttui.jobs.request import JobRequest

    for path in (file, options["valid"]):
        if path is not None:
            check_training_file(path)
    session = open_session(output)
    method = options["method"] or method_for(file)
    cost = None
    if session.profile.costs_money:
        model = options["model"] or session.hosted_model
        cost = expected(model, file, options["epochs"])
        confirm_cost(training_question(session.profile.name, model, file, cost), yes=yes)

    async def work(client: AsyncOpenAI) -> dict[str, Any]:
        from fttui.jobs.request import create_job

        request = JobRequest(
            model=options["model"] or await session.model_to_train(),
            training_path=file,
            validation_path=options["valid"],
            epochs=options["epochs"],
            suffix=options["suffix"],
            seed=options["seed"],
            method=method,
        )
        return await create_job(client, request, on_progress=output.note)

    job = _run(session, work)
    job_id = str(job.get("id"))
    with contextlib.suppress(FttuiError, OSError):  # the job is there: an estimate that cannot be kept changes nothing
        if cost is not None:
            store_estimate(session.profile.name, job_id, cost)
        elif session.profile.is_local:
            keep_estimate(session.profile.name, job_id, str(job.get("model")), file, options["epochs"], method)
    if is_followed:
        _follow(session, job_id)
    else:
        _print_job(session, job)


@command.command("list")
@click.option("--limit", type=click.IntRange(1, 100), default=20, help="How many, the newest first.")
@output_options
def list_(output: Output, limit: int) -> None:
    """List the jobs, the newest first."""
    from fttui.cli.job_text import COLUMNS, job_cells
    from fttui.cli.session import open_session
    from fttui.jobs.request import list_jobs

    session = open_session(output)
    jobs = _run(session, lambda client: list_jobs(client, limit))
    if output.is_json:
        output.document({"jobs": [{**job, "profile": session.profile.name} for job in jobs]})
    elif jobs:
        output.table(COLUMNS, [job_cells(job) for job in jobs])
    else:
        output.text(f'No jobs yet at profile "{session.profile.name}": `fttui jobs create FILE` makes one.')


@command.command()
@click.argument("job_id", metavar="ID")
@output_options
def show(output: Output, job_id: str) -> None:
    """Show one job; what was billed beside what was estimated."""
    from fttui.cli.job_text import billing_document, billing_lines
    from fttui.cli.session import open_session
    from fttui.cli.training import bill_of
    from fttui.jobs.request import retrieve_job

    session = open_session(output)
    job = _run(session, lambda client: retrieve_job(client, job_id))
    bill = bill_of(session.profile.name, job, is_local=session.profile.is_local)
    if output.is_json:
        output.document({**job, "profile": session.profile.name, "billing": billing_document(bill)})
        return
    _print_job(session, job)
    if bill is not None:
        output.text("\n".join(billing_lines(bill)))


@command.command()
@click.argument("job_id", metavar="ID")
@output_options
def follow(output: Output, job_id: str) -> None:
    """Print the events of a job from its beginning until it is over; exit status 1 when it fails."""
    from fttui.cli.session import open_session

    _follow(open_session(output), job_id)


@command.command()
@click.argument("job_id", metavar="ID")
@output_options
def cancel(output: Output, job_id: str) -> None:
    """Stop a job; it cannot be taken up again."""
    from fttui.cli.session import open_session
    from fttui.jobs.request import cancel_job

    session = open_session(output)
    _print_job(session, _run(session, lambda client: cancel_job(client, job_id)))


@command.command()
@click.argument("job_id", metavar="ID")
@output_options
def pause(output: Output, job_id: str) -> None:
    """Let a job wait: it keeps what it has learnt, and `fttui jobs resume` lets it go on."""
    from fttui.cli.session import open_session
    from fttui.jobs.request import pause_job

    session = open_session(output)
    _print_job(session, _run(session, lambda client: pause_job(client, job_id)))


@command.command()
@click.argument("job_id", metavar="ID")
@output_options
def resume(output: Output, job_id: str) -> None:
    """Let a paused job go on from where it was."""
    from fttui.cli.session import open_session
    from fttui.jobs.request import resume_job

    session = open_session(output)
    _print_job(session, _run(session, lambda client: resume_job(client, job_id)))


def _run(session: Session, work: Callable[[AsyncOpenAI], Coroutine[Any, Any, Any]]) -> Any:
    """Run ``work`` with a client of the session."""

    async def connected() -> Any:
        async with session.client() as client:
            return await work(client)

    return asyncio.run(connected())


def _follow(session: Session, job_id: str) -> None:
    """Print a job's events, then how it ended; exit status 1 unless it succeeded."""
    from fttui.cli.following import print_events, print_outcome

    try:
        followed = asyncio.run(print_events(session, job_id))
    except KeyboardInterrupt:
        session.output.note(f"The job goes on: `fttui jobs follow {one_line(job_id, 80)}` takes up again.")
        raise
    print_outcome(session, followed)
    if followed.job.get("status") != "succeeded":
        raise click.exceptions.Exit(1)


def _print_job(session: Session, job: dict[str, Any]) -> None:
    from fttui.cli.job_text import job_lines

    if session.output.is_json:
        session.output.document({**job, "profile": session.profile.name})
    else:
        session.output.text("\n".join(job_lines(job)))
