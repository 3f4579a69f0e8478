"""A journal that was left behind, as what happened: parts, each from one state of the file on, with their events."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fttui.core.errors import InputError
from fttui.dataset.errors import name_of
from fttui.dataset.fingerprint import Identity
from fttui.dataset.journal.format import MAGIC, VERSION, Frame, Kind, frames_of, is_torn, read_spool, unpacked_json
from fttui.dataset.reader import FileReader

_HEAD: Final = 64
_STEPS: Final = (Kind.STEP, Kind.UNDO, Kind.REDO)


class NewerJournalError(InputError):
    """A journal that a newer fttui wrote."""


@dataclass(slots=True)
class Part:
    """What was written between two saves.

    Attributes:
        identity: The file that the steps start from.
        base: The number of that file as a source.
        restated: How many of the steps were made while the file was saved: the part before has them too, as its last.
        is_saved: Whether the file was that for sure; of the last part this may not be known.
        frames: What happened.
    """

    identity: Identity
    base: int
    restated: int = 0
    is_saved: bool = False
    frames: list[Frame] = field(default_factory=list)

    def not_restated(self) -> Iterator[Frame]:
        """What happens in this part for whoever comes from the part before."""
        left = self.restated
        for frame in self.frames:
            if left and frame.kind in _STEPS:
                left -= 1
            else:
                yield frame


@dataclass(slots=True)
class LeftJournal:
    """A journal as it was found.

    Attributes:
        path: Where it is.
        when: When it was last written, in Unix seconds.
        parts: What is in it; the first is always that of a file that was there.
        is_copy: Whether it only repeats, not to its end, what an earlier journal has.
        is_damaged: Whether there is more in it than could be read.
    """

    path: Path
    when: float
    parts: list[Part]
    is_copy: bool
    is_damaged: bool
    _reader: FileReader

    def payload(self, frame: Frame) -> bytes:
        """What a frame holds. Raises `OSError` when the disk does."""
        return self._reader.read(frame.offset, frame.size)

    def start(self, now: Identity | None) -> int | None:
        """The part that starts from the file as it is now; None when none does."""
        for number in range(len(self.parts) - 1, self.start_of_unsaved() - 1, -1):
            if now is not None and self.parts[number].identity.is_like(now):
                return number
        return None

    def start_of_unsaved(self) -> int:
        """The part from which on nothing is known to be saved."""
        return max(number for number, part in enumerate(self.parts) if part.is_saved)

    def frames(self, start: int) -> Iterator[Frame]:
        """What happened since a part began, each once."""
        yield from self.parts[start].frames
        for part in self.parts[start + 1 :]:
            yield from part.not_restated()

    def steps(self, start: int) -> int:
        """How many steps there are to undo when all was made again from that part on."""
        return sum(-1 if frame.kind == Kind.UNDO else 1 for frame in self.frames(start) if frame.kind in _STEPS)

    def has(self, *kinds: Kind) -> bool:
        """Whether anything of these kinds is in it."""
        return any(frame.kind in kinds for part in self.parts for frame in part.frames)

    def spool_names(self) -> set[str]:
        """The files beside it that hold lines of bulk edits."""
        frames = (frame for part in self.parts for frame in part.frames if frame.kind == Kind.SPOOL)
        return {read_spool(self.payload(frame))[1] for frame in frames}


def read_journal(path: Path) -> LeftJournal:
    """Read a journal; a torn end, as a crash leaves it, is left out.

    Raises:
        InputError: It is no journal, or one of a newer fttui; one sentence.
        OSError: It cannot be read.
    """
    reader = FileReader(path)
    size = os.fstat(reader.fileno()).st_size
    magic = reader.read(0, len(MAGIC))
    if not MAGIC.startswith(magic) and magic.strip(b"\0"):
        raise InputError(f"{name_of(path)} is no journal of unsaved edits, or a damaged one.")
    parts: list[Part] = []
    end = len(MAGIC)
    is_copy = False
    try:
        for frame in frames_of(reader, size):
            end = frame.offset + frame.size
            if frame.kind == Kind.BASE:
                parts.append(_part(path, reader.read(frame.offset, frame.size), is_first=not parts))
            elif not parts:
                raise ValueError("no file is named")
            elif frame.kind == Kind.SAVED:
                parts[-1].is_saved = True
                parts[-1].identity = Identity.from_json(unpacked_json(reader.read(frame.offset, frame.size)))
            elif frame.kind in (Kind.RESTORING, Kind.RESTORED):
                is_copy = frame.kind == Kind.RESTORING
            else:
                parts[-1].frames.append(frame)
    except (ValueError, KeyError) as error:
        raise InputError(f"{name_of(path)}, a journal of unsaved edits, is damaged.") from error
    is_damaged = size > end and not is_torn(reader.read(end, _HEAD), size - end)
    if is_damaged and not parts:
        raise InputError(f"{name_of(path)}, a journal of unsaved edits, is damaged.")
    return LeftJournal(path, path.stat().st_mtime, parts, is_copy, is_damaged, reader)


def _part(path: Path, payload: bytes, *, is_first: bool) -> Part:
    values = unpacked_json(payload)
    if values["version"] != VERSION:
        raise NewerJournalError(f"{name_of(path)} holds unsaved edits of a newer fttui; open the file with that.")
    base, restated = values["base"], values.get("restated", 0)
    if not (isinstance(base, int) and isinstance(restated, int)):
        raise ValueError("no numbers")
    return Part(Identity.from_json(values), base, restated, is_saved=is_first)
