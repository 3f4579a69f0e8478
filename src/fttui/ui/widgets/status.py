"""One line for long work and for warnings that stay. Not there when there is neither."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import RenderResult
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from fttui.core.text import one_line
from fttui.ui.widgets.top_bar import clip
from fttui.ui.works import Work, Works, clock_text

_BAR_CELLS = 20


class StatusLine(Widget, can_focus=False):
    """Shows the newest long work of `works` once it has lasted 0.3 s, and what one has to know until it is over."""

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
        self.set_class(self._works.shown is not None or bool(self._works.warnings), "-busy")
        self.refresh()
        wait = self._works.waiting_s
        if wait is not None and self._timer is None:
            self._timer = self.set_timer(wait + 0.01, self._waited)

    def _waited(self) -> None:
        self._timer = None
        self.follow()

    def render(self) -> RenderResult:
        work, warnings = self._works.shown, self._works.warnings
        parts = [status_text(work, self._cancel_key)] if work is not None else []
        if warnings:
            room = self.size.width - sum(part.cell_length + 2 for part in parts)
            parts.append(warning_text(warnings, max(room, 1)))
        return Content("  ").join(parts)


def warning_text(warnings: Sequence[str], width: int) -> Content:
    """``⚠ tickets.jsonl was changed by another program. f5 reads it anew.  and 1 more``, in ``width`` cells."""
    more = f"  and {len(warnings) - 1} more" if len(warnings) > 1 else ""
    text = clip(one_line(warnings[0], 300), width - 2 - len(more))
    return Content.assemble(("⚠ ", "$issue-warn"), text, (more, "$foreground 60%"))


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
