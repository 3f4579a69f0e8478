"""The scheduler's turns, with answers whose steps are counted."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from fttui.local.engines.protocol import Sampling
from fttui.local.scheduler import Piece, Scheduler

SAMPLING = Sampling(max_tokens=1, temperature=0, top_p=1, seed=None, stop=())


class CountingGeneration:
    """As many words as the one token of its prompt says."""

    prompt_tokens = 1

    def __init__(self, prompt: list[int]) -> None:
        self.completion_tokens = 0
        self.finish_reason: str | None = None
        (self._length,) = prompt

    def step(self) -> str:
        if self._length == 13:
            raise ValueError("unlucky")
        self.completion_tokens += 1
        if self.completion_tokens == self._length:
            self.finish_reason = "stop"
        return f"{self.completion_tokens} "


class CountingHost:
    """A host whose engine counts; the turns begin when `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.engine = self
        self.base = self

    def start(self, prompt: list[int], _sampling: Sampling, _adapter: Any) -> CountingGeneration:
        assert self.go.wait(10)
        return CountingGeneration(prompt)

    def adapter(self, folder: Path) -> Path:
        return folder


class Ear:
    """Hears pieces, and notes its name at each."""

    def __init__(self, name: str, order: list[str]) -> None:
        self.name = name
        self.order = order
        self.pieces: list[Piece] = []
        self.done = threading.Event()

    def __call__(self, piece: Piece) -> None:
        self.order.append(self.name)
        self.pieces.append(piece)
        if piece.is_last:
            self.done.set()


def test_answers_take_turns_and_a_failing_one_stops_nobody() -> None:
    host = CountingHost()
    scheduler = Scheduler(host)  # type: ignore[arg-type]
    order: list[str] = []
    a, b, broken = Ear("a", order), Ear("b", order), Ear("x", order)
    scheduler.submit([4], SAMPLING, None, a)
    scheduler.submit([13], SAMPLING, None, broken)
    scheduler.submit([2], SAMPLING, None, b)
    host.go.set()
    for ear in (a, b, broken):
        assert ear.done.wait(10)
    scheduler.close()
    assert [name for name in order if name != "x"] in (list("ababaa"), list("aababa"))
    assert "".join(piece.text for piece in a.pieces) == "1 2 3 4 "
    assert a.pieces[-1].finish_reason == "stop"
    assert broken.pieces[-1].error == "The answer failed: ValueError: unlucky."


def test_a_cancelled_answer_ends_at_its_next_turn() -> None:
    host = CountingHost()
    scheduler = Scheduler(host)  # type: ignore[arg-type]
    order: list[str] = []
    long, other = Ear("long", order), Ear("other", order)
    ticket = scheduler.submit([10**9], SAMPLING, None, long)
    ticket.cancel()
    host.go.set()
    scheduler.submit([3], SAMPLING, None, other)
    assert other.done.wait(10)
    scheduler.close()
    assert order.count("long") <= 1


def test_closing_tells_every_listener() -> None:
    host = CountingHost()
    host.go.set()
    scheduler = Scheduler(host)  # type: ignore[arg-type]
    endless = Ear("endless", [])
    scheduler.submit([10**9], SAMPLING, None, endless)
    scheduler.close()
    assert endless.pieces[-1].error == "The local server is stopping."
    late = Ear("late", [])
    scheduler.submit([1], SAMPLING, None, late)
    assert late.pieces[-1].error == "The local server is stopping."
