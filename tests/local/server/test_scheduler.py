"""The scheduler's turns, with a decoder whose steps are counted."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fttui.core.errors import FttuiError
from fttui.local.engines.protocol import Fresh, Sampling
from fttui.local.scheduler import MOST_ANSWERS, MOST_TOGETHER, STOPPING, Piece, Scheduler, Ticket, TooBusy, Wanted

SAMPLING = Sampling(max_tokens=1)
ENDLESS = 10**9
REFUSED, UNLUCKY, STICKY = 13, 17, 10**9 + 1


class CountingAnswer:
    """As many words as it is told."""

    prompt_tokens = 1
    cached_tokens = 0

    def __init__(self, length: int) -> None:
        self.completion_tokens = 0
        self.finish_reason: str | None = None
        self._length = length

    def step(self) -> Fresh:
        self.completion_tokens += 1
        if self.completion_tokens == self._length:
            self.finish_reason = "stop"
        return Fresh(f"{self.completion_tokens} ")


class CountingHost:
    """A host, its engine and a decoder in one; answers begin when `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.engine = self
        self.base = self
        self.open: list[CountingAnswer] = []
        self.most_open = 0
        self.removed = threading.Event()

    def decoder(self) -> CountingHost:
        self.open = []
        return self

    def adapter(self, folder: Path) -> Path:
        return folder

    def add(self, prompt: Sequence[int], _sampling: Sampling, _adapter: Any) -> CountingAnswer:
        assert self.go.wait(10)
        if prompt[0] == REFUSED:
            raise FttuiError("Not that one.")
        self.open.append(CountingAnswer(prompt[0]))
        return self.open[-1]

    def step(self) -> list[tuple[CountingAnswer, Fresh]]:
        self.most_open = max(self.most_open, len(self.open))
        came = [(answer, answer.step()) for answer in self.open]
        if any(answer._length == UNLUCKY for answer in self.open):
            raise ValueError("unlucky")
        self.open = [answer for answer in self.open if answer.finish_reason is None]
        return came

    def remove(self, answer: CountingAnswer) -> None:
        if answer._length == STICKY:
            raise ValueError("sticky")
        self.open.remove(answer)
        self.removed.set()


class Ear:
    """Hears the pieces of a request's answers."""

    def __init__(self, scheduler: Scheduler, *lengths: int) -> None:
        self.pieces: list[list[Piece]] = [[] for _ in lengths]
        self.begun = threading.Event()
        self.done = threading.Event()
        self._left = len(lengths)
        self.ticket: Ticket = scheduler.submit([Wanted([n], SAMPLING) for n in lengths], self._hear)

    def _hear(self, number: int, piece: Piece) -> None:
        self.pieces[number].append(piece)
        self.begun.set()
        self._left -= piece.is_last
        if not self._left:
            self.done.set()

    def errors(self) -> list[str | None]:
        return [pieces[-1].error for pieces in self.pieces]


@pytest.fixture
def host() -> CountingHost:
    return CountingHost()


@pytest.fixture
def scheduler(host: CountingHost) -> Any:
    made = Scheduler(host)  # type: ignore[arg-type]
    yield made
    host.go.set()
    made.close()


def test_answers_are_made_together_and_a_refused_one_stops_nobody(host: CountingHost, scheduler: Scheduler) -> None:
    ear = Ear(scheduler, 4, REFUSED, 2)
    host.go.set()
    assert ear.done.wait(10)
    assert host.most_open == 2
    assert "".join(piece.text for piece in ear.pieces[0]) == "1 2 3 4 "
    assert [pieces[-1].finish_reason for pieces in ear.pieces] == ["stop", None, "stop"]
    assert ear.errors() == [None, "Not that one.", None]
    assert scheduler.open_answers() == 0


def test_a_defect_in_a_step_ends_what_is_open_and_the_next_answers_are_made(
    host: CountingHost, scheduler: Scheduler
) -> None:
    ear = Ear(scheduler, ENDLESS, UNLUCKY)
    host.go.set()
    assert ear.done.wait(10)
    assert ear.errors() == ["The answer failed: ValueError: unlucky."] * 2
    after = Ear(scheduler, 3)
    assert after.done.wait(10)
    assert after.errors() == [None]


def test_cancelled_answers_leave_the_decoder(host: CountingHost, scheduler: Scheduler) -> None:
    host.go.set()
    long = Ear(scheduler, ENDLESS)
    long.ticket.cancel()
    assert scheduler.open_answers() == 0
    other = Ear(scheduler, 3)
    assert other.done.wait(10)
    assert not long.done.is_set()
    assert not host.open


def test_a_defect_in_a_removal_ends_what_is_open_and_the_next_answers_are_made(
    host: CountingHost, scheduler: Scheduler
) -> None:
    gone, beside = Ear(scheduler, STICKY), Ear(scheduler, ENDLESS)
    host.go.set()
    assert gone.begun.wait(10)
    gone.ticket.cancel()
    assert beside.done.wait(10)
    assert beside.errors() == ["The answer failed: ValueError: sticky."]
    after = Ear(scheduler, 3)
    assert after.done.wait(10)
    assert after.errors() == [None]


def test_answers_count_from_the_moment_they_are_asked_for(host: CountingHost, scheduler: Scheduler) -> None:
    """The thread has taken them and waits in the decoder's `add`: neither waiting nor open, yet not to be missed."""
    ear = Ear(scheduler, 3, 5)
    assert scheduler.open_answers() == 2
    host.go.set()
    assert ear.done.wait(10)


def test_there_is_room_for_so_many_answers_and_no_more(host: CountingHost, scheduler: Scheduler) -> None:
    full = Ear(scheduler, *[ENDLESS] * (MOST_ANSWERS - 1))
    with pytest.raises(TooBusy):
        Ear(scheduler, 1, 1)  # all or none
    last = Ear(scheduler, 1)
    with pytest.raises(TooBusy):
        Ear(scheduler, 1)
    host.go.set()
    full.ticket.cancel()
    assert last.done.wait(10)
    assert Ear(scheduler, *[1] * MOST_ANSWERS).done.wait(10)


def test_answers_beyond_those_made_together_wait_their_turn(host: CountingHost, scheduler: Scheduler) -> None:
    endless = Ear(scheduler, *[ENDLESS] * (MOST_TOGETHER - 1))
    first, second, left = (Ear(scheduler, count) for count in (3, 2, 2))
    left.ticket.cancel()
    host.go.set()
    assert first.done.wait(10)
    assert second.done.wait(10)
    assert not left.pieces[0]
    endless.ticket.cancel()


def test_closing_tells_every_listener(host: CountingHost, scheduler: Scheduler) -> None:
    host.go.set()
    endless = Ear(scheduler, ENDLESS, ENDLESS)
    scheduler.close()
    assert endless.errors() == [STOPPING] * 2
    late = Ear(scheduler, 1)
    assert late.errors() == [STOPPING]
