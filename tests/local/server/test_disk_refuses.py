"""A disk that takes nothing more: files, parts and database say so in a sentence, and nothing half-written stays."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai import OpenAI
from starlette.requests import Request

from fttui.local.errors import on_database_error
from fttui.local.file_store import FileStore
from fttui.local.schema import open_database
from fttui.local.upload_store import UploadStore
from local_server_fixture import RunningServer

if not hasattr(resource, "prlimit"):
    pytest.skip("only Linux limits another process", allow_module_level=True)

LIMIT = 3_000_000
TOO_MUCH = b"x" * (LIMIT + 1)


@contextlib.contextmanager
def full_disk(server: RunningServer, size: int = LIMIT) -> Iterator[None]:
    """No file of the server becomes larger than ``size`` bytes; writing on fails with EFBIG."""
    before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)


def stored(server: RunningServer) -> set[str]:
    local = server.home / "data" / "local"
    return {str(path.relative_to(local)) for name in ("files", "uploads") for path in (local / name).glob("*")}


def test_a_file_that_does_not_fit_is_refused(client: OpenAI, server: RunningServer) -> None:
    before = stored(server)
    with full_disk(server), pytest.raises(openai.InternalServerError) as refused:
        client.files.create(file=("big.bin", TOO_MUCH), purpose="evals")
    assert (refused.value.status_code, refused.value.code) == (507, "disk_full")
    assert "full" in refused.value.message
    assert refused.value.response.headers["x-should-retry"] == "false"
    assert stored(server) == before
    assert client.files.create(file=("big.bin", TOO_MUCH), purpose="evals").bytes == len(TOO_MUCH)


def test_a_whole_that_does_not_fit_is_refused_and_may_be_tried_again(client: OpenAI, server: RunningServer) -> None:
    half = TOO_MUCH[: len(TOO_MUCH) // 2 + 1]
    upload = client.uploads.create(
        bytes=2 * len(half), filename="big.bin", mime_type="application/octet-stream", purpose="evals"
    )
    parts = [client.uploads.parts.create(upload.id, data=half).id for _ in range(2)]
    before = stored(server)
    with full_disk(server), pytest.raises(openai.InternalServerError) as refused:
        client.uploads.complete(upload.id, part_ids=parts)
    assert (refused.value.status_code, refused.value.code) == (507, "disk_full")
    assert stored(server) == before
    done = client.uploads.complete(upload.id, part_ids=parts)
    assert done.file is not None
    assert done.file.bytes == 2 * len(half)


def test_a_database_that_does_not_fit_is_told_and_the_server_lives(client: OpenAI, server: RunningServer) -> None:
    before = stored(server)
    log = server.home / "data" / "local" / "local.db-wal"
    with full_disk(server, log.stat().st_size), pytest.raises(openai.InternalServerError, match="database") as refused:
        client.files.create(file=("small.bin", b"x"), purpose="evals")
    assert refused.value.code == "database_error"
    assert stored(server) == before
    assert client.files.create(file=("small.bin", b"x"), purpose="evals").bytes == 1


def test_a_database_that_another_program_holds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTTUI_HOME", str(tmp_path))
    monkeypatch.setattr("fttui.core.db.BUSY_TIMEOUT_S", 0.05)
    with contextlib.closing(open_database()) as database:
        uploads = UploadStore(database, FileStore(database))
        database.connection()
        with (
            contextlib.closing(sqlite3.connect(database.path, isolation_level=None)) as other,
            pytest.raises(sqlite3.OperationalError) as refused,
        ):
            other.execute("BEGIN IMMEDIATE")
            uploads.add(filename="x", purpose="evals", mime_type="x", size=1, file_expires_after=None)
    answer = asyncio.run(on_database_error(Request({"type": "http"}), refused.value))
    assert (answer.status_code, json.loads(bytes(answer.body))["error"]["code"]) == (503, "database_locked")
