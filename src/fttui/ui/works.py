"""Long work and how far it is: what the status line shows and the cancel key stops."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SHOW_AFTER_S = 0.3
"""Work that ends sooner is never shown: a flash says nothing."""
_REPORT_EVERY_S = 0.1


class Work:
    """One piece of long work. `advance` may be called from any thread and as often as one likes.

    Attributes:
        title: What is being done, as a participle: "Counting tokens".
        total: How much there is to do, in the unit of `done`; None when unknown.
        done: How much is done.
        detail: A few words more: "12 of 98 MB".
        cancel: Stops the work; None when it cannot be stopped.
    """

    def __init__(
        self,
        title: str,
        *,
        total: int | None,
        cancel: Callable[[], None] | None,
        on_change: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self.title = title
        self.total = total
        self.cancel = cancel
        self.done = 0
        self.detail = ""
        self._on_change = on_change
        self._clock = clock
        self._started = clock()
        self._reported = self._started

    @property
    def age_s(self) -> float:
        return self._clock() - self._started

    @property
    def part(self) -> float | None:
        """How much is done, from 0 to 1; None when nobody knows."""
        return min(1.0, self.done / self.total) if self.total else None

    @property
    def left_s(self) -> float | None:
        """Seconds left at the speed so far; None in the first two seconds and when nobody knows."""
        part, age = self.part, self.age_s
        return age / part - age if part and age >= 2 else None

    def advance(self, done: int, *, total: int | None = None, detail: str | None = None) -> None:
        """Note how far the work is; the screen follows at most ten times a second."""
        self.done = done
        self.total = self.total if total is None else total
        self.detail = self.detail if detail is None else detail
        now = self._clock()
        if now - self._reported >= _REPORT_EVERY_S:
            self._reported = now
            self._on_change()


class Works:
    """All long work of the app, of which the newest is on show, and the warnings that stay until they are over."""

    def __init__(self, on_change: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._running: list[Work] = []
        self._warnings: dict[str, str] = {}
        self._on_change = on_change
        self._clock = clock

    def begin(self, title: str, *, total: int | None = None, cancel: Callable[[], None] | None = None) -> Work:
        """Begin to show work; `end` it whatever happens, or use `running`."""
        work = Work(title, total=total, cancel=cancel, on_change=self._on_change, clock=self._clock)
        self._running.append(work)
        self._on_change()
        return work

    def end(self, work: Work) -> None:
        """The work is over, done or not."""
        if work in self._running:
            self._running.remove(work)
            self._on_change()

    @contextmanager
    def running(
        self, title: str, *, total: int | None = None, cancel: Callable[[], None] | None = None
    ) -> Iterator[Work]:
        """``with works.running("Counting tokens", total=n) as work: work.advance(done)``."""
        work = self.begin(title, total=total, cancel=cancel)
        try:
            yield work
        finally:
            self.end(work)

    def warn(self, about: str, sentence: str) -> None:
        """Show a warning until it is taken back with an empty sentence. From any thread.

        Args:
            about: What it is about; a later warning about the same thing takes its place.
        """
        before = self._warnings.get(about, "")
        if sentence == before:
            return
        if sentence:
            self._warnings[about] = sentence
        else:
            self._warnings.pop(about, None)
        self._on_change()

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings that are not over, the oldest first."""
        return tuple(self._warnings.values())

    @property
    def shown(self) -> Work | None:
        """The newest work that has lasted long enough to be worth a line."""
        return next((work for work in reversed(self._running) if work.age_s >= SHOW_AFTER_S), None)

    @property
    def waiting_s(self) -> float | None:
        """Seconds until the next work will be worth a line; None when none waits."""
        waits = [SHOW_AFTER_S - work.age_s for work in self._running if work.age_s < SHOW_AFTER_S]
        return min(waits) if waits else None

    def cancel_newest(self) -> Work | None:
        """Stop the newest work that can be stopped; None when there is none."""
        work = next((work for work in reversed(self._running) if work.cancel is not None), None)
        if work is not None and work.cancel is not None:
            work.cancel()
        return work


def clock_text(seconds: float) -> str:
    """``0:14``, ``12:05``, ``1:02:33``."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes}:{second:02}"
