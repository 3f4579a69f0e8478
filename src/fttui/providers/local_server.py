"""Finding, starting and stopping the local server, from outside of it: over its state file and HTTP only.

It is started detached, so that it goes on training when the app closes. Whether one runs is told by a kernel lock that
it holds, never by a process id.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from fttui.core.errors import ProviderError
from fttui.core.log import redact
from fttui.core.paths import make, state_dir
from fttui.core.server_state import local_dir, read_state, read_token, server_lock_file, start_lock_file

START_TIMEOUT_S: Final = 20.0
STOP_TIMEOUT_S: Final = 15.0
_ANSWER_TIMEOUT_S: Final = 5.0
_POLL_S: Final = 0.05
_LOG_LIMIT: Final = 1_000_000
_TAIL_LINES: Final = 6
_LITTLE_ROOM: Final = 1_000_000
"""Bytes: too few for a server, and perhaps for what it has to say."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a local server answers, and to whom."""

    base_url: str  # http://127.0.0.1:PORT/v1
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServerReport:
    """How a running server does."""

    pid: int
    state: str  # "preparing", "ready" (the base model can answer) or "failed" (it cannot be had)
    message: str  # what is going on
    models: tuple[str, ...]  # the base model first


def output_file() -> Path:
    """What a server that was started by `ensure_running` prints."""
    return state_dir() / "local-server.log"


def find_running() -> Endpoint | None:
    """The running server of this data folder, if it really answers."""
    state = read_state()
    if state is None or not _is_lock_held(server_lock_file()):
        return None
    try:
        endpoint = Endpoint(state.base_url, read_token(state.token_file))
        _call(endpoint, "GET", "/v1/models")
    except (OSError, ValueError, http.client.HTTPException, ProviderError):
        return None
    return endpoint


def ensure_running(*, on_progress: Callable[[str], None] | None = None) -> Endpoint:
    """The running server; one is started when there is none. It blocks: call it in a thread.

    Args:
        on_progress: Told what is going on, in the calling thread.

    Raises:
        ProviderError: It does not start; the message has what it said.
    """
    found = find_running()
    if found is not None:
        return found
    make(local_dir())
    try:
        with FileLock(start_lock_file(), timeout=START_TIMEOUT_S + 10):
            found = find_running()  # another program may have started it meanwhile
            if found is not None:
                return found
            if on_progress is not None:
                on_progress("Starting the local server")
            return _start()
    except Timeout:
        raise ProviderError(
            "Another program has been starting the local server for too long.", retryable=True
        ) from None


def stop_running() -> bool:
    """Stop the running server and wait for its end; False when none runs.

    Raises:
        ProviderError: It does not end.
    """
    endpoint = find_running()
    if endpoint is None:
        return False
    with suppress(OSError, http.client.HTTPException):  # it is on its way out
        _call(endpoint, "POST", "/fttui/stop")
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while _is_lock_held(server_lock_file()):
        if time.monotonic() > deadline:
            raise ProviderError(f"The local server at {endpoint.base_url} does not stop.", retryable=True)
        time.sleep(_POLL_S)
    return True


def report(endpoint: Endpoint) -> ServerReport:
    """Ask a running server how it does.

    Raises:
        ProviderError: It does not answer.
    """
    try:
        status = _call(endpoint, "GET", "/fttui/status")
        models = _call(endpoint, "GET", "/v1/models")
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise ProviderError(
            f"The local server at {endpoint.base_url} does not answer: {error}.", retryable=True
        ) from error
    return ServerReport(
        pid=status["pid"],
        state=status["state"],
        message=status["message"],
        models=tuple(model["id"] for model in models["data"]),
    )


def _start() -> Endpoint:
    make(state_dir())
    path = output_file()
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    with path.open("ab") as output:
        begin = output.tell()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "fttui", "local", "serve"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            **_detached(),
        )
    threading.Thread(target=process.wait, name="local-server-reaper", daemon=True).start()  # leaves no zombie
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        found = find_running()
        if found is not None:
            return found
        if process.returncode is not None:
            found = find_running()  # it may have ended because it has found another that runs
            if found is not None:
                return found
            break
        time.sleep(_POLL_S)
    said = _tail(path, begin) or _why_silent()
    raise ProviderError(f"The local server did not start. {said}", hint=f"Its output is in {path}.", retryable=True)


def _why_silent() -> str:
    if shutil.disk_usage(local_dir()).free < _LITTLE_ROOM:
        return "The disk is full. Make room: `fttui local prune --cache` needs none itself."
    return "It said nothing."


def _detached() -> dict[str, Any]:
    if os.name == "nt":
        flags = getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        return {"creationflags": flags}
    return {"start_new_session": True}


def _tail(path: Path, begin: int) -> str:
    with path.open("rb") as output:
        output.seek(begin)
        lines = output.read(64_000).decode("utf-8", "replace").splitlines()
    return redact(" ".join(line.strip() for line in lines[-_TAIL_LINES:] if line.strip()))


def _is_lock_held(path: Path) -> bool:
    if not path.exists():
        return False
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


def _call(endpoint: Endpoint, method: str, path: str) -> Any:
    """One request to the server; its JSON.

    Raises:
        OSError, http.client.HTTPException: Nobody answers there.
        ProviderError: The answer is a refusal.
        ValueError: The answer is no JSON.
    """
    with _connection(endpoint) as connection:
        connection.request(method, path, headers={"Authorization": f"Bearer {endpoint.token}"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise ProviderError(f"The local server answers with status {answer.status}.", status=answer.status)
        return json.loads(body)


@contextmanager
def _connection(endpoint: Endpoint) -> Iterator[http.client.HTTPConnection]:
    parts = urlsplit(endpoint.base_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_ANSWER_TIMEOUT_S)
    try:
        yield connection
    finally:
        connection.close()
