"""Processes that work on lines for us, and the threads that feed them; `fttui.dataset.serving` is their own side."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from fttui.core.errors import FttuiError
from fttui.core.log import log_file
from fttui.core.paths import make
from fttui.dataset.reader import FileReader
from fttui.dataset.serving import Failure, HandedFile

_LOG: Final = logging.getLogger(__name__)
_PATIENCE: Final = 2.0
"""Seconds a worker has to end by itself before it is killed."""

INHERITS: Final = os.name != "nt"
"""Whether a process can be given an open file; where it cannot, it opens the file by its name."""

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class WorkerProcess:
    """One process; `ask` waits for its answer."""

    def __init__(self, module: str, start: object, descriptor: int | None = None) -> None:
        """Run ``module``, which serves (`fttui.dataset.serving.serve`), and send it ``start``.

        ``descriptor`` is inherited; it must be open until this returns.
        """
        make(log_file().parent)
        with log_file().open("ab") as log:
            self._process = subprocess.Popen(
                # -P: the current folder is the user's; a file in it must not stand in for a module
                [sys.executable, "-P", "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=() if descriptor is None else (descriptor,),
                start_new_session=os.name != "nt",  # ctrl+c is for the parent, which then closes the pipe
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        self._send(start)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, request: object) -> Any:
        """The answer to one request.

        Raises:
            EOFError: The process has died.
        """
        self._send(request)
        try:
            return pickle.load(self._answers)
        except (OSError, pickle.UnpicklingError) as error:
            raise EOFError from error

    def _send(self, value: object) -> None:
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


class Turns:
    """So many requests at a time, for pools that share the processors; who waits longest is next."""

    def __init__(self, number: int) -> None:
        self._free = number
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *error: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


IN_BACKGROUND: Final = Turns(2)
"""For what goes on while somebody works in the app: counting and checking leave time for each other and the screen."""


class ProcessPool(ABC, Generic[Request, Answer]):
    """Requests for processes, done in order, urgent ones first; each answer goes to its own function.

    A process starts when there is something for it to do and ends when it has been idle; the functions are called from
    the threads of the pool.
    """

    def __init__(
        self,
        module: str,
        doing: str,
        file: FileReader | None,
        *,
        processes: int,
        idle_s: float = 0.5,
        last_idle_s: float = 0.5,
        turns: Turns | None = None,
    ) -> None:
        """Nothing starts before the first request.

        Args:
            module: What the processes run.
            doing: What they do, as the first word of a sentence: "Counting".
            file: The file that requests may be about; it is held until `let_go_of_file`.
            processes: How many there are at most.
            idle_s: How long a process is kept when there is nothing to do.
            last_idle_s: How long one of them is kept, for requests that come now and then.
            turns: What it shares with other pools: no more requests than that are worked on at a time, but for urgent
                ones; None: it shares nothing.
        """
        self._turns = turns
        self._module = module
        self._doing = doing
        self._file = file
        self._urgent: deque[tuple[Request, Callable[[Answer | FttuiError], None]]] = deque()
        self._waiting: deque[tuple[Request, Callable[[Answer | FttuiError], None]]] = deque()
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._workers: dict[int, WorkerProcess] = {}
        self._threads = [
            threading.Thread(
                target=self._serve,
                args=(number, idle_s if number else last_idle_s),
                name=f"{doing.lower()}-{number}",
                daemon=True,
            )
            for number in range(processes)
        ]
        for thread in self._threads:
            thread.start()

    @abstractmethod
    def _start_for(self, file: HandedFile | None) -> object:
        """What a new process is told first."""

    def _to_send(self, request: Request) -> object:
        """A request as it is sent, now that its turn has come."""
        return request

    @property
    def pids(self) -> list[int]:
        """The processes that live now."""
        with self._changed:
            return [worker.pid for worker in self._workers.values()]

    def let_go_of_file(self) -> None:
        """There will be no more requests about the file."""
        self._file = None

    def submit(self, request: Request, on_done: Callable[[Answer | FttuiError], None], *, urgent: bool = False) -> None:
        """Have ``request`` done; ``on_done`` gets the answer, or the error. After `close`, nothing happens."""
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
            request, on_done, waits = task
            with self._turns if waits and self._turns is not None else contextlib.nullcontext():
                if self._closed.is_set():
                    break
                answer = self._ask(number, request)
            if self._closed.is_set():
                break
            try:
                on_done(answer)
            except Exception:
                _LOG.exception("an answer could not be taken in (%s)", self._doing)
        self._end(number)

    def _next(self, patience_s: float | None) -> tuple[Request, Callable[[Answer | FttuiError], None], bool] | None:
        """The next task, and whether it waits its turn; None when none came for so long, or the pool is closed."""
        with self._changed:
            while not self._closed.is_set():
                if self._urgent:
                    return *self._urgent.popleft(), False
                if self._waiting:
                    return *self._waiting.popleft(), True
                if not self._changed.wait(patience_s):
                    return None
            return None

    def _ask(self, number: int, request: Request) -> Answer | FttuiError:
        """The answer of this thread's process; one that died is replaced once."""
        for _attempt in range(2):
            try:
                answer: Answer | Failure = self._worker(number).ask(self._to_send(request))
            except (EOFError, OSError) as error:
                self._end(number)
                if self._closed.is_set():
                    break
                _LOG.warning("a process died (%s): %r", self._doing, error)
                continue
            return FttuiError(answer.message) if isinstance(answer, Failure) else answer
        return FttuiError(
            f"{self._doing} stopped: its process died twice.", hint=f"The reason may be in the log, {log_file()}."
        )

    def _worker(self, number: int) -> WorkerProcess:
        worker = self._workers.get(number)
        if worker is None:
            file = self._file  # held while the process starts
            handed = HandedFile(file.path, file.stamp, file.fileno() if INHERITS else None) if file else None
            worker = WorkerProcess(self._module, self._start_for(handed), handed.descriptor if handed else None)
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
