"""The loop of `fttui demo` without a screen: count, price, train, compare; printed as it goes."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fttui.cli.common import Output
from fttui.cli.following import Followed
from fttui.cli.job_text import event_line, outcome_lines
from fttui.cli.samples import Sample
from fttui.cli.session import LOCAL_MODEL, Session
from fttui.core.text import safe
from fttui.costs.calls import no_price

if TYPE_CHECKING:
    from fttui.evals.exact import Case, Cell
    from fttui.jobs.objects import JobEvent
    from fttui.playground.answer import Answer, Prompt

HOSTED_MODEL: Final = "gpt-4.1-mini"
"""Priced for comparison; nothing is sent there."""
_WIDTH: Final = 100
_BAR: Final = 40
_LONGEST_ANSWER: Final = 96


@dataclass(frozen=True, slots=True)
class _Compared:
    """What base and tuned model said, and how they did on held-out examples (empty when there are none)."""

    answers: list[Answer]
    cells: list[Cell]


def run_demo(output: Output, sample: Sample, path: Path) -> bool:
    """Run the loop on a copy of a sample; False when the training failed.

    Raises:
        FttuiError: The local server does not start, or went away for good.
    """
    from fttui.core.settings import require_settings
    from fttui.providers.profiles import LOCAL, resolve_profile

    settings = require_settings()
    session = Session(output, settings, resolve_profile(LOCAL, settings))
    say = _Sayer(output)
    say.line(f"{sample.title}: {sample.shows}", sample.limits, f"The sample is in {path}.", "")
    numbers = _count(say, path)
    followed = asyncio.run(_train(session, say, sample, path))
    compared = _Compared([], [])
    if followed.job.get("status") == "succeeded":
        compared = asyncio.run(_compare(session, say, sample, path, followed.job))
    if output.is_json:
        job = {**followed.job, "profile": session.profile.name}
        cells = [
            {"variant": cell.model, "n": cell.n, "passed": cell.passed, "rate": cell.rate} for cell in compared.cells
        ]
        output.document({"sample": sample.name, **numbers, "job": job, "answers": compared.answers, "cells": cells})
    return bool(compared.answers)


class _Sayer:
    """Prints the story, unless one JSON document is all that is wanted."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def line(self, *lines: str) -> None:
        if not self._output.is_json:
            for line in lines:
                self._output.text(line)

    def side_by_side(self, columns: Sequence[tuple[str, str]]) -> None:
        """Texts beside each other under their titles, wrapped by the width that they take in a terminal."""
        if self._output.is_json:
            return
        from rich.table import Table
        from rich.text import Text

        from fttui.cli.common import stdout_console

        table = Table(width=_WIDTH, show_lines=False)
        for title, _ in columns:
            table.add_column(Text(safe(title)), ratio=1, overflow="fold")
        table.add_row(*(Text(safe(text)) for _, text in columns))
        stdout_console().print(table)


def _count(say: _Sayer, path: Path) -> dict[str, Any]:
    """Say what the file holds and what training on it costs at a host and here."""
    from fttui.costs.money import show_money
    from fttui.costs.prices import price_for
    from fttui.costs.training import training_cost
    from fttui.tokens.counter import count_file
    from fttui.tokens.models import rule_for

    totals = count_file(path, rule_for(HOSTED_MODEL))
    cost = training_cost(totals.tokens, totals.examples, None, price_for(HOSTED_MODEL), billable=totals.billable)
    say.line(f"1. Count   {totals.examples} examples, {totals.tokens:,} tokens, {totals.trainable:,} of them trained.")
    price = f"{show_money(cost.usd)} (price of {cost.price_as_of})" if cost.usd is not None else "an unknown price"
    say.line(f"2. Cost    {cost.epochs} epochs on {HOSTED_MODEL} would cost {price}. Here it costs nothing.", "")
    return {"examples": totals.examples, "tokens": totals.tokens, "cost_usd": cost.usd, "cost_model": HOSTED_MODEL}


async def _train(session: Session, say: _Sayer, sample: Sample, path: Path) -> Followed:
    """Train on the sample; prints the loss as it falls."""
    from fttui.jobs.follow import follow_with_restart
    from fttui.jobs.objects import JobEvent
    from fttui.jobs.request import JobRequest, create_job

    async with session.client() as client:
        model = await session.model_to_train()
        say.line(f"3. Train   {model} on this machine.")
        request = JobRequest(model=model, training_path=path, suffix=sample.name)
        job = await create_job(client, request, on_progress=session.output.note)
    followed = Followed(job=job)
    first_loss: float | None = None
    async for news in follow_with_restart(session.connect, str(job["id"])):
        if isinstance(news, JobEvent):
            followed.events.append(news)
            loss = _loss(news)
            first_loss = first_loss if first_loss is not None else loss
            say.line(event_line(news) if loss is None else _loss_line(news, loss, first_loss or loss))
        else:
            followed.job = news.job
    say.line(*outcome_lines(followed.job), "")
    return followed


async def _compare(session: Session, say: _Sayer, sample: Sample, path: Path, job: dict[str, Any]) -> _Compared:
    """Ask base and tuned model the same, and try both on the held-out examples."""
    from fttui.playground.run import ask_all

    models = [str(job.get("model") or LOCAL_MODEL), str(job.get("fine_tuned_model"))]
    say.line(f"4. Compare {sample.question}")
    async with session.client() as client:
        answers = await ask_all(client, models, _prompt(sample, path), price=no_price)
        say.side_by_side([(answer.model, answer.error or answer.text) for answer in answers])
        cells: list[Cell] = []
        if sample.test:
            cells = await _try_held_out(client, say, models, _cases(path.with_name(sample.test)))
    say.line("", f"Next: `fttui {path}` opens the sample, `fttui demo --help` names the others.")
    return _Compared(answers, cells)


async def _try_held_out(client: Any, say: _Sayer, models: Sequence[str], cases: Sequence[Case]) -> list[Cell]:
    from fttui.evals.exact import cells_of, run_exact

    outcomes = [outcome async for outcome in run_exact(client, models, cases)]
    cells = cells_of(models, outcomes)
    say.line("", f"5. Evaluate, on {len(cases)} held-out examples, word for word:")
    for cell in cells:
        low, high = cell.ci95
        say.line(f"   {cell.passed}/{cell.n} right ({low:.0%} to {high:.0%} with 95 % confidence)  {cell.model}")
    return cells


def _prompt(sample: Sample, path: Path) -> Prompt:
    """The sample's question under the system text of its first example."""
    from fttui.formats.chat import messages_of
    from fttui.playground.answer import Prompt

    first = next(iter(_records(path)), {})
    system = next((message.text for message in messages_of(first) if message.role == "system"), "")
    return Prompt(user=sample.question, system=system, max_tokens=_LONGEST_ANSWER)


def _cases(path: Path) -> list[Case]:
    from fttui.evals.exact import case_of

    found = (case_of(row, record) for row, record in enumerate(_records(path)))
    return [case for case in found if case is not None]


def _records(path: Path) -> list[dict[str, Any]]:
    from fttui.formats.lines import parse_line

    parsed = (parse_line(line) for line in path.read_bytes().splitlines())
    return [line.value for line in parsed if isinstance(line.value, dict)]


def _loss(event: JobEvent) -> float | None:
    loss = event.data.get("train_loss")
    return float(loss) if isinstance(loss, int | float) and math.isfinite(loss) else None


def _loss_line(event: JobEvent, loss: float, first: float) -> str:
    """``  12/42  loss 3.95  ####################``, as long as the loss is high."""
    step, total = event.data.get("step"), event.data.get("total_steps")
    bar = "#" * max(1, min(_BAR, round(_BAR * loss / first))) if first > 0 else ""
    return f"{step:>6}/{total}  loss {loss:6.3f}  {bar}"
