"""Counts of files that were counted before: ``cache/fttui/tokens.db``.

An entry holds the counts of all lines of one state of a file, and digests of the stretches that these lie in. It can
be thrown away at any time, and whatever is wrong with the database, counting goes on without it. It holds no text.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from fttui.core.db import Database
from fttui.core.errors import FttuiError
from fttui.core.paths import cache_dir
from fttui.dataset.fingerprint import Identity
from fttui.tokens.rows import BlockCounts, RowCounts, Stretch

LEAST: Final = 256 << 10
"""Files up to this size are not kept: they are counted as soon as they are looked up."""
COUNTING: Final = 1
"""Raised whenever the same bytes get other counts than before: older entries are no longer found then."""

_MOST_FILES: Final = 200
_MOST_BYTES: Final = 256 << 20
_BEST_SPEED: Final = 1
_MIGRATIONS: Final = (
    """
    CREATE TABLE files (
        path BLOB NOT NULL,
        encoding TEXT NOT NULL,
        counting INTEGER NOT NULL,
        size INTEGER NOT NULL,
        fingerprint TEXT NOT NULL,
        identity BLOB NOT NULL,
        used_at REAL NOT NULL,
        stretches BLOB NOT NULL,
        tokens BLOB NOT NULL,
        trainable BLOB NOT NULL,
        PRIMARY KEY (path, encoding)
    );
    CREATE INDEX files_by_look ON files (size, fingerprint)
    """,
)
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a file: the state it was counted in, and the counts of all its lines then.

    `changed_ns` is when that state came about, as `changed_ns_of` gives it; None in entries of older versions.
    """

    identity: Identity
    counts: BlockCounts
    changed_ns: int | None = None


def database_file() -> Path:
    """Where counts are kept."""
    return cache_dir() / "tokens.db"


def changed_ns_of(status: os.stat_result) -> int:
    """When the file or what is noted of it changed last, which nobody can set back; 0 on Windows, which does not tell.

    An edit in place whose size is as before, and whose time was put back, shows in nothing else.
    """
    return 0 if os.name == "nt" else status.st_ctime_ns


def find_kept(path: Path, identity: Identity, encoding: str) -> Kept | None:
    """The counts of the file when it was last counted; else those of another one that looks the same (a copy)."""
    name, look = _name(path), (identity.stamp.size, identity.fingerprint)
    kept = None
    with _forgiving(), contextlib.closing(Database(database_file(), _MIGRATIONS)) as database:
        row = database.row(
            "SELECT rowid, * FROM files WHERE encoding = ? AND counting = ?"
            " AND (path = ? OR size = ? AND fingerprint = ?) ORDER BY path = ? DESC, used_at DESC LIMIT 1",
            (encoding, COUNTING, name, *look, name),
        )
        if row is not None:
            kept = _read(row)
            with database.write() as connection:
                connection.execute("UPDATE files SET used_at = ? WHERE rowid = ?", (time.time(), row["rowid"]))
    return kept


def keep(
    path: Path,
    identity: Identity,
    encoding: str,
    rows: RowCounts,
    stretches: Sequence[Stretch],
    changed_ns: int | None = None,
) -> None:
    """Remember the counts of all lines of a file, and forget those of files that were not opened for the longest time.

    Nothing is kept when the stretches do not hold just these lines.
    """
    if sum(stretch.lines for stretch in stretches) != len(rows.tokens):
        return
    with _forgiving(), contextlib.closing(Database(database_file(), _MIGRATIONS)) as database:
        packed = [zlib.compress(data, _BEST_SPEED) for data in (_as_json(stretches), rows.tokens, rows.trainable)]
        with database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    _name(path),
                    encoding,
                    COUNTING,
                    identity.stamp.size,
                    identity.fingerprint,
                    orjson.dumps({**identity.as_json(), "changed": changed_ns}),
                    time.time(),
                    *packed,
                ),
            )
            _forget_old(connection)


def _name(path: Path) -> bytes:
    return os.fsencode(os.path.realpath(path))


@contextlib.contextmanager
def _forgiving() -> Iterator[None]:
    """Go on without what was kept, whatever happens to the database; a damaged one is thrown away."""
    try:
        yield
    except (FttuiError, sqlite3.Error, OSError, ValueError, TypeError, KeyError, zlib.error) as error:
        _LOG.warning("counts of tokens are not kept: %s", error)
        reason = error.__cause__ if isinstance(error, FttuiError) else error
        if isinstance(reason, sqlite3.DatabaseError) and not isinstance(reason, sqlite3.OperationalError):
            for ending in ("", "-wal", "-shm"):
                with contextlib.suppress(OSError):
                    database_file().with_name(database_file().name + ending).unlink()


def _forget_old(connection: sqlite3.Connection) -> None:
    total = 0
    found = connection.execute(
        "SELECT rowid, length(stretches) + length(tokens) + length(trainable) FROM files ORDER BY used_at DESC"
    ).fetchall()
    for number, (rowid, size) in enumerate(found):
        total += size
        if number and (number >= _MOST_FILES or total > _MOST_BYTES):
            connection.execute("DELETE FROM files WHERE rowid = ?", (rowid,))


def _as_json(stretches: Sequence[Stretch]) -> bytes:
    return orjson.dumps([[one.start, one.size, one.lines, one.digest.hex(), one.head, one.parts] for one in stretches])


def _read(row: sqlite3.Row) -> Kept:
    """Raises `ValueError`, `TypeError`, `KeyError` or `zlib.error` when the entry is damaged."""
    stretches = tuple(
        Stretch(start, size, lines, bytes.fromhex(digest), head, parts)
        for start, size, lines, digest, head, parts in orjson.loads(zlib.decompress(row["stretches"]))
    )
    counts = BlockCounts(_array(row["tokens"]), _array(row["trainable"]), {}, stretches)
    if not len(counts.tokens) == len(counts.trainable) == sum(stretch.lines for stretch in stretches):
        raise ValueError("an entry is damaged")
    state = orjson.loads(row["identity"])
    return Kept(Identity.from_json(state), counts, state.get("changed"))


def _array(packed: bytes) -> array[int]:
    numbers = array("I")
    numbers.frombytes(zlib.decompress(packed))
    return numbers
