"""Following a job: its events as one stream, each once, oldest first, until it is over.

Providers list events newest first and in pages (none streams them), so a poll takes the first page and goes on only
until it meets an event that is already known.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import TYPE_CHECKING, Any, Final

from fttui.core.errors import ProviderError
from fttui.jobs.objects import JobEvent, JobUpdate, event_of, is_paused, is_terminal
from fttui.providers.client import is_local as is_local_backend
from fttui.providers.client import profile_of
from fttui.providers.errors import explain
from fttui.providers.objects import as_dict, page_items

if TYPE_CHECKING:
    from openai import AsyncOpenAI

PAGE: Final = 100
LOCAL_POLL_S: Final = 0.5
HOSTED_POLL_S: Final = 3.0
HOSTED_SLOW_POLL_S: Final = 10.0
PAUSED_POLL_S: Final = (2.0, 15.0)
"""Local, hosted: of a paused job nothing comes until somebody lets it go on."""
PAUSED_LOOKS: Final = 5
"""Looks without news after which a paused job is left, by who does not want to wait for it: the step that was under way
may still be told."""
LOCAL_PATIENCE_S: Final = 3.0
"""A local server that was killed does not come back at its address: whoever follows starts another."""
HOSTED_PATIENCE_S: Final = 300.0
FIRST_PATIENCE_S: Final = 6.0
"""As long as a provider has never answered, its address may be wrong."""
_DRAIN_S: Final = (0.05, 1.0)  # local, hosted: the last events of a job that is over may be late
_REQUEST_TIMEOUT_S: Final = 30.0
_BACK_OFF_S: Final = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
_LONG_SINCE: Final = 40  # polls

Sleep = Callable[[float], Awaitable[None]]


async def follow(
    client: AsyncOpenAI,
    job_id: str,
    *,
    poll_s: float | None = None,
    known: Collection[str] = (),
    patience_s: float | None = None,
    sleep: Sleep = asyncio.sleep,
    leave_paused: bool = False,
) -> AsyncIterator[JobEvent | JobUpdate]:
    """Yield the job whenever it changes and each of its events once; ends when it is over and its events are drained.

    A paused job is not over: it is looked at less often until it goes on.

    Args:
        client: Of the job's provider.
        job_id: The job.
        poll_s: Seconds between polls; None: by the provider, slower after a while at a hosted one.
        known: Ids of events that need not come again.
        patience_s: How long a provider may stay away before that is an error; a shorter time as long as it has never
            answered.
        sleep: How to wait.
        leave_paused: End when the job is paused and nothing more comes: a local server then stops when it is idle.

    Raises:
        ProviderError: The provider refused, or stayed away for longer than ``patience_s``.
    """
    is_local = client.base_url.host == "127.0.0.1" or is_local_backend(client)
    patience = patience_s if patience_s is not None else LOCAL_PATIENCE_S if is_local else HOSTED_PATIENCE_S
    absence = _Absence(client, patience, sleep)
    seen = set(known)
    shown: dict[str, Any] | None = None
    polls = 0
    was_over = False
    paused_looks = 0
    while True:
        started = time.monotonic()
        try:
            job, events = await _poll(client, job_id, seen)
        except Exception as error:
            await absence.wait(error, time.monotonic() - started)
            continue
        absence.is_over()
        if job != shown:
            shown = job
            yield JobUpdate(job)
        for event in events:
            seen.add(event.id)
            yield event
        if was_over and not events:
            return
        was_over = is_terminal(job)
        paused_looks = paused_looks + 1 if is_paused(job) and not events else 0
        if leave_paused and paused_looks > PAUSED_LOOKS:
            return
        polls += 1
        if was_over:
            pause = _DRAIN_S[not is_local]
        elif is_paused(job):
            pause = PAUSED_POLL_S[not is_local]
        else:
            pause = poll_s if poll_s is not None else _pause(is_local, polls)
        await sleep(pause)


async def follow_with_restart(
    connect: Callable[[], Awaitable[AsyncOpenAI]], job_id: str, *, poll_s: float | None = None
) -> AsyncIterator[JobEvent | JobUpdate]:
    """Like `follow`, and when the server goes away, connect once more: a local server that was killed is started
    again, and says itself what became of the job.

    Raises:
        ProviderError: The provider went away twice without an answer in between, or refused.
    """
    seen: set[str] = set()
    attempts = 0
    while True:
        try:
            client = await connect()
            try:
                async for item in follow(client, job_id, poll_s=poll_s, known=seen):
                    attempts = 0
                    if isinstance(item, JobEvent):
                        seen.add(item.id)
                    yield item
                return
            finally:
                await client.close()
        except ProviderError as error:
            attempts += 1
            if not error.retryable or attempts > 1:
                raise


class _Absence:
    """How long a provider has been away, and the waiting for it."""

    def __init__(self, client: AsyncOpenAI, patience_s: float, sleep: Sleep) -> None:
        self._profile = profile_of(client)
        self._patience = patience_s
        self._sleep = sleep
        self._has_answered = False
        self._failures = 0
        self._away_s = 0.0

    def is_over(self) -> None:
        """It answered."""
        self._has_answered, self._failures, self._away_s = True, 0, 0.0

    async def wait(self, error: Exception, took_s: float) -> None:
        """Wait before the next try; raises the error as a `ProviderError` when trying again is of no use."""
        problem = explain(error, self._profile)
        patience = self._patience if self._has_answered else min(self._patience, FIRST_PATIENCE_S)
        if not problem.retryable or self._away_s >= patience:
            raise problem from error
        back_off = _BACK_OFF_S[min(self._failures, len(_BACK_OFF_S) - 1)]
        pause = min(back_off * random.uniform(0.9, 1.1), max(patience - self._away_s, 0.1))
        self._failures += 1
        self._away_s += took_s + pause
        await self._sleep(pause)


def _pause(is_local: bool, polls: int) -> float:
    if is_local:
        return LOCAL_POLL_S
    usual = HOSTED_POLL_S if polls < _LONG_SINCE else HOSTED_SLOW_POLL_S
    return usual * random.uniform(1.0, 1.2)  # many followers should not ask in step


async def _poll(client: AsyncOpenAI, job_id: str, seen: Collection[str]) -> tuple[dict[str, Any], list[JobEvent]]:
    """The job, then its new events: those of a job that is over are all there, or nearly."""
    asking = client.with_options(max_retries=0, timeout=_REQUEST_TIMEOUT_S)
    job = as_dict(await asking.fine_tuning.jobs.retrieve(job_id), "a job", client)
    return job, await _new_events(client, asking, job_id, seen)


async def _new_events(client: AsyncOpenAI, asking: AsyncOpenAI, job_id: str, seen: Collection[str]) -> list[JobEvent]:
    """The events that are not in ``seen``, oldest first."""
    jobs = asking.fine_tuning.jobs
    found: dict[str, JobEvent] = {}
    page: Any = await jobs.list_events(job_id, limit=PAGE)
    while True:
        events = [event_of(event) for event in page_items(page, "a list of events", client)]
        fresh = {event.id: event for event in events if event.id not in seen and event.id not in found}
        found |= fresh
        if not fresh or len(fresh) < len(events) or not getattr(page, "has_more", False):
            break
        page = await jobs.list_events(job_id, limit=PAGE, after=events[-1].id)
    oldest_first = list(found.values())[::-1]
    return sorted(oldest_first, key=lambda event: event.created_at)  # stable: the provider's order within a second
