"""Following a job on the command line: each event as it comes, then how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fttui.cli.job_text import event_line, outcome_lines
from fttui.core.text import one_line

if TYPE_CHECKING:
    from fttui.cli.session import Session
    from fttui.jobs.objects import JobEvent


@dataclass(slots=True)
class Followed:
    """A job as it was last seen, and its events, oldest first."""

    job: dict[str, Any] = field(default_factory=dict)
    events: list[JobEvent] = field(default_factory=list)


async def print_events(session: Session, job_id: str) -> Followed:
    """Print the events of a job until it is over; a paused one is waited for, and that is said.

    Raises:
        ProviderError: The provider refused, or went away for good.
    """
    from fttui.jobs.follow import follow_with_restart
    from fttui.jobs.objects import JobEvent, is_paused

    followed = Followed()
    async for news in follow_with_restart(session.connect, job_id):
        if isinstance(news, JobEvent):
            followed.events.append(news)
            _print_event(session, news)
        else:
            if is_paused(news.job) and not is_paused(followed.job):
                session.output.note(f"Paused: `fttui jobs resume {one_line(job_id, 80)}` lets it go on.")
            followed.job = news.job
    return followed


def _print_event(session: Session, event: JobEvent) -> None:
    if session.output.is_json:
        session.output.document(event.as_dict())
    else:
        session.output.text(event_line(event))


def print_outcome(session: Session, followed: Followed) -> None:
    """The last line: the job, and what its curves tell."""
    from fttui.jobs.advice import advise
    from fttui.jobs.curves import curves_of

    advice = advise(curves_of(followed.events))
    if session.output.is_json:
        session.output.document({"job": {**followed.job, "profile": session.profile.name}, "advice": advice})
        return
    session.output.text("\n".join([*outcome_lines(followed.job), *(f"Advice: {remark.message}" for remark in advice)]))
