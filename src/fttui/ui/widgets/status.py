"""One line for long work: what, how far, how long still, and how to stop it. Not there when nothing lasts."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from fttui.core.text import one_line
from fttui.ui.works import Work, Works, clock_text

_BAR_CELLS = 20


class StatusLine(Widget, can_focus=False):
    """Shows the newest long work of `works` once it has lasted 0.3 s."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; color: $foreground 80%; display: none; }
    StatusLine.-busy { display: block; }
    """

    def __init__(self, works: Works, cancel_key: str) -> None:
        super().__init__()
        self._works = works
        self._cancel_key = cancel_key
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        self.follow()

    def follow(self) -> None:
        """Look at the work again; called when it began, moved or ended."""
        self.set_class(self._works.shown is not None, "-busy")
        self.refresh()
        wait = self._works.waiting_s
        if wait is not None and self._timer is None:
            self._timer = self.set_timer(wait + 0.01, self._waited)

    def _waited(self) -> None:
        self._timer = None
        self.follow()

    def render(self) -> RenderResult:
        work = self._works.shown
        return status_text(work, self._cancel_key) if work is not None else Content("")


def status_text(work: Work, cancel_key: str) -> Content:
    """``Counting tokens ━━━━━━━━╌╌╌╌ 62%  0:14 left  12 of 98 MB  f8 stops``."""
    parts: list[Content | str | tuple[str, str]] = [Content(one_line(work.title, 60))]
    if work.part is not None:
        full = round(work.part * _BAR_CELLS)
        parts += [" ", ("━" * full, "$primary"), ("╌" * (_BAR_CELLS - full), "$foreground 40%")]
        parts.append(f" {work.part:.0%}")
    if (left := work.left_s) is not None:
        parts.append(f"  {clock_text(left)} left")
    if work.detail:
        parts.append(Content(f"  {one_line(work.detail, 60)}"))
    if work.cancel is not None:
        parts += ["  ", (cancel_key, "bold"), " stops"]
    return Content.assemble(*parts)
