"""Answers: one thread computes them all, together, so that every stream moves and none waits for another's end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fttui.core.errors import FttuiError
from fttui.local.engines.protocol import Answer, ChosenToken, Decoder, Sampling
from fttui.local.host import ModelHost

log = logging.getLogger(__name__)

MAX_STREAMS = 32
"""Answers in the making at once; each holds its own key-value cache in memory."""
_STOPPING = "The local server is stopping."


@dataclass(frozen=True, slots=True)
class Piece:
    """Something new of an answer. The last piece has a ``finish_reason`` or an ``error``."""

    text: str = ""
    tokens: tuple[ChosenToken, ...] = ()
    finish_reason: str | None = None
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    error: str | None = None

    @property
    def is_last(self) -> bool:
        return self.finish_reason is not None or self.error is not None


@dataclass(slots=True, eq=False)
class Ticket:
    """An answer that was asked for."""

    prompt: Sequence[int]
    sampling: Sampling
    adapter: Path | None
    deliver: Callable[[Piece], None]
    cancelled: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Nobody listens any more; the answer ends before its next token."""
        self.cancelled.set()


class Scheduler:
    """Computes answers: each step of the decoder gives every one of them its next token."""

    def __init__(self, host: ModelHost) -> None:
        self._host = host
        self._waiting: list[Ticket] = []
        self._open: dict[Answer, Ticket] = {}  # touched by the scheduler's thread alone
        self._decoder: Decoder | None = None
        self._changed = threading.Condition()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="answers", daemon=True)
        self._thread.start()

    def open_answers(self) -> int:
        return len(self._waiting) + len(self._open)

    def submit(
        self, prompt: Sequence[int], sampling: Sampling, adapter: Path | None, deliver: Callable[[Piece], None]
    ) -> Ticket:
        """Begin an answer. ``deliver`` gets its pieces, in the scheduler's thread, the last one included."""
        ticket = Ticket(prompt, sampling, adapter, deliver)
        with self._changed:
            if not self._is_closing:
                self._waiting.append(ticket)
                self._changed.notify()
                return ticket
        deliver(Piece(error=_STOPPING))
        return ticket

    def close(self) -> None:
        """End every open answer and the thread."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._open or self._is_closing)
                is_closing = self._is_closing
                new, self._waiting = self._waiting, []
                # counted in `open_answers` by one of the two at every moment but this one
            if is_closing:
                for ticket in [*new, *self._open.values()]:
                    self._deliver(ticket, Piece(error=_STOPPING))
                return
            for ticket in new:
                self._begin(ticket)
            self._step()

    def _begin(self, ticket: Ticket) -> None:
        try:
            base = self._host.base
            assert base is not None
            if self._decoder is None:
                self._decoder = base.engine.decoder()
            adapter = self._host.adapter(ticket.adapter) if ticket.adapter is not None else None
            answer = self._decoder.add(list(ticket.prompt), ticket.sampling, adapter)
        except Exception as error:
            self._fail(ticket, error)
        else:
            self._open[answer] = ticket

    def _step(self) -> None:
        """One step of the decoder, and what came of it to those who asked."""
        if self._decoder is None:
            return
        for answer, ticket in list(self._open.items()):
            if ticket.cancelled.is_set():
                self._decoder.remove(answer)
                del self._open[answer]
        if not self._open:
            return
        try:
            came = self._decoder.step()
        except Exception as error:  # what the decoder holds cannot be trusted any more
            for ticket in self._open.values():
                self._fail(ticket, error)
            self._open.clear()
            self._decoder = None
            return
        for answer, fresh in came:
            ticket = self._open[answer]
            piece = Piece(
                fresh.text, fresh.tokens, answer.finish_reason,
                answer.prompt_tokens, answer.cached_tokens, answer.completion_tokens,
            )  # fmt: skip
            if piece.is_last:
                del self._open[answer]
            if piece.text or piece.tokens or piece.is_last:
                self._deliver(ticket, piece)

    def _fail(self, ticket: Ticket, error: Exception) -> None:
        if isinstance(error, FttuiError):
            self._deliver(ticket, Piece(error=str(error)))
            return
        log.error("An answer failed.", exc_info=error)
        self._deliver(ticket, Piece(error=f"The answer failed: {type(error).__name__}: {error}."))

    @staticmethod
    def _deliver(ticket: Ticket, piece: Piece) -> None:
        try:
            ticket.deliver(piece)
        except RuntimeError:  # the event loop of the listener is closed: the server is going down
            ticket.cancel()
