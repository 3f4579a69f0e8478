"""What the Jobs screen knows: the jobs of one profile and their events, kept in the store as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fttui.jobs.objects import Job, JobEvent, JobUpdate, is_paused, is_terminal
from fttui.ui.job_text import Event
from fttui.ui.plot.lines import Line, Point
from fttui.ui.widgets.job_detail import JobView

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from fttui.jobs.request import JobRequest
    from fttui.jobs.store import JobStore

LISTED = 100
CATCH_UP = 20
"""Jobs that were over before they were ever seen: so many of the newest have their events fetched."""
_GAPS = ("paused", "local server was stopped", "local server was restarted")


class JobBook:
    """Jobs and events in memory, oldest events first; the store has them for the next time.

    A job that is over is stored as such only when all its events are stored: so a job that is over in the store is
    complete, whenever the program was ended.

    Attributes:
        problem: Why the list could not be had, in a sentence; empty when all is well.
        problems: The same for following single jobs, by job id.
    """

    def __init__(self, store: JobStore, profile: str) -> None:
        self._store = store
        self._profile = profile
        self._jobs: dict[str, Job] = {}
        self._events: dict[str, list[JobEvent]] = {}
        self._shown_events: dict[str, list[Event]] = {}
        self._complete: set[str] = set()
        self._estimates: dict[str, Mapping[str, Any] | None] = {}
        self.problem = ""
        self.problems: dict[str, str] = {}

    # --- reading ---

    def job(self, job_id: str) -> Job:
        """The job as it was last seen; an empty one when it is not known."""
        return self._jobs.get(job_id, {"id": job_id})

    def undisturbed_jobs(self) -> list[Job]:
        """Those of which no event tells of a pause or of another server: their duration is that of the training."""
        return [job for job_id, job in self._jobs.items() if not any(map(_tells_of_a_gap, self.events(job_id)))]

    def events(self, job_id: str) -> Sequence[Event]:
        return self._shown_events.get(job_id, ())

    def estimate(self, job_id: str) -> Mapping[str, Any] | None:
        """What was expected of a job that was asked for here, as it is stored."""
        return self._estimates.get(job_id)

    def newest_first(self) -> list[tuple[str, Job]]:
        """Ids and jobs, the latest first."""

        def age(item: tuple[str, Job]) -> int:
            created = item[1].get("created_at")
            return created if isinstance(created, int) else 0

        return sorted(self._jobs.items(), key=age, reverse=True)

    @property
    def has_open_jobs(self) -> bool:
        """Whether a job was not over when it was last seen; of a paused one nothing is to be expected."""
        return any(not is_terminal(job) and not is_paused(job) for job in self._jobs.values())

    @property
    def has_paused_jobs(self) -> bool:
        return any(is_paused(job) for job in self._jobs.values())

    @property
    def is_anything_running(self) -> bool:
        return any(job.get("status") == "running" for job in self._jobs.values())

    def view(self, job_id: str) -> JobView:
        """Everything about one job, its curves and what stands out in them."""
        from fttui.jobs.advice import advise
        from fttui.jobs.curves import curves_of

        curves = curves_of(self._events.get(job_id, ()))
        lines = (
            Line("train", _points(curves.train)),
            Line("valid", _points(curves.valid), dashed=True),
        )
        return JobView(
            job=self.job(job_id),
            events=self.events(job_id),
            lines=[line for line in lines if line.points],
            remarks=[remark.message for remark in advise(curves)],
            problem=self.problems.get(job_id, ""),
        )

    # --- the store ---

    def load_jobs(self) -> list[str]:
        """Take the stored jobs; returns their ids, the newest first. In a thread."""
        for job in self._store.jobs(self._profile):
            job_id = str(job.get("id"))
            self._jobs.setdefault(job_id, job)
            if is_terminal(job):
                self._complete.add(job_id)
        return [job_id for job_id, _ in self.newest_first()]

    def load_events(self, job_id: str) -> None:
        """Take a job's stored events and its estimate. In a thread."""
        stored = self._store.events(self._profile, job_id)
        self._estimates[job_id] = self._store.estimate(self._profile, job_id)
        self._add_events(job_id, stored)

    # --- the provider ---

    async def fetch(self, client: AsyncOpenAI) -> list[str]:
        """Ask for the jobs; returns the ids of those that have news to follow.

        Raises:
            ProviderError: With a sentence.
        """
        from fttui.providers.errors import explained
        from fttui.providers.objects import page_items

        with explained(client):
            page = await client.fine_tuning.jobs.list(limit=LISTED)
            listed = page_items(page, "a list of jobs", client)
        for job in listed:
            await self._take_job(job)
        ids = [str(job.get("id")) for job in listed]
        unseen = [job_id for job_id in ids if is_terminal(self.job(job_id)) and job_id not in self._complete]
        return [job_id for job_id in ids if not is_terminal(self.job(job_id))] + unseen[:CATCH_UP]

    async def follow(self, client: AsyncOpenAI, job_id: str) -> AsyncIterator[None]:
        """Take what comes of a job until it is over, or paused for a while; yields after each piece of news.

        Raises:
            ProviderError: The provider refused, or stayed away.
        """
        from fttui.jobs.follow import follow

        known = {event.id for event in self._events.get(job_id, ())}
        async for item in follow(client, job_id, known=known, leave_paused=True):
            self.problems.pop(job_id, None)
            if isinstance(item, JobUpdate):
                await self._take_job(item.job)
            else:
                self._add_events(job_id, [item])
                await asyncio.to_thread(self._store.add_events, self._profile, job_id, [item])
            yield
        if is_terminal(self.job(job_id)):
            self._complete.add(job_id)
        await asyncio.to_thread(self._store.save_job, self._profile, self.job(job_id))

    async def create(
        self,
        client: AsyncOpenAI,
        request: JobRequest,
        on_progress: Callable[[str], None],
        estimate: Mapping[str, Any] | None = None,
    ) -> str:
        """Ask for a new job; returns its id.

        Args:
            estimate: What it is expected to cost; it is kept beside the job.

        Raises:
            FttuiError: The file cannot be read, or the provider refused it or the job.
        """
        from fttui.jobs.request import create_job

        job = await create_job(client, request, on_progress=on_progress)
        await self._take_job(job)
        job_id = str(job.get("id"))
        if estimate is not None:
            self._estimates[job_id] = estimate
            await asyncio.to_thread(self._store.save_estimate, self._profile, job_id, estimate)
        return job_id

    async def cancel(self, client: AsyncOpenAI, job_id: str) -> None:
        """Cancel a job.

        Raises:
            ProviderError: The provider refused.
        """
        from fttui.providers.errors import explained
        from fttui.providers.objects import as_dict

        with explained(client):
            sent = await client.fine_tuning.jobs.cancel(job_id)
            await self._take_job(as_dict(sent, "a job", client))

    async def pause_or_resume(self, client: AsyncOpenAI, job_id: str) -> None:
        """Pause a job, or let it go on when it is paused.

        Raises:
            ProviderError: The provider refused, or cannot pause jobs.
        """
        from fttui.jobs.request import pause_job, resume_job

        change = resume_job if is_paused(self.job(job_id)) else pause_job
        await self._take_job(await change(client, job_id))

    async def _take_job(self, job: Job) -> None:
        job_id = str(job.get("id"))
        self._jobs[job_id] = job
        if not is_terminal(job) or job_id in self._complete:
            await asyncio.to_thread(self._store.save_job, self._profile, job)

    def _add_events(self, job_id: str, events: Sequence[JobEvent]) -> None:
        have = {event.id for event in self._events.get(job_id, ())}
        new = [event for event in events if event.id not in have]
        self._events.setdefault(job_id, []).extend(new)
        self._shown_events.setdefault(job_id, []).extend(event.as_dict() for event in new)


def _tells_of_a_gap(event: Event) -> bool:
    """Whether nothing was trained for a while: nobody knows for how long."""
    message = event.get("message")
    return isinstance(message, str) and any(word in message for word in _GAPS)


def _points(points: Sequence[tuple[int, float]]) -> tuple[Point, ...]:
    return tuple((float(step), loss) for step, loss in points)
