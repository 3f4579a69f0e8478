"""Which files were open, when, and what each is for: remembered by real path in ``recent.json``."""

from __future__ import annotations

import json
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

from fttui.core.atomic import write_atomic
from fttui.core.paths import data_dir, make

log = logging.getLogger(__name__)

Role = Literal["training", "validation", "test", "other"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

_VERSION: Final = 1
_MOST: Final = 100
"""Files that are remembered; the oldest are forgotten."""
_WORDS: Final[tuple[tuple[Role, frozenset[str]], ...]] = (
    ("validation", frozenset({"valid", "val", "validation", "dev"})),
    ("test", frozenset({"test", "tests", "testing", "eval", "evals", "evaluation", "heldout", "holdout"})),
    ("training", frozenset({"train", "training"})),
)


def guess_role(path: Path, *, has_training: bool) -> Role:
    """What a file seen for the first time is for, by the words of its name; without any, training or ``other``.

    Args:
        has_training: Whether there is a file to train on already.
    """
    words = set(re.findall(r"[a-z]+", path.name.split(".", 1)[0].lower()))
    for role, names in _WORDS:
        if words & names:
            return role
    return "other" if has_training else "training"


@dataclass(frozen=True, slots=True)
class RecentFile:
    """A file that was open.

    Attributes:
        path: Its real path.
        role: What it is for.
        opened: When it was opened last, in Unix seconds.
    """

    path: Path
    role: Role
    opened: float


class RecentFiles:
    """The files that were open, the latest first. It never raises: what cannot be read or written is not remembered.

    Args:
        path: The file; None: ``recent.json`` in the data folder.
    """

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._path = path or data_dir() / "recent.json"
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, RecentFile] | None = None

    def files(self) -> list[RecentFile]:
        """All that are remembered, the latest first."""
        with self._lock:
            return sorted(self._files().values(), key=lambda file: -file.opened)

    def role_of(self, path: Path) -> Role | None:
        """What the file was for the last time; None when it was never open."""
        with self._lock:
            found = self._files().get(_key(path))
        return found.role if found is not None else None

    def remember(self, opened: Iterable[tuple[Path, Role]]) -> None:
        """Note that these files are open now, and what they are for. Writes to the disk: in a thread."""
        now = self._clock()

        def note(files: dict[str, RecentFile]) -> None:
            for path, role in opened:
                files[_key(path)] = RecentFile(Path(_key(path)), role, now)

        self._change(note)

    def set_role(self, path: Path, role: Role) -> None:
        """Note what a file is for. Writes to the disk: in a thread."""

        def note(files: dict[str, RecentFile]) -> None:
            key = _key(path)
            known = files.get(key) or RecentFile(Path(key), role, self._clock())
            files[key] = replace(known, role=role)

        self._change(note)

    def forget(self, path: Path) -> None:
        """Leave a file out of the list."""
        self._change(lambda files: files.pop(_key(path), None))

    def _files(self) -> dict[str, RecentFile]:
        if self._known is None:
            self._known = _read(self._path) or {}
        return self._known

    def _change(self, change: Callable[[dict[str, RecentFile]], object]) -> None:
        with self._lock:
            files = _read(self._path)  # another window may have written since
            if files is None:
                change(self._files())
                return
            change(files)
            newest = sorted(files.items(), key=lambda item: -item[1].opened)[:_MOST]
            self._known = dict(newest)
            try:
                make(self._path.parent)
                write_atomic(self._path, [_dump(self._known.values())], mode=0o600)
            except OSError:
                log.warning("%s cannot be written", self._path, exc_info=True)


def _key(path: Path) -> str:
    return os.path.realpath(path)


def _read(path: Path) -> dict[str, RecentFile] | None:
    """The entries that make sense; None when a newer fttui wrote the file, which then stays as it is."""
    try:
        table = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        log.warning("%s cannot be read", path, exc_info=True)
        return {}
    if not isinstance(table, dict):
        return {}
    version = table.get("version")
    if isinstance(version, int) and version > _VERSION:
        return None
    entries = table.get("files")
    found = (_entry(entry) for entry in entries) if isinstance(entries, list) else ()
    return {str(file.path): file for file in found if file is not None}


def _entry(value: Any) -> RecentFile | None:
    if not isinstance(value, dict):
        return None
    path, role, opened = value.get("path"), value.get("role"), value.get("opened")
    if not isinstance(path, str) or not path or "\0" in path or role not in ROLES:
        return None
    if not isinstance(opened, int | float) or isinstance(opened, bool) or not 0 <= opened < 1e12:
        opened = 0.0
    return RecentFile(Path(path), role, float(opened))


def _dump(files: Iterable[RecentFile]) -> bytes:
    entries = [{"path": str(file.path), "role": file.role, "opened": file.opened} for file in files]
    # escapes keep a name that is no UTF-8 (a lone surrogate in Python) writable
    return json.dumps({"version": _VERSION, "files": entries}, indent=1).encode()
