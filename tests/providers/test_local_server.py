"""Finding, starting and stopping the local server from outside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from fttui.core.errors import ProviderError
from fttui.core.server_state import ServerState, local_dir, read_state, write_state
from fttui.providers import local_server
from local_server_fixture import PATIENCE_S
from tiny_gguf import write_tiny_gguf

ENSURE = """
import json
from fttui.providers.local_server import ensure_running
told = []
endpoint = ensure_running(on_progress=told.append)
print(json.dumps([endpoint.base_url, endpoint.token, told]))
"""


@pytest.fixture
def home(fttui_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with a tiny model, and no server left in it afterwards."""
    monkeypatch.setenv("FTTUI_WEIGHTS", str(write_tiny_gguf(tmp_path / "tiny.gguf")))
    yield fttui_home
    local_server.stop_running()


def test_two_programs_at_once_start_one_server(home: Path) -> None:
    programs = [
        subprocess.Popen([sys.executable, "-c", ENSURE], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    answers = [program.communicate(timeout=PATIENCE_S) for program in programs]
    assert [program.returncode for program in programs] == [0, 0], answers
    (url, token, _), other = (json.loads(out) for out, _ in answers)
    assert other[:2] == [url, token]
    assert sum(len(json.loads(out)[2]) for out, _ in answers) == 1
    found = local_server.find_running()
    assert found is not None
    assert (found.base_url, found.token) == (url, token)
    assert token not in repr(found)


def test_it_outlives_who_started_it_and_is_started_anew_after_a_stop(home: Path) -> None:
    first = local_server.ensure_running()
    assert local_server.ensure_running() == first
    report = local_server.report(first)
    assert report.pid == getattr(read_state(), "pid", None)
    assert report.pid != os.getpid()
    assert local_server.stop_running()
    assert local_server.find_running() is None
    assert not local_server.stop_running()
    assert local_server.ensure_running() != first


def test_a_stale_state_file_is_nobody(home: Path) -> None:
    state = ServerState(os.getpid(), "http://127.0.0.1:9/v1", str(local_dir() / "token"), 0, "0")
    write_state(state)
    assert local_server.find_running() is None
    (local_dir() / "server.lock").touch()
    (local_dir() / "token").write_text("stale")
    assert local_server.find_running() is None
    assert local_server.ensure_running().base_url != state.base_url


def test_a_state_file_that_is_no_json_is_nobody(home: Path) -> None:
    local_dir().mkdir(parents=True)
    (local_dir() / "server.json").write_bytes(b"\xff{")
    assert local_server.find_running() is None


def test_a_server_that_does_not_start_tells_why(home: Path) -> None:
    (home / "config").mkdir()
    (home / "config" / "settings.toml").write_text("[local]\nport = 'x'\n")
    with pytest.raises(ProviderError) as failure:
        local_server.ensure_running()
    assert "local.port" in failure.value.message
    assert str(local_server.output_file()) in failure.value.hint


@pytest.mark.skipif(shutil.which("true") is None, reason="no program that says nothing")
@pytest.mark.parametrize(("free", "said"), [(5_000_000_000, "It said nothing."), (4096, "The disk is full.")])
def test_a_server_that_could_not_even_say_why(
    fttui_home: Path, monkeypatch: pytest.MonkeyPatch, free: int, said: str
) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("true"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    with pytest.raises(ProviderError) as failure:
        local_server.ensure_running()
    assert said in failure.value.message
