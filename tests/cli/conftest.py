"""The real local server over a tiny model, once for all tests of the command line, and a way to run commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fttui.cli.main import run
from local_server_fixture import RunningServer, running_server
from tiny_gguf import write_tiny_gguf


@dataclass(frozen=True)
class Done:
    """What a command printed and returned."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document that was printed."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSON lines that were printed."""
        return [json.loads(line) for line in self.out.splitlines()]


Command = Callable[..., Done]


@pytest.fixture
def fttui(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process."""

    def command(*arguments: str | Path) -> Done:
        capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        return Done(status, *capsys.readouterr())

    return command


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("weights") / "tiny.gguf")


@pytest.fixture(scope="session")
def running(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(weights, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(running: RunningServer, weights: Path, monkeypatch: pytest.MonkeyPatch) -> RunningServer:
    """The running server, in whose home the test then is: its profile ``local`` finds it."""
    monkeypatch.setenv("FTTUI_HOME", str(running.home))
    monkeypatch.setenv("FTTUI_WEIGHTS", str(weights))
    return running
