"""Exact match: each held-out example's own answer against what a model says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fttui.evals.statistics import wilson_interval
from fttui.playground.answer import Prompt, ask

if TYPE_CHECKING:
    from openai import AsyncOpenAI

CONCURRENT_CALLS = 8
"""The local server computes as many answers together in hardly more time than two; hosted ones allow more."""
SPARE_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Case:
    """One held-out example: what is asked and the answer that counts as right."""

    row: int
    """Row of the example in its file, from 0."""
    prompt: Prompt
    expected: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one model said to one case."""

    model: str
    row: int
    expected: str
    text: str
    passed: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """How one model did on all its cases."""

    model: str
    n: int
    passed: int
    errors: int

    @property
    def rate(self) -> float | None:
        """Share of right answers among those that came; None when none came."""
        return self.passed / self.n if self.n else None

    @property
    def ci95(self) -> tuple[float, float]:
        return wilson_interval(self.passed, self.n)


def case_of(row: int, record: Mapping[str, Any]) -> Case | None:
    """The example as a case: a system text, one question, one answer; None for anything else.

    Longer conversations are left out rather than cut: an answer to half of a conversation says nothing about it.
    """
    from fttui.formats.chat import messages_of

    messages = messages_of(record)
    roles = [message.role for message in messages]
    if roles not in (["user", "assistant"], ["system", "user", "assistant"]):
        return None
    expected = messages[-1].text.strip()
    if not expected:
        return None
    system = messages[0].text if len(messages) == 3 else ""
    # A token is a byte at least, so a right answer always fits.
    room = len(expected.encode("utf-8", "surrogatepass")) + SPARE_TOKENS
    prompt = Prompt(user=messages[-2].text, system=system, temperature=0.0, max_tokens=min(room, 1024))
    return Case(row, prompt, expected)


def is_exact(text: str, expected: str) -> bool:
    """Whether the answer is the expected one, white space at both ends left aside."""
    return text.strip() == expected.strip()


async def run_exact(client: AsyncOpenAI, models: Sequence[str], cases: Sequence[Case]) -> AsyncIterator[Outcome]:
    """Ask every model every case, a few at a time; outcomes come as they are ready, in no certain order."""
    waiting = [(case, model) for case in cases for model in models]
    running: set[asyncio.Task[Outcome]] = set()
    try:
        while waiting or running:
            while waiting and len(running) < CONCURRENT_CALLS:
                case, model = waiting.pop(0)
                running.add(asyncio.ensure_future(_try(client, model, case)))
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _try(client: AsyncOpenAI, model: str, case: Case) -> Outcome:
    answer = await ask(client, model, case.prompt)
    passed = answer.error is None and is_exact(answer.text, case.expected)
    return Outcome(model, case.row, case.expected, answer.text, passed, answer.error)


def cells_of(models: Sequence[str], outcomes: Iterable[Outcome]) -> list[Cell]:
    """One cell a model, in the order given; an answer that failed counts as an error, not as wrong."""
    by_model: dict[str, list[Outcome]] = {model: [] for model in models}
    for outcome in outcomes:
        by_model[outcome.model].append(outcome)
    return [
        Cell(
            model,
            n=sum(o.error is None for o in found),
            passed=sum(o.passed for o in found),
            errors=sum(o.error is not None for o in found),
        )
        for model, found in by_model.items()
    ]
