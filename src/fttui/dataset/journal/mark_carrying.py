"""Marks after a crash between a save and the writing of the sidecar: it still means the rows of the file before."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fttui.dataset.journal.ghost import Ghost, ghost_at
from fttui.dataset.marks.sidecar import Entries
from fttui.dataset.marks.sidecar_places import SidecarPlaces, path_beside, path_elsewhere
from fttui.dataset.marks.sidecar_reading import read_header
from fttui.dataset.marks.table import MarkPool

if TYPE_CHECKING:
    from fttui.dataset.fingerprint import Identity
    from fttui.dataset.journal.reading import LeftJournal

log = logging.getLogger(__name__)


def carry_marks(journal: LeftJournal, now: Identity | None, data: Path, say: Callable[[str], None]) -> None:
    """Number the marks in the sidecar as the file is now, if a journal says what became of its rows.

    Without it they would be found by their content, which an edit has changed. Call it before the marks are read.
    A sidecar with lines that cannot be read is set aside as it was, and ``say`` is told.
    """
    start = journal.start(now)
    if not start or now is None:
        return
    places = SidecarPlaces(say)
    for path in (path_beside(data), path_elsewhere(data)):
        try:
            header = read_header(path)
            if header.is_newer or header.fits(now.stamp):
                continue
            for part in journal.parts[:start]:
                if header.fits(part.identity.stamp):
                    pool = MarkPool()
                    ghost = ghost_at(journal, start)
                    entries = _carried(places.read(path, pool).entries, ghost, part.base)
                    places.rewrite(path, now.stamp, entries, pool)
                    break
        except FileNotFoundError:
            continue
        except (OSError, ValueError, IndexError) as error:
            log.warning("%s still means the file before: %s", path, error)


def _carried(entries: Entries, ghost: Ghost, base: int) -> Entries:
    """The entries for lines of the file ``base``, for those of the file where the rows are now."""
    carried = Entries()
    now = time.time()
    for row, line_hash, mark, identity, orphaned in entries.values():
        line = None if orphaned else ghost.line_now(base, row)
        if line is None:
            carried.append((row, line_hash, mark, identity, orphaned or now))
        else:
            carried.append((line, 0, mark, identity, 0.0))
    return carried
