"""Answers: one thread computes them together, so that every stream moves and none waits for another's end.

That holds for `MOST_TOGETHER` of them; those beyond wait their turn.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fttui.core.errors import FttuiError
from fttui.local.engines.protocol import Answer, ChosenToken, Decoder, Sampling
from fttui.local.host import ModelHost

log = logging.getLogger(__name__)

MOST_TOGETHER: Final = 32
"""Answers in the making at once."""
MOST_ANSWERS: Final = 256
"""Answers that may be asked for at once, those that wait included."""
STOPPING: Final = "The local server is stopping."


class TooBusy(Exception):
    """There is no room for more answers at the moment."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An answer to begin."""

    prompt: Sequence[int]
    sampling: Sampling
    adapter: Path | None = None
    """The folder of an adapter over the base model; None: the base model itself answers."""


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


Deliver = Callable[[int, Piece], None]
"""Takes the number of an answer within its request, and what is new of it. Called in the scheduler's thread."""


@dataclass(slots=True, eq=False)
class Ticket:
    """Answers that were asked for together."""

    deliver: Deliver
    cancelled: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Nobody listens any more; the answers end before their next token."""
        self.cancelled.set()


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """One answer of a ticket."""

    wanted: Wanted
    number: int
    ticket: Ticket

    def tell(self, piece: Piece) -> None:
        if self.ticket.cancelled.is_set():
            return
        try:
            self.ticket.deliver(self.number, piece)
        except RuntimeError:  # the event loop of the listener is closed: the server is going down
            self.ticket.cancel()


class Scheduler:
    """Computes answers: each step of the decoder gives every one of them its next token."""

    def __init__(self, host: ModelHost) -> None:
        self._host = host
        self._changed = threading.Condition()
        self._alive: dict[_Order, None] = {}  # all that was asked for and has not ended, in order; under the lock
        self._new: list[_Order] = []  # those that the thread has not seen; under the lock
        self._waiting: deque[_Order] = deque()  # those whose turn has not come; of the scheduler's thread alone
        self._is_closing = False
        self._open: dict[Answer, _Order] = {}  # those in the decoder; of the scheduler's thread alone
        self._decoder: Decoder | None = None
        self._thread = threading.Thread(target=self._run, name="answers", daemon=True)
        self._thread.start()

    def open_answers(self) -> int:
        """Answers that somebody waits for."""
        with self._changed:
            return self._count()

    def submit(self, wanted: Sequence[Wanted], deliver: Deliver) -> Ticket:
        """Begin answers, all of them or none. ``deliver`` gets the pieces of each, the last one included.

        Raises:
            TooBusy: There would be more than `MOST_ANSWERS`.
        """
        ticket = Ticket(deliver)
        orders = [_Order(one, number, ticket) for number, one in enumerate(wanted)]
        with self._changed:
            if not self._is_closing:
                if self._count() + len(orders) > MOST_ANSWERS:
                    raise TooBusy
                self._alive.update(dict.fromkeys(orders))
                self._new += orders
                self._changed.notify()
                return ticket
        for order in orders:
            order.tell(Piece(error=STOPPING))
        return ticket

    def close(self) -> None:
        """End every open answer and the thread."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join(timeout=10)

    def _count(self) -> int:
        return sum(not order.ticket.cancelled.is_set() for order in self._alive)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._alive or self._is_closing)
                self._waiting.extend(self._new)
                self._new.clear()
                alive, is_closing = list(self._alive), self._is_closing
            if is_closing:
                for order in alive:
                    self._end(order, Piece(error=STOPPING))
                return
            self._drop_cancelled()
            while self._waiting and len(self._open) < MOST_TOGETHER:
                self._begin(self._waiting.popleft())
            self._step()

    def _begin(self, order: _Order) -> None:
        if order.ticket.cancelled.is_set():
            self._end(order)
            return
        wanted = order.wanted
        try:
            base = self._host.base
            assert base is not None
            if self._decoder is None:
                self._decoder = base.engine.decoder()
            adapter = self._host.adapter(wanted.adapter) if wanted.adapter is not None else None
            answer = self._decoder.add(list(wanted.prompt), wanted.sampling, adapter)
        except Exception as error:
            self._end(order, _failure(error))
        else:
            self._open[answer] = order

    def _drop_cancelled(self) -> None:
        for answer, order in list(self._open.items()):
            if order.ticket.cancelled.is_set():
                try:
                    assert self._decoder is not None
                    self._decoder.remove(answer)
                except Exception as error:
                    self._fail(error)
                    return
                del self._open[answer]
                self._end(order)

    def _step(self) -> None:
        """One step of the decoder, and what came of it to those who asked."""
        if self._decoder is None or not self._open:
            return
        try:
            came = self._decoder.step()
        except Exception as error:
            self._fail(error)
            return
        for answer, fresh in came:
            if answer not in self._open:
                continue
            order = self._open[answer]
            piece = Piece(
                fresh.text, fresh.tokens, answer.finish_reason,
                answer.prompt_tokens, answer.cached_tokens, answer.completion_tokens,
            )  # fmt: skip
            if piece.is_last:
                del self._open[answer]
                self._end(order, piece)
            elif piece.text or piece.tokens:
                order.tell(piece)

    def _fail(self, error: Exception) -> None:
        """End what is open: what the decoder holds cannot be trusted any more."""
        failed, self._open, self._decoder = self._open, {}, None
        for order in failed.values():
            self._end(order, _failure(error))

    def _end(self, order: _Order, last: Piece | None = None) -> None:
        if last is not None:
            order.tell(last)
        with self._changed:
            del self._alive[order]


def _failure(error: Exception) -> Piece:
    if isinstance(error, FttuiError):
        return Piece(error=str(error))
    log.error("An answer failed.", exc_info=error)
    return Piece(error=f"The answer failed: {type(error).__name__}: {error}.")
