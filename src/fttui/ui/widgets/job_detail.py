"""One job: its state, its curve, what to make of it, its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from fttui.core.text import one_line
from fttui.jobs.objects import Job
from fttui.ui.job_text import Event, best_line, event_line, headline, metrics_of, outcome
from fttui.ui.plot.lines import Line
from fttui.ui.widgets.line_chart import LineChart
from fttui.ui.widgets.stream_pane import StreamPane


@dataclass(frozen=True, slots=True)
class JobView:
    """All that the detail shows of a job.

    Attributes:
        lines: The curves: training loss, validation loss.
        events: Oldest first.
        remarks: What stands out in the curve, one sentence each.
        problem: Why nothing new comes, in a sentence; empty when all is well.
    """

    job: Job
    events: Sequence[Event]
    lines: Sequence[Line] = ()
    remarks: Sequence[str] = ()
    problem: str = ""


class JobDetail(Vertical):
    """The job under the cursor."""

    DEFAULT_CSS = """
    JobDetail {
        height: 1fr;
        width: 1fr;
        .job-detail--headline { height: 1; padding: 0 1; text-style: bold; text-wrap: nowrap; text-overflow: ellipsis; }
        LineChart { height: 2fr; min-height: 7; max-height: 18; padding: 0 1; }
        .job-detail--remarks { height: auto; max-height: 4; padding: 0 1; color: $issue-warn; display: none; }
        .job-detail--outcome { height: auto; max-height: 4; padding: 0 1; display: none; }
        .job-detail--outcome.-bad { color: $issue-error; }
        .-shown { display: block; }
        StreamPane { height: 1fr; min-height: 3; padding: 0 1; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown_job = ""
        self._shown_events = 0

    def compose(self) -> ComposeResult:
        yield Static(classes="job-detail--headline", markup=False)
        yield LineChart(empty="")
        yield Static(classes="job-detail--remarks", markup=False)
        yield Static(classes="job-detail--outcome", markup=False)
        yield StreamPane(empty="No events yet.")

    def show(self, view: JobView, now: float, *, bill: str = "") -> None:
        """Show this job as it is now; events that are on screen already are not drawn again.

        Args:
            bill: What it cost beside what was expected, as a sentence.
        """
        job = view.job
        self.query_one(".job-detail--headline", Static).update(Content(headline(job, view.events, now)))
        waiting = "No loss to draw: the job ended before its first step."
        if job.get("status") in ("validating_files", "queued", "running", "paused"):
            waiting = "The curve begins with the first step."
        self.query_one(LineChart).show_lines(view.lines, empty=waiting)
        self._sentence(".job-detail--remarks", "\n".join(f"⚠ {one_line(remark)}" for remark in view.remarks))
        said = f"✖ {one_line(view.problem, 600)}" if view.problem else outcome(job)
        told = "\n".join(filter(None, (said, best_line(job, metrics_of(view.events)), bill)))
        self._sentence(".job-detail--outcome", told).set_class(said.startswith("✖"), "-bad")
        self._show_events(str(job.get("id")), view.events)

    def _sentence(self, selector: str, text: str) -> Static:
        line = self.query_one(selector, Static)
        line.update(Content(text))
        line.set_class(bool(text), "-shown")
        return line

    def _show_events(self, job_id: str, events: Sequence[Event]) -> None:
        pane = self.query_one(StreamPane)
        if job_id != self._shown_job or len(events) < self._shown_events:
            pane.set_text("\n".join(map(event_line, events)))
        elif len(events) > self._shown_events:
            lines = "\n".join(map(event_line, events[self._shown_events :]))
            pane.append(f"\n{lines}" if self._shown_events else lines)
        self._shown_job = job_id
        self._shown_events = len(events)
