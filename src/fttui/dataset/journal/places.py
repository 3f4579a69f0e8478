"""Where journals are: one for each file that is edited, and those that crashed sessions left."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fttui.core.errors import InputError
from fttui.core.paths import data_dir
from fttui.dataset.errors import name_of
from fttui.dataset.journal.format import Kind

if TYPE_CHECKING:
    from fttui.dataset.journal.reading import LeftJournal

log = logging.getLogger(__name__)

_LEFT: Final = ".left"


def journal_of(path: Path) -> Path:
    """The journal of a file; links lead to the file's own."""
    name = hashlib.blake2b(os.fsencode(os.path.realpath(path)), digest_size=12).hexdigest()
    return data_dir() / "journal" / f"{name}.journal"


def lock_of(path: Path) -> Path:
    """The lock of a file."""
    return journal_of(path).with_suffix(".lock")


def set_aside(journal: Path) -> None:
    """Keep a journal that was left under another name, so that there can be a new one."""
    if not journal.exists():
        return
    numbers = [_number(path) for path in journal.parent.glob(f"{journal.stem}.*{_LEFT}")]
    try:
        journal.rename(journal.with_name(f"{journal.stem}.{max(numbers, default=0) + 1}{_LEFT}"))
    except OSError:
        log.exception("%s stays in the way", journal)


def left_journals(path: Path, on_note: Callable[[str], None]) -> list[LeftJournal]:
    """What crashed sessions left of a file, the newest first; ``on_note`` is told what could not be read of it.

    Call it with the file's lock held.
    """
    own = journal_of(path)
    left: list[LeftJournal] = []
    with suppress(OSError):
        set_aside(own)
        found = sorted(own.parent.glob(f"{own.stem}.*{_LEFT}"), key=_number, reverse=True)
        for place in found:
            journal = _read(place, path, on_note)
            if journal is None:
                continue
            is_repeated = journal.is_copy and place != found[-1]  # an earlier journal has all of it, and more
            if is_repeated or not journal.has(Kind.STEP, Kind.MARKS):
                place.unlink()
            else:
                left.append(journal)
        _clean(own)
    return left


def _read(place: Path, path: Path, on_note: Callable[[str], None]) -> LeftJournal | None:
    from fttui.dataset.journal.reading import NewerJournalError, read_journal

    try:
        journal = read_journal(place)
    except NewerJournalError as error:
        on_note(error.message)
        return None
    except InputError as error:
        log.warning("%s", error)
        aside = place.with_suffix(".damaged")
        place.replace(aside)
        on_note(
            f"What an earlier session left of {name_of(path)} is damaged and cannot be restored; "
            f"it is kept as {name_of(aside)}."
        )
        return None
    except OSError as error:
        on_note(f"What an earlier session left of {name_of(path)} cannot be read: {error.strerror}.")
        return None
    if journal.is_damaged:
        on_note(f"The journal of unsaved edits of {name_of(path)} is damaged: only its beginning can be restored.")
    return journal


def _clean(journal: Path) -> None:
    """Remove the files of bulk edits that no journal needs: of edits that were saved, or cut short before they were."""
    spools = [*journal.parent.glob(f"{journal.stem}-*.lines")]
    if not spools:
        return
    others = [*journal.parent.glob("*.journal"), *journal.parent.glob(f"*{_LEFT}")]  # files saved under another name
    texts = [other.read_bytes() for other in others]
    for spool in spools:
        if not any(spool.name.encode() in text for text in texts):
            spool.unlink(missing_ok=True)


def _number(left: Path) -> int:
    number = left.suffixes[0][1:] if len(left.suffixes) > 1 else ""
    return int(number) if number.isdecimal() else 0
