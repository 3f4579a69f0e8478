"""A rich progress bar on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fttui.core.text import one_line


class Progress:
    """How far long work is; does nothing when there is nobody to show it to. May be called from any thread."""

    def show(self, detail: str) -> None:
        """Say in a few words what is being done now."""

    def advance(self, done: int, total: int | None = None) -> None:
        """Say how much is done, in any unit, and of how much."""

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Leave the terminal to what is printed in the block."""
        yield


class _RichProgress(Progress):
    def __init__(self, title: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._title = title
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True, markup=False, emoji=False),
            transient=True,
        )
        self._task = self._bar.add_task(title, total=None)

    def start(self) -> None:
        self._bar.start()

    def stop(self) -> None:
        self._bar.stop()

    def show(self, detail: str) -> None:
        self._bar.update(self._task, description=one_line(f"{self._title}: {detail}", 120))

    def advance(self, done: int, total: int | None = None) -> None:
        self._bar.update(self._task, completed=done, total=total)

    @contextmanager
    def aside(self) -> Iterator[None]:
        self._bar.stop()
        try:
            yield
        finally:
            self._bar.start()


@contextmanager
def progress_bar(title: str, *, shown: bool) -> Iterator[Progress]:
    """A bar while the block runs; one that shows nothing when not ``shown``."""
    if not shown:
        yield Progress()
        return
    bar = _RichProgress(title)
    bar.start()
    try:
        yield bar
    finally:
        bar.stop()
