"""A server within the test's own process, so that what it stands on can be made to fail."""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fttui.core.server_state import ServerState, state_file
from fttui.core.settings import LocalSettings
from fttui.local.connection import LimitedConnection
from fttui.local.job_store import JobStore
from fttui.local.server import serve


@pytest.fixture
def options(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSettings]:
    """Of a server that stops as soon as it has nothing to do."""
    monkeypatch.setenv("FTTUI_HOME", str(tmp_path))
    monkeypatch.delenv("FTTUI_WEIGHTS", raising=False)
    monkeypatch.setattr("fttui.local.server.thread_environment", lambda *_: {})
    yield LocalSettings(weights=str(weights), idle_minutes=0.001)
    assert not state_file().exists()
    assert not {"answers", "housekeeping"} & {thread.name for thread in threading.enumerate()}


def test_a_database_that_another_program_holds_keeps_the_server_up(
    options: LocalSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    active, asked = JobStore.active, []

    def locked_for_a_while(jobs: JobStore) -> Any:
        asked.append(1)
        if 1 < len(asked) < 4:
            raise sqlite3.OperationalError("database is locked")
        return active(jobs)

    monkeypatch.setattr(JobStore, "active", locked_for_a_while)
    serve(options, lambda *_: None)
    assert len(asked) > 4
    assert "database is locked" in caplog.text


def test_answers_are_sent_without_delay(options: LocalSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nagle's algorithm is off, which asyncio sees to for sockets that are named as TCP only."""
    no_delay: list[int] = []
    connection_made = LimitedConnection.connection_made

    def watched(connection: LimitedConnection, transport: Any) -> None:
        no_delay.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        connection_made(connection, transport)

    def connect(state: ServerState, *_: object) -> None:
        where = urlsplit(state.base_url)
        socket.create_connection((where.hostname, where.port), timeout=20).close()

    monkeypatch.setattr(LimitedConnection, "connection_made", watched)
    serve(replace(options, idle_minutes=0.005), connect)
    assert no_delay and all(no_delay)


def test_a_server_that_fails_ends_its_parts(options: LocalSettings) -> None:
    def announce(*_: object) -> None:
        raise ValueError("a defect")

    with pytest.raises(ExceptionGroup) as failed:
        serve(options, announce)
    assert failed.group_contains(ValueError, match="a defect")
