"""Where the sidecar of a data file is read and written, so that nobody's tags and notes are overwritten unread."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from fttui.core.paths import data_dir, make
from fttui.dataset.errors import name_of
from fttui.dataset.filling import STANDARD_INPUT
from fttui.dataset.marks.sidecar import Entries, Sidecar, write_sidecar
from fttui.dataset.marks.table import MarkPool
from fttui.dataset.reader import Stamp, stamp_of


def path_beside(data: Path) -> Path:
    """The sidecar of a data file, links followed."""
    return Path(os.path.realpath(data) + ".fttui")


def path_elsewhere(data: Path) -> Path:
    """Where it is kept when there is no writing beside the data."""
    real = os.path.realpath(data)
    return data_dir() / "marks" / (hashlib.blake2b(os.fsencode(real), digest_size=16).hexdigest() + ".fttui")


class SidecarPlaces:
    """Reads and writes the sidecars of one document, whatever it is called: beside its file, or else in our own folder.

    Not thread-safe: its owner holds a lock.

    Attributes:
        refusal: Why marks must not be changed, or empty.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        """``say`` is told each sentence once."""
        self.refusal = ""
        self._tell = say
        self._told: set[str] = set()
        self._own: dict[Path, Stamp] = {}
        """The sidecars as we last read or wrote them."""
        self._bad: set[Path] = set()
        """The sidecars with lines that we could not read."""

    def latest(self, data: Path) -> Path | None:
        """The sidecar to read: beside the data, or elsewhere if that was written later."""
        if data == STANDARD_INPUT:
            return None
        places = [place for place in (path_beside(data), path_elsewhere(data)) if _is_file(place)]
        found = sorted((known.mtime_ns, place, known) for place in places if (known := stamp_of(place)) is not None)
        for _, outdated, known in found[:-1]:
            from fttui.dataset.marks.sidecar_reading import read_header

            with contextlib.suppress(OSError):
                if not read_header(outdated).is_newer:
                    self._own[outdated] = known
        return found[-1][1] if found else None

    def read(self, path: Path, pool: MarkPool) -> Sidecar:
        """Read a sidecar; one that cannot be read is as good as empty, and something is said."""
        from fttui.dataset.marks.sidecar_reading import read_sidecar

        stamp = stamp_of(path)
        try:
            sidecar = read_sidecar(path, pool)
        except OSError as error:
            self.say(f"{name_of(path)}, with the tags and notes, cannot be read: {_reason(error)}.")
            return Sidecar()
        if sidecar.header.is_newer:
            self._refuse(path)
            return sidecar
        if stamp is not None:
            self._own[path] = stamp
        if sidecar.bad:
            self._bad.add(path)
            lines = "1 line" if sidecar.bad == 1 else f"{sidecar.bad:,} lines"
            self.say(f"{lines} of {name_of(path)} cannot be read; the other tags and notes are here.")
        return sidecar

    def write(self, data: Path, stamp: Stamp, entries: Entries, pool: MarkPool) -> bool:
        """Write what is remembered of the data file in the state ``stamp``; whether it could be done."""
        beside, elsewhere = path_beside(data), path_elsewhere(data)
        if self.refusal or self._finds_newer((beside, elsewhere)):
            return False
        try:
            self._step_aside(beside)
            if len(entries):
                write_sidecar(beside, stamp, entries, pool, mode=stat.S_IMODE(data.stat().st_mode))
                self._remember(beside)
            else:
                _remove(beside)
            _remove(elsewhere)
        except OSError as error:
            return self._write_elsewhere(data, stamp, entries, pool, error)
        return True

    def rewrite(self, path: Path, stamp: Stamp, entries: Entries, pool: MarkPool) -> None:
        """Write other entries in the place of a sidecar that was read. Raises `OSError`: it is as it was, or aside."""
        if path not in self._own:
            raise OSError(errno.EIO, "it was not read")
        mode = stat.S_IMODE(path.stat().st_mode)
        self._step_aside(path)
        write_sidecar(path, stamp, entries, pool, mode=mode)
        self._remember(path)

    def say(self, sentence: str) -> None:
        """Tell a sentence, if it was not told before."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._tell(sentence)

    def _write_elsewhere(self, data: Path, stamp: Stamp, entries: Entries, pool: MarkPool, reason: OSError) -> bool:
        path = path_elsewhere(data)
        try:
            make(path.parent)
            write_sidecar(path, stamp, entries, pool, mode=0o600)  # also without entries: it is newer than that beside
        except OSError as error:
            self.say(f"The tags and notes of {name_of(data)} cannot be kept: {_reason(error)}.")
            return False
        self._remember(path)
        self.say(
            f"The tags and notes of {name_of(data)} cannot be kept beside it ({_reason(reason)}); "
            f"they are kept in {name_of(path.parent)}."
        )
        return True

    def _step_aside(self, path: Path) -> None:
        """Keep a copy of a sidecar that has what we do not know: lines we could not read, or another's changes."""
        present = stamp_of(path)
        is_known = present == self._own.get(path)
        if present is None or (is_known and path not in self._bad):
            return
        if not _is_file(path):
            raise OSError(errno.EEXIST, "there is something else of that name")
        aside = path.with_name(f"{path.name}.{datetime.now():%Y%m%d-%H%M%S-%f}.old")
        path.rename(aside)
        self._bad.discard(path)
        why = "could only be read in part" if is_known else "was written by another program"
        self.say(f"{name_of(path)} {why}; as it was, it is kept as {name_of(Path(aside.name))}.")

    def _finds_newer(self, paths: Iterable[Path]) -> bool:
        from fttui.dataset.marks.sidecar_reading import read_header

        for path in paths:
            try:
                if stamp_of(path) != self._own.get(path) and _is_file(path) and read_header(path).is_newer:
                    self._refuse(path)
                    return True
            except OSError:
                continue  # it is not overwritten either: see `_step_aside`
        return False

    def _refuse(self, path: Path) -> None:
        self.refusal = f"{name_of(path)} was written by a newer fttui: tags and notes cannot be read or kept here."
        self.say(self.refusal)

    def _remember(self, path: Path) -> None:
        stamp = stamp_of(path)
        if stamp is not None:
            self._own[path] = stamp


def _is_file(path: Path) -> bool:
    """Whether it is a regular file, links followed."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def _remove(path: Path) -> None:
    if stamp_of(path) is not None:  # a read-only file system complains of files that are not there
        path.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
