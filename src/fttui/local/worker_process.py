"""The server's side of a training process: starting it, reading what it says, ending it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import IO, Any, Literal

from fttui.local.assignment import Assignment
from fttui.local.engines.threads import automatic_threads
from fttui.local.orders import PAUSE, SAVE

log = logging.getLogger(__name__)

BLAS_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def thread_environment(threads: int, work: Literal["training", "answers"]) -> dict[str, str]:
    """The environment variables that set BLAS to ``threads`` (0: chosen from the machine); the user's own win.

    A BLAS library reads them when it is loaded, so a process must have them before it imports numpy.
    """
    count = threads or automatic_threads(work)
    return {name: str(count) for name in BLAS_VARIABLES if name not in os.environ}


class WorkerProcess:
    """A running ``python -m fttui.local.worker``.

    The worker ends when its standard input does: however this process dies, the kernel closes that pipe.
    """

    def __init__(self, assignment: Assignment, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "fttui.local.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
            start_new_session=True,  # Ctrl-C in the server's terminal is the server's business
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
            | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self._writing = threading.Lock()
        self._write(assignment.as_json())

    @property
    def pid(self) -> int:
        return self._process.pid

    def messages(self) -> Iterator[Mapping[str, Any]]:
        """What the worker says, until it is gone."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                yield json.loads(line)
            except ValueError:  # half a line of a worker that was killed
                log.warning("The training process said something that is not JSON: %r", line[:200])

    def pause(self) -> None:
        """Let the worker finish its step, save its state and exit; called from any thread."""
        self._write(PAUSE)

    def let_save(self) -> None:
        """Tell the worker that what it said so far is stored."""
        self._write(SAVE)

    def kill(self) -> None:
        """End the worker now; what it has saved stays."""
        self._process.kill()

    def close(self) -> str:
        """Wait for the end, killing the worker if it is still there, and tell how it ended."""
        if self._process.poll() is None:
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.kill()
        code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                _close_quietly(pipe)
        return f"signal {-code}" if code < 0 else f"exit status {code}"

    def _write(self, line: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with self._writing:
            try:
                stdin.write(line)
                stdin.flush()
            except (OSError, ValueError):  # it is gone; `messages` ends and the exit status tells
                log.info("The training process took no orders.")


def _close_quietly(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError as error:  # the other end is gone and something was still buffered
        log.debug("A pipe of the training process: %s", error)
