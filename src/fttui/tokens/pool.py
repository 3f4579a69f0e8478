"""Counting processes, and the threads that feed them."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Final, cast

from fttui.core.errors import FttuiError
from fttui.core.log import log_file
from fttui.core.paths import make
from fttui.dataset.reader import FileReader
from fttui.tokens.rows import RowCounts
from fttui.tokens.worker import Answer, Failure, Request, Start

_LOG: Final = logging.getLogger(__name__)
_PATIENCE: Final = 2.0
"""Seconds a worker has to end by itself before it is killed."""

INHERITS: Final = os.name != "nt"
"""Whether a process can be given an open file; where it cannot, it opens the file by its name."""

OnDone = Callable[[RowCounts | FttuiError], None]


class CountingWorker:
    """One counting process; `ask` waits for its answer."""

    def __init__(self, start: Start) -> None:
        """The descriptor of ``start`` must be open until this returns."""
        make(log_file().parent)
        with log_file().open("ab") as log:
            self._process = subprocess.Popen(
                # -P: the current folder is the user's; a file in it must not stand in for a module
                [sys.executable, "-P", "-m", "fttui.tokens.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=() if start.descriptor is None else (start.descriptor,),
                start_new_session=os.name != "nt",  # ctrl+c is for the parent, which then closes the pipe
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        self._send(start)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, request: Request) -> Answer:
        """The answer to one request.

        Raises:
            EOFError: The process has died.
        """
        self._send(request)
        try:
            return cast(Answer, pickle.load(self._answers))
        except (OSError, pickle.UnpicklingError) as error:
            raise EOFError from error

    def _send(self, value: Start | Request) -> None:
        try:
            pickle.dump(value, self._requests)
            self._requests.flush()
        except OSError as error:
            raise EOFError from error

    def close(self) -> None:
        """End the process and wait for it."""
        with contextlib.suppress(OSError):
            self._requests.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._answers.close()

    def kill(self) -> None:
        """End the process now; a thread that waits for its answer gets EOFError."""
        self._process.kill()


class CountingPool:
    """Requests for counting processes, done in order, urgent ones first; each answer goes to its own function.

    A process starts when there is something for it to do and ends when it has been idle; the functions are called from
    the threads of the pool.
    """

    def __init__(
        self,
        encoding: str,
        file: FileReader | None,
        *,
        processes: int,
        in_background: bool,
        idle_s: float = 0.5,
        last_idle_s: float = 0.5,
    ) -> None:
        """``file`` is what `Block` requests are about; it is held until `let_go_of_file`.

        ``last_idle_s`` is how long one of the processes is kept, for requests that come now and then.
        """
        self._encoding = encoding
        self._file = file
        self._in_background = in_background
        self._urgent: deque[tuple[Request, OnDone]] = deque()
        self._waiting: deque[tuple[Request, OnDone]] = deque()
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._workers: dict[int, CountingWorker] = {}
        self._threads = [
            threading.Thread(
                target=self._serve,
                args=(number, idle_s if number else last_idle_s),
                name=f"count-{number}",
                daemon=True,
            )
            for number in range(processes)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pids(self) -> list[int]:
        """The processes that live now."""
        with self._changed:
            return [worker.pid for worker in self._workers.values()]

    def let_go_of_file(self) -> None:
        """There will be no more `Block` requests."""
        self._file = None

    def submit(self, request: Request, on_done: OnDone, *, urgent: bool = False) -> None:
        """Have ``request`` done; ``on_done`` gets the counts, or the error. After `close`, nothing happens."""
        with self._changed:
            if self._closed.is_set():
                return
            (self._urgent if urgent else self._waiting).append((request, on_done))
            self._changed.notify()

    def close(self) -> None:
        """Forget what is waiting, end the processes, wait for the threads. No function is called afterwards."""
        with self._changed:
            self._closed.set()
            self._urgent.clear()
            self._waiting.clear()
            for worker in self._workers.values():
                worker.kill()
            self._changed.notify_all()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    def _serve(self, number: int, idle_s: float) -> None:
        """Feed one process until the pool closes."""
        while not self._closed.is_set():
            task = self._next(idle_s if number in self._workers else None)
            if task is None:
                self._end(number)
                continue
            request, on_done = task
            answer = self._ask(number, request)
            if self._closed.is_set():
                break
            try:
                on_done(answer)
            except Exception:
                _LOG.exception("a count could not be taken in")
        self._end(number)

    def _next(self, patience_s: float | None) -> tuple[Request, OnDone] | None:
        """The next task; None when none came for so long, or the pool is closed."""
        with self._changed:
            while not self._closed.is_set():
                if self._urgent:
                    return self._urgent.popleft()
                if self._waiting:
                    return self._waiting.popleft()
                if not self._changed.wait(patience_s):
                    return None
            return None

    def _ask(self, number: int, request: Request) -> RowCounts | FttuiError:
        """The answer of this thread's process; one that died is replaced once."""
        for _attempt in range(2):
            try:
                answer = self._worker(number).ask(request)
            except (EOFError, OSError) as error:
                self._end(number)
                if self._closed.is_set():
                    break
                _LOG.warning("a counting process died: %r", error)
                continue
            return FttuiError(answer.message) if isinstance(answer, Failure) else answer
        return FttuiError(
            "Counting stopped: its process died twice.", hint=f"The reason may be in the log, {log_file()}."
        )

    def _worker(self, number: int) -> CountingWorker:
        worker = self._workers.get(number)
        if worker is None:
            file = self._file  # held while the process starts
            start = Start(
                self._encoding,
                path=file.path if file else None,
                stamp=file.stamp if file else None,
                descriptor=file.fileno() if file and INHERITS else None,
                in_background=self._in_background,
            )
            worker = CountingWorker(start)
            with self._changed:
                if self._closed.is_set():
                    worker.kill()
                self._workers[number] = worker
        return worker

    def _end(self, number: int) -> None:
        with self._changed:
            worker = self._workers.pop(number, None)
        if worker is not None:
            worker.close()
