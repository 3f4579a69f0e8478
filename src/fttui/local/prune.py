"""Making room: what can go without harm, looked up in the database, and its removal.

Nothing goes that a job needs which is not over, paused ones among them.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from filelock import FileLock, Timeout

from fttui.core.db import Database
from fttui.core.errors import FttuiError
from fttui.core.server_state import local_dir, server_lock_file
from fttui.local.disk import adapters_dir, cached_weights, fetched_weights, size_of
from fttui.local.disk_full import SENTENCE, is_disk_full, use_spare
from fttui.local.file_store import forget_files
from fttui.local.schema import open_database

_OVER: Final = "('succeeded', 'failed', 'cancelled')"
_FRESH_S: Final = 3600
"""A file that came so lately may be meant for a job that is created next."""
_HINT: Final = (
    "`fttui local stop`, then `fttui local prune --cache` makes room without the database; or remove something else."
)
T = TypeVar("T")


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
        FttuiError: The database cannot be read, and nothing can go without it.
    """
    plan = Plan()
    with _while_no_server_runs() as is_alone:
        _plan_of_cache(wanted, plan, is_alone=is_alone)
        try:
            known = _with_spare(lambda: _look_up(wanted, is_alone=is_alone))
        except FttuiError as error:
            if not plan.items or not is_disk_full(error):
                raise
            plan.kept.append("All else: the disk is too full to look it up. Prune once more when there is room.")
            return plan
    return Plan(known.items + plan.items, known.kept + plan.kept)


def carry_out(wanted: Wanted, planned: Plan) -> Plan:
    """Remove what was planned and may still go; returns what went.

    What needs no room goes first, because the disk may be full: names in the database are forgotten after that.

    Raises:
        FttuiError: The database cannot be changed, or the disk refuses; what went before that is gone.
    """
    known = {item.path for item in planned.items}
    kinds = {item.kind for item in planned.items}
    gone, now = Plan(), Plan()
    with _while_no_server_runs() as is_alone:
        _plan_of_cache(wanted, now, is_alone=is_alone)
        _remove_known(now, known, gone)
        if "weights" in kinds:
            weights = _with_spare(lambda: _weights(wanted, is_alone=is_alone))
            _remove_known(weights, known, gone)
            now.kept += weights.kept
    if kinds - {"cache", "weights"}:
        _with_spare(lambda: _remove_named(wanted, known, gone))
    gone.kept = planned.kept + [sentence for sentence in now.kept if sentence not in planned.kept]
    return gone


def _look_up(wanted: Wanted, *, is_alone: bool) -> Plan:
    """All that the database has to be asked about."""
    plan = Plan()
    if (local_dir() / "local.db").exists():
        with _opened() as database:
            _plan_of_database(wanted, database.connection(), plan)
    weights = _weights(wanted, is_alone=is_alone)
    return Plan(plan.items + weights.items, plan.kept + weights.kept)


def _remove_named(wanted: Wanted, known: set[Path], gone: Plan) -> None:
    """Remove leavings, which need no change of the database, then what has a name in it. It may be called again."""
    with _opened() as database:
        now = Plan()
        _plan_of_database(wanted, database.connection(), now)
        _remove_known(Plan([item for item in now.items if item.kind == "leavings"]), known, gone)
        if all(item.kind == "leavings" for item in now.items):
            return
        with database.write() as connection:
            now = Plan()
            _plan_of_database(wanted, connection, now)
            named = Plan([item for item in now.items if item.kind != "leavings" and item.path in known])
            _forget(named.items, connection)
    _remove_known(named, known, gone)


def _remove_known(found: Plan, known: set[Path], gone: Plan) -> None:
    for item in (item for item in found.items if item.path in known):
        _remove(item.path)
        gone.items.append(item)


def _with_spare(work: Callable[[], T]) -> T:
    """Do what needs the database; where its disk is full, once more with the room that was set aside.

    Raises:
        FttuiError: That does not help either, or something else is wrong.
    """
    try:
        try:
            return work()
        except FttuiError as error:
            if not is_disk_full(error) or not use_spare():
                raise
            return work()
    except FttuiError as error:
        if not is_disk_full(error):
            raise
        raise FttuiError(f"{SENTENCE} {error.message}", hint=_HINT) from error


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
def _plan_of_cache(wanted: Wanted, plan: Plan, *, is_alone: bool) -> None:
    _plan_unless_used("cache", cached_weights() if wanted.cache else [], plan, is_alone=is_alone)


def _weights(wanted: Wanted, *, is_alone: bool) -> Plan:
    plan = Plan()
    found = fetched_weights() if wanted.weights else []
    if found and is_alone and _is_anything_waiting():
        plan.kept.append("The weights: jobs that are not over need them.")
    else:
        _plan_unless_used("weights", found, plan, is_alone=is_alone)
    return plan


def _plan_unless_used(kind: str, found: list[Path], plan: Plan, *, is_alone: bool) -> None:
    if found and not is_alone:
        plan.kept.append(f"The {kind}: the local server is using it. `fttui local stop` first.")
    elif found:
        plan.items += [Item(kind, path.name, path, size_of(path)) for path in sorted(found)]


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
