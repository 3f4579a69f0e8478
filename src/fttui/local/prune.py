"""Making room: what can go without harm, looked up in the database, and its removal.

Nothing goes that a job needs which is not over, paused ones among them.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from fttui.core.db import Database
from fttui.core.errors import FttuiError
from fttui.core.server_state import local_dir, server_lock_file
from fttui.local.disk import adapters_dir, cached_weights, fetched_weights, size_of
from fttui.local.file_store import forget_files
from fttui.local.schema import open_database

_OVER: Final = "('succeeded', 'failed', 'cancelled')"
_FRESH_S: Final = 3600
"""A file that came so lately may be meant for a job that is created next."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user wants to be rid of. Leavings (states of trainings that are over, half-written folders) always go."""

    checkpoints: bool = False
    """Those of jobs that are over, but the best one of each, and the last one of a job that made no model."""
    files: bool = False
    """Uploaded files that no job needs any more; result files stay."""
    cache: bool = False
    weights: bool = False
    models_older_than: float | None = None
    """Days: models and checkpoints of jobs that ended longer ago."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that goes."""

    kind: str
    """``model``, ``checkpoint``, ``file``, ``cache``, ``weights`` or ``leavings``."""
    name: str
    """The id, or the name of the file."""
    path: Path
    bytes: int


@dataclass(slots=True)
class Plan:
    """What goes, and why some of what was wanted stays."""

    items: list[Item] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        return sum(item.bytes for item in self.items)


def plan_prune(wanted: Wanted) -> Plan:
    """Look up what would go; nothing is changed.

    Raises:
        FttuiError: The database cannot be read.
    """
    plan = Plan()
    if (local_dir() / "local.db").exists():
        with _opened() as database:
            _plan_of_database(wanted, database.connection(), plan)
    with _while_no_server_runs() as is_alone:
        _plan_of_weights(wanted, plan, is_alone=is_alone)
    return plan


def carry_out(wanted: Wanted, planned: Plan) -> Plan:
    """Remove what was planned and may still go; returns what went.

    Raises:
        FttuiError: The database cannot be changed, or the disk refuses; what went before that is gone.
    """
    known = {item.path for item in planned.items}
    gone = Plan()
    if (local_dir() / "local.db").exists():
        with _opened() as database, database.write() as connection:
            now = Plan()
            _plan_of_database(wanted, connection, now)
            gone.items = [item for item in now.items if item.path in known]
            _forget(gone.items, connection)
    for item in gone.items:
        _remove(item.path)
    with _while_no_server_runs() as is_alone:
        now = Plan()
        _plan_of_weights(wanted, now, is_alone=is_alone)
        for item in (item for item in now.items if item.path in known):
            _remove(item.path)
            gone.items.append(item)
    gone.kept = planned.kept + [sentence for sentence in now.kept if sentence not in planned.kept]
    return gone


# --- what the database knows
def _plan_of_database(wanted: Wanted, connection: sqlite3.Connection, plan: Plan) -> None:
    old = _jobs_older_than(wanted.models_older_than, connection)
    plan.items += _models(old, connection, plan)
    if wanted.checkpoints:
        plan.items += _checkpoints(old, connection)
    if wanted.files:
        plan.items += _files(connection)
    plan.items += _leavings(old, connection)


def _jobs_older_than(days: float | None, connection: sqlite3.Connection) -> set[str]:
    if days is None:
        return set()
    sql = f"SELECT id FROM jobs WHERE status IN {_OVER} AND COALESCE(finished_at, created_at) <= ?"
    return {row["id"] for row in connection.execute(sql, (int(time.time() - days * 86_400),))}


def _models(old: set[str], connection: sqlite3.Connection, plan: Plan) -> Iterator[Item]:
    """Models and checkpoints of old jobs; a job from whose model one is being trained is taken out of ``old``."""
    starts = _starts(connection)
    rows = connection.execute("SELECT id, job, folder, is_checkpoint FROM models ORDER BY seq").fetchall()
    for job in sorted({row["job"] for row in rows if row["job"] in old and row["id"] in starts}):
        old.discard(job)
        plan.kept.append(f"The models of {job}: a job that is not over starts from one of them.")
    for row in rows:
        if row["job"] in old:
            yield _adapter("checkpoint" if row["is_checkpoint"] else "model", row)


def _checkpoints(old: set[str], connection: sqlite3.Connection) -> Iterator[Item]:
    starts = _starts(connection)
    rows = connection.execute(
        "SELECT models.id, models.job, models.folder, checkpoints.step, jobs.best_step, jobs.fine_tuned_model, "
        "(SELECT MAX(step) FROM checkpoints AS other WHERE other.job = models.job) AS last_step "
        "FROM models JOIN jobs ON jobs.id = models.job JOIN checkpoints ON checkpoints.model = models.id "
        f"WHERE models.is_checkpoint AND jobs.status IN {_OVER} ORDER BY models.seq"
    ).fetchall()
    for row in rows:
        kept = {row["best_step"]} | ({row["last_step"]} if row["fine_tuned_model"] is None else set())
        if row["job"] not in old and row["id"] not in starts and row["step"] not in kept:
            yield _adapter("checkpoint", row)


def _files(connection: sqlite3.Connection) -> Iterator[Item]:
    rows = connection.execute(
        "SELECT id FROM files WHERE purpose != 'fine-tune-results' AND created_at <= ? AND id NOT IN ("
        f"SELECT training_file FROM jobs WHERE status NOT IN {_OVER} UNION "
        f"SELECT validation_file FROM jobs WHERE status NOT IN {_OVER} AND validation_file IS NOT NULL) ORDER BY seq",
        (int(time.time()) - _FRESH_S,),
    )
    for row in rows:
        path = local_dir() / "files" / row["id"]
        yield Item("file", row["id"], path, size_of(path))


def _leavings(old: set[str], connection: sqlite3.Connection) -> Iterator[Item]:
    """What is in the adapters' folder without a name in the database, of jobs that are over or were never there."""
    open_jobs = {row["id"] for row in connection.execute(f"SELECT id FROM jobs WHERE status NOT IN {_OVER}")}
    known = {(row["job"], row["folder"]) for row in connection.execute("SELECT job, folder FROM models")}
    folder = adapters_dir()
    for job in sorted(folder.iterdir()) if folder.is_dir() else ():
        if job.name in open_jobs or not job.is_dir():
            continue
        for path in sorted(job.iterdir()):
            if (job.name, path.name) not in known:
                yield Item("leavings", f"{job.name}/{path.name}", path, size_of(path))


def _starts(connection: sqlite3.Connection) -> set[str]:
    """The models that jobs which are not over start from."""
    return {row["model"] for row in connection.execute(f"SELECT model FROM jobs WHERE status NOT IN {_OVER}")}


def _adapter(kind: str, row: sqlite3.Row) -> Item:
    path = adapters_dir() / row["job"] / row["folder"]
    return Item(kind, row["id"], path, size_of(path))


def _forget(items: list[Item], connection: sqlite3.Connection) -> None:
    """Take away the names, so that nothing can begin with what is about to go."""
    for item in items:
        if item.kind in ("model", "checkpoint"):
            connection.execute("DELETE FROM models WHERE id = ?", (item.name,))
            connection.execute("DELETE FROM checkpoints WHERE model = ?", (item.name,))
        elif item.kind == "file":
            forget_files("id = ?", item.name, connection)


# --- the weights
def _plan_of_weights(wanted: Wanted, plan: Plan, *, is_alone: bool) -> None:
    for is_wanted, kind, listed in (
        (wanted.cache, "cache", cached_weights),
        (wanted.weights, "weights", fetched_weights),
    ):
        found = sorted(listed()) if is_wanted else []
        if not found:
            continue
        if not is_alone:
            plan.kept.append(f"The {kind}: the local server is using it. `fttui local stop` first.")
        elif kind == "weights" and _is_anything_waiting():
            plan.kept.append("The weights: jobs that are not over need them.")
        else:
            plan.items += [Item(kind, path.name, path, size_of(path)) for path in found]


def _is_anything_waiting() -> bool:
    if not (local_dir() / "local.db").exists():
        return False
    with _opened() as database:
        return database.row(f"SELECT 1 FROM jobs WHERE status NOT IN {_OVER}") is not None


@contextmanager
def _while_no_server_runs() -> Iterator[bool]:
    """Whether no server runs; none can begin until the block ends."""
    if not local_dir().is_dir():
        yield True
        return
    lock = FileLock(server_lock_file(), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def _opened() -> Iterator[Database]:
    try:
        with closing(open_database()) as database:
            yield database
    except sqlite3.Error as error:
        raise FttuiError(f"The local backend's database cannot be used: {error}.") from error


def _remove(path: Path) -> None:
    """Remove a file or a folder, and the job's folder with its last one.

    Raises:
        FttuiError: The system refuses.
    """
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        if path.parent.parent == adapters_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()
    except FileNotFoundError:  # somebody else was faster
        return
    except OSError as error:
        raise FttuiError(f"{path} cannot be removed: {error.strerror or error}.") from error
