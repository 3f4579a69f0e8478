"""Waiting for weights: what a job is told meanwhile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fttui.core.errors import FttuiError
from fttui.local.host import ModelHost, wait_telling
from slow_jobs import wait_until
from tiny_gguf import MODEL_ID


class SlowHost:
    """A host that needs some looks at it until it is ready, or gives up."""

    def __init__(self, *messages: str, failure: FttuiError | None = None) -> None:
        self._messages = list(messages)
        self._failure = failure
        self.message = ""

    def wait(self, _timeout: float) -> str | None:
        if self._messages:
            self.message = self._messages.pop(0)
            return None
        if self._failure is not None:
            raise self._failure
        return "the base"


def test_progress_is_told_until_the_model_is_there() -> None:
    told: list[str] = []
    host: Any = SlowHost("Fetching weights: 12 of 98 MB", "Fetching weights: 12 of 98 MB")
    base: Any = wait_telling(host, told.append, lambda: False)
    assert base == "the base"
    assert told == ["Fetching weights: 12 of 98 MB"]


def test_what_cannot_be_had_is_raised() -> None:
    host: Any = SlowHost("Fetching weights", failure=FttuiError("No network."))
    with pytest.raises(FttuiError, match="No network"):
        wait_telling(host, lambda _: None, lambda: False)


def test_a_cancelled_job_waits_no_longer() -> None:
    host: Any = SlowHost(*["Fetching"] * 100)
    assert wait_telling(host, lambda _: None, lambda: True) is None


def test_an_engine_that_there_is_not_is_told(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FTTUI_WEIGHTS", raising=False)
    host = ModelHost(str(weights), "abacus")
    with pytest.raises(FttuiError, match="no engine 'abacus'"):
        host.wait(30)
    assert host.state == "failed"
    assert "numpy" in host.message


def test_a_host_recovers_when_the_weights_appear(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fttui.local.host._RETRY_AFTER_S", 0.0)
    monkeypatch.delenv("FTTUI_WEIGHTS", raising=False)
    path = tmp_path / "later.gguf"
    host = ModelHost(str(path))
    with pytest.raises(FttuiError):
        host.wait(30)
    path.write_bytes(weights.read_bytes())
    base = host.wait(30)
    assert base is not None
    assert base.id == MODEL_ID
    assert base.engine_name == "numpy"
    assert base.fingerprint.startswith("fp_")
    assert host.message == f"{MODEL_ID} is ready."


def test_a_host_that_closes_ends_the_installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FTTUI_WEIGHTS", raising=False)
    begun = tmp_path / "begun"
    program = f"import os, pathlib, time; pathlib.Path({str(begun)!r}).write_text(str(os.getpid())); time.sleep(600)"
    monkeypatch.setattr("fttui.local.package_fetch._installer", lambda: [sys.executable, "-c", program])
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            started.append(self)

    monkeypatch.setattr("fttui.local.package_fetch.subprocess.Popen", Noted)
    monkeypatch.setattr("fttui.local.host._CLOSE_PATIENCE_S", 60.0)
    host = ModelHost()
    host.begin()
    wait_until(begun.exists)
    host.close()
    assert [process.returncode is not None for process in started] == [True]
    assert host.state == "failed"
    host.begin()
    assert len(started) == 1, "nothing is fetched any more"
