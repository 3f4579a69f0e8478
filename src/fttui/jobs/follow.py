"""Following a job: its events as one stream, each once, oldest first, until it is over.

Providers list events newest first and in pages (handbook of the API: no provider streams them), so a poll takes the
first page and goes on only until it meets an event that is already known.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import TYPE_CHECKING, Any

from fttui.core.errors import ProviderError
from fttui.jobs.objects import JobEvent, JobUpdate, as_dict, event_of, is_terminal
from fttui.providers.errors import explain

if TYPE_CHECKING:
    from openai import AsyncOpenAI

PAGE = 100
LOCAL_POLL_S = 0.4
HOSTED_POLL_S = 3.0
HOSTED_SLOW_POLL_S = 10.0
LOCAL_PATIENCE_S = 3.0
HOSTED_PATIENCE_S = 300.0
_BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)


async def follow(
    client: AsyncOpenAI,
    job_id: str,
    *,
    poll_s: float | None = None,
    known: Collection[str] = (),
    patience_s: float | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[JobEvent | JobUpdate]:
    """Yield the job whenever it changes and each of its events once; ends when it is over and its events are drained.

    Args:
        client: Of the job's provider.
        job_id: The job.
        poll_s: Seconds between polls; None: by the provider, slower after a while at a hosted one.
        known: Ids of events that need not come again.
        patience_s: How long a provider may stay away before that is an error.
        sleep: How to wait.

    Raises:
        ProviderError: The provider refused, or stayed away for longer than ``patience_s``.
    """
    is_local = client.base_url.host == "127.0.0.1"
    patience = patience_s if patience_s is not None else LOCAL_PATIENCE_S if is_local else HOSTED_PATIENCE_S
    seen = set(known)
    shown: dict[str, Any] | None = None
    polls = failures = 0
    away = 0.0
    was_over = False
    while True:
        try:
            job = as_dict(await client.fine_tuning.jobs.retrieve(job_id))
            events = await new_events(client, job_id, seen)
        except Exception as error:
            problem = explain(error)
            if not getattr(problem, "retryable", False) or away >= patience:
                raise problem from error
            pause = min(_BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)], max(patience - away, 0.1))
            failures += 1
            away += pause
            await sleep(pause)
            continue
        failures, away = 0, 0.0
        if job != shown:
            shown = job
            yield JobUpdate(job)
        for event in events:
            seen.add(event.id)
            yield event
        if was_over and not events:
            return
        was_over = is_terminal(job)
        polls += 1
        await sleep(0.05 if was_over else poll_s if poll_s is not None else _pause(is_local, polls))


def _pause(is_local: bool, polls: int) -> float:
    if is_local:
        return LOCAL_POLL_S
    usual = HOSTED_POLL_S if polls < 40 else HOSTED_SLOW_POLL_S
    return usual * random.uniform(0.9, 1.1)  # many followers should not ask in step


async def new_events(client: AsyncOpenAI, job_id: str, seen: Collection[str]) -> list[JobEvent]:
    """The events that are not in ``seen``, oldest first."""
    found: list[JobEvent] = []
    after: str | None = None
    while True:
        jobs = client.fine_tuning.jobs
        page = await (
            jobs.list_events(job_id, limit=PAGE, after=after) if after else jobs.list_events(job_id, limit=PAGE)
        )
        events = [event_of(as_dict(event)) for event in page.data or []]
        fresh = [event for event in events if event.id not in seen]
        found += fresh
        if not events or len(fresh) < len(events) or not page.has_more or events[-1].id == after:
            break
        after = events[-1].id
    unique = {event.id: event for event in reversed(found)}
    return sorted(unique.values(), key=lambda event: event.created_at)  # stable: the provider's order within a second


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
            async for item in follow(client, job_id, poll_s=poll_s, known=seen):
                attempts = 0
                if isinstance(item, JobEvent):
                    seen.add(item.id)
                yield item
            return
        except ProviderError as error:
            attempts += 1
            if not error.retryable or attempts > 1:
                raise
