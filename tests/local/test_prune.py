"""What can go from the disk, and what never does: over a database and folders as jobs leave them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from fttui.core.db import Database
from fttui.core.server_state import local_dir, server_lock_file
from fttui.local.disk import adapters_dir, disk_use
from fttui.local.file_store import FileStore
from fttui.local.prune import Wanted, carry_out, plan_prune
from fttui.local.schema import open_database
from fttui.local.weights import fetched_file

NOW = int(time.time())
LONG_AGO = NOW - 40 * 86_400
EVERYTHING = Wanted(checkpoints=True, files=True, cache=True, weights=True, models_older_than=30)


@pytest.fixture
def database() -> Iterator[Database]:
    opened = open_database()
    yield opened
    opened.close()


def insert(database: Database, table: str, **columns: Any) -> None:
    with database.write() as connection:
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        connection.execute(f"INSERT INTO {table}({names}) VALUES ({marks})", tuple(columns.values()))


def number(database: Database, table: str) -> int:
    return int(database.rows(f"SELECT COALESCE(MAX(seq), 0) + 1 FROM {table}")[0][0])


def add_job(database: Database, job: str, status: str, *, steps: tuple[int, ...] = (), **columns: Any) -> None:
    """A job with a checkpoint of 10 bytes for each of ``steps``, a model of 100 when it succeeded, and its state."""
    values = {
        "created_at": LONG_AGO, "finished_at": NOW - 60, "model": "base", "training_file": f"file-{job}", "seed": 1,
        "requested": "{}", "fine_tuned_model": f"ft:{job}" if status == "succeeded" else None, **columns,
    }  # fmt: skip
    insert(database, "jobs", id=job, seq=number(database, "jobs"), status=status, **values)
    add_file(database, f"file-{job}")
    for step in steps:
        name = f"ft:{job}:ckpt-step-{step}"
        add_model(database, name, job, f"ckpt-step-{step}", 10, is_checkpoint=1)
        checkpoint = {"created_at": NOW, "model": name, "step": step, "metrics": "{}"}
        insert(database, "checkpoints", id=f"ftckpt_{job}{step}", job=job, **checkpoint)
    if status == "succeeded":
        add_model(database, f"ft:{job}", job, "final", 100, is_checkpoint=0)
    write(adapters_dir() / job / "state", 1000)


def add_model(database: Database, name: str, job: str, folder: str, size: int, *, is_checkpoint: int) -> None:
    row = {"created_at": NOW, "base": "base", "job": job, "folder": folder, "is_checkpoint": is_checkpoint}
    insert(database, "models", id=name, seq=number(database, "models"), **row)
    write(adapters_dir() / job / folder / "adapter_model.safetensors", size)


def add_file(database: Database, file: str, *, purpose: str = "fine-tune", created_at: int = LONG_AGO) -> None:
    row = {"created_at": created_at, "filename": "train.jsonl", "purpose": purpose, "bytes": 7}
    insert(database, "files", id=file, seq=number(database, "files"), **row)
    write(local_dir() / "files" / file, 7)


def write(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)


def removed(wanted: Wanted) -> set[str]:
    """The names of what goes; the plan says the same before, and changes nothing."""
    plan = plan_prune(wanted)
    assert all(item.path.exists() for item in plan.items)
    gone = carry_out(wanted, plan)
    assert not any(item.path.exists() for item in gone.items)
    assert {item.path for item in gone.items} == {item.path for item in plan.items}
    assert plan_prune(wanted).items == []
    return {item.name for item in gone.items}


def models_left(database: Database) -> set[str]:
    return {row["id"] for row in database.rows("SELECT id FROM models")}


def test_nothing_is_there() -> None:
    assert plan_prune(EVERYTHING).items == []
    assert sum(use.bytes for use in disk_use()) == 0
    assert not local_dir().exists(), "looking makes nothing"


def test_leavings_always_go_and_nothing_else(database: Database) -> None:
    add_job(database, "done", "succeeded", steps=(1, 2))
    add_job(database, "paused", "paused", steps=(1,))
    write(adapters_dir() / "paused" / "ckpt-step-2.tmp" / "x", 5)
    write(adapters_dir() / "done" / "ckpt-step-3.tmp" / "x", 5)
    write(adapters_dir() / "never-heard-of" / "final" / "x", 5)
    before = models_left(database)
    assert removed(Wanted()) == {"done/state", "done/ckpt-step-3.tmp", "never-heard-of/final"}
    assert models_left(database) == before
    assert (adapters_dir() / "paused" / "state").exists()
    assert not (adapters_dir() / "never-heard-of").exists()


def test_the_best_checkpoint_stays_and_the_last_of_a_job_without_a_model(database: Database) -> None:
    add_job(database, "best", "succeeded", steps=(4, 8, 12), best_step=8)
    add_job(database, "plain", "succeeded", steps=(4, 8))
    add_job(database, "broken", "failed", steps=(4, 8))
    add_job(database, "stopped", "cancelled", steps=(4, 8, 12), best_step=8)
    add_job(database, "running", "running", steps=(4, 8))
    add_job(database, "paused", "paused", steps=(4, 8))
    removed(Wanted(checkpoints=True))
    left = models_left(database)
    assert {"ft:best", "ft:best:ckpt-step-8", "ft:plain", "ft:broken:ckpt-step-8"} < left
    assert {name for name in left if "stopped" in name} == {"ft:stopped:ckpt-step-8", "ft:stopped:ckpt-step-12"}
    assert {name for name in left if "running" in name or "paused" in name} == {
        f"ft:{job}:ckpt-step-{step}" for job in ("running", "paused") for step in (4, 8)
    }
    assert len(left) == 10
    assert {row["model"] for row in database.rows("SELECT model FROM checkpoints")} == {n for n in left if "ckpt" in n}


def test_files_that_no_job_needs_go(database: Database) -> None:
    add_job(database, "done", "succeeded")
    add_job(database, "waiting", "queued", validation_file="file-held-out")
    for file in ("file-held-out", "file-unused"):
        add_file(database, file)
    add_file(database, "file-result", purpose="fine-tune-results")
    add_file(database, "file-new", created_at=NOW)
    assert removed(Wanted(files=True)) - {"done/state"} == {"file-done", "file-unused"}
    left = {row["id"] for row in database.rows("SELECT id FROM files")}
    assert left == {"file-waiting", "file-held-out", "file-result", "file-new"}
    listed = FileStore(database).page(limit=9, after="file-done", purpose=None, newest_first=False)
    assert listed is not None, "its place is remembered: who pages through the files goes on behind it"
    assert [file.id for file in listed] == ["file-waiting", "file-held-out", "file-result", "file-new"]


def test_old_models_go_with_their_checkpoints(database: Database) -> None:
    add_job(database, "old", "succeeded", steps=(1, 2), best_step=1, finished_at=LONG_AGO)
    add_job(database, "gone", "cancelled", steps=(1,), finished_at=LONG_AGO)
    add_job(database, "new", "succeeded", steps=(1,))
    removed(Wanted(models_older_than=30))
    assert models_left(database) == {"ft:new", "ft:new:ckpt-step-1"}
    assert not (adapters_dir() / "old").exists()


def test_what_a_paused_job_starts_from_stays(database: Database) -> None:
    add_job(database, "old", "succeeded", steps=(1, 2), finished_at=LONG_AGO)
    add_job(database, "child", "paused", model="ft:old:ckpt-step-1")
    plan = plan_prune(EVERYTHING)
    assert any("old" in sentence and "starts from" in sentence for sentence in plan.kept)
    removed(EVERYTHING)
    assert models_left(database) == {"ft:old", "ft:old:ckpt-step-1"}


def test_a_job_that_comes_between_the_question_and_the_answer_keeps_what_it_needs(database: Database) -> None:
    add_job(database, "old", "succeeded", steps=(1,), finished_at=LONG_AGO)
    plan = plan_prune(EVERYTHING)
    add_job(database, "child", "queued", model="ft:old", training_file="file-old")
    carry_out(EVERYTHING, plan)
    assert "ft:old" in models_left(database)
    assert (adapters_dir() / "old" / "final").exists()
    assert (local_dir() / "files" / "file-old").exists()


def test_weights_and_cache(database: Database) -> None:
    add_job(database, "done", "succeeded")
    write(fetched_file(), 50)
    write(local_dir() / "cache" / "abc-1.f32", 500)
    write(local_dir() / "cache" / "abc.lock", 0)
    wanted = Wanted(cache=True, weights=True)
    with FileLock(server_lock_file()):
        plan = plan_prune(wanted)
        assert [item.kind for item in plan.items] == ["leavings"]
        assert len(plan.kept) == 2
        carry_out(wanted, plan)
        assert (local_dir() / "cache" / "abc-1.f32").exists()
    assert removed(wanted) == {fetched_file().name, "abc-1.f32"}


def test_weights_of_the_user_beside_the_fetched_ones_are_not_ours() -> None:
    write(fetched_file(), 50)
    write(fetched_file().with_name(".fetch-abc") / "llm.whl", 5)
    mine = fetched_file().with_name("mine.gguf")
    write(mine, 500)
    assert {use.kind: (use.count, use.bytes) for use in disk_use()}["weights"] == (2, 55)
    assert removed(Wanted(weights=True)) == {fetched_file().name, ".fetch-abc"}
    assert mine.exists()


def test_weights_stay_for_a_paused_job(database: Database) -> None:
    add_job(database, "paused", "paused")
    write(fetched_file(), 50)
    assert removed(Wanted(weights=True)) == set()
    assert "jobs that are not over" in plan_prune(Wanted(weights=True)).kept[0]


def test_the_use_of_the_disk(database: Database) -> None:
    add_job(database, "done", "succeeded", steps=(1, 2))
    write(fetched_file(), 50)
    write(local_dir() / "cache" / "abc-1.f32", 500)
    use = {use.kind: (use.count, use.bytes) for use in disk_use()}
    assert use.pop("database")[1] > 0
    assert use == {
        "weights": (1, 50), "cache": (1, 500), "adapters": (1, 100), "checkpoints": (2, 20), "states": (1, 1000),
        "files": (1, 7), "uploads": (0, 0),
    }  # fmt: skip


def test_a_link_is_removed_and_not_followed(database: Database, tmp_path: Path) -> None:
    write(tmp_path / "mine" / "precious", 5)
    (adapters_dir() / "x").mkdir(parents=True)
    (adapters_dir() / "x" / "link").symlink_to(tmp_path / "mine")
    add_job(database, "done", "succeeded")
    assert removed(Wanted()) == {"done/state", "x/link"}
    assert (tmp_path / "mine" / "precious").exists()
