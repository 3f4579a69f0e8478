"""Answers: one thread computes them all, a little of each in turn, so that every stream moves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fttui.core.errors import FttuiError
from fttui.local.engines.protocol import Generation, Sampling
from fttui.local.host import ModelHost

log = logging.getLogger(__name__)

MAX_STREAMS = 32
"""Answers in the making at once; each holds its own key-value cache in memory."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something new of an answer. The last piece has a ``finish_reason`` or an ``error``."""

    text: str = ""
    finish_reason: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    error: str | None = None

    @property
    def is_last(self) -> bool:
        return self.finish_reason is not None or self.error is not None


@dataclass(slots=True)
class Ticket:
    """An answer that was asked for."""

    prompt: Sequence[int]
    sampling: Sampling
    adapter: Path | None
    deliver: Callable[[Piece], None]
    generation: Generation | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Nobody listens any more; the answer ends at its next turn."""
        self.cancelled.set()


class Scheduler:
    """Computes answers round robin: each turn is one `Generation.step`, a chunk of the prompt or one token."""

    def __init__(self, host: ModelHost) -> None:
        self._host = host
        self._open: list[Ticket] = []
        self._changed = threading.Condition()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="answers", daemon=True)
        self._thread.start()

    def open_answers(self) -> int:
        return len(self._open)

    def submit(
        self, prompt: Sequence[int], sampling: Sampling, adapter: Path | None, deliver: Callable[[Piece], None]
    ) -> Ticket:
        """Begin an answer. ``deliver`` gets its pieces, in the scheduler's thread, the last one included."""
        ticket = Ticket(prompt, sampling, adapter, deliver)
        with self._changed:
            if not self._is_closing:
                self._open.append(ticket)
                self._changed.notify()
                return ticket
        deliver(Piece(error="The local server is stopping."))
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
                self._changed.wait_for(lambda: self._open or self._is_closing)
                turn = list(self._open)
                is_closing = self._is_closing
            for ticket in turn:
                if is_closing:
                    self._deliver(ticket, Piece(error="The local server is stopping."))
                if is_closing or self._take_turn(ticket):
                    with self._changed:
                        self._open.remove(ticket)
            if is_closing:
                return

    def _take_turn(self, ticket: Ticket) -> bool:
        """Do a bounded piece of work for one answer; True when it is over."""
        if ticket.cancelled.is_set():
            return True
        try:
            piece = self._step(ticket)
        except FttuiError as error:
            piece = Piece(error=str(error))
        except Exception as error:
            log.exception("An answer failed.")
            piece = Piece(error=f"The answer failed: {type(error).__name__}: {error}.")
        if piece.text or piece.is_last:
            self._deliver(ticket, piece)
        return piece.is_last or ticket.cancelled.is_set()

    def _step(self, ticket: Ticket) -> Piece:
        base = self._host.base
        assert base is not None
        if ticket.generation is None:
            adapter = self._host.adapter(ticket.adapter) if ticket.adapter is not None else None
            ticket.generation = base.engine.start(list(ticket.prompt), ticket.sampling, adapter)
        generation = ticket.generation
        text = generation.step()
        return Piece(text, generation.finish_reason, generation.prompt_tokens, generation.completion_tokens)

    @staticmethod
    def _deliver(ticket: Ticket, piece: Piece) -> None:
        try:
            ticket.deliver(piece)
        except RuntimeError:  # the event loop of the listener is closed: the server is going down
            ticket.cancel()
