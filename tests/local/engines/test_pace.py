"""How many threads a token gets, on a clock that the test moves."""

from __future__ import annotations

from itertools import repeat

from fttui.local.engines.numpy_engine.pace import Pace


class Machine:
    """One thread takes 10 s a token, two take ``both``."""

    def __init__(self) -> None:
        self.now = 0.0
        self.threads = 2
        self.both = 6.0
        self.used: list[int] = []
        self.pace = Pace(clock=lambda: self.now, set_threads=self.set_threads, most=2)

    def set_threads(self, count: int) -> None:
        self.threads = count

    def token(self) -> None:
        self.used.append(self.threads)
        self.now += 10.0 if self.threads == 1 else self.both

    def tokens(self, count: int) -> list[int]:
        """The threads of the next ``count`` tokens."""
        self.used.clear()
        for step in repeat(self.token, count):
            self.pace.run(step)
        return list(self.used)


def test_an_idle_machine_uses_all_threads() -> None:
    machine = Machine()
    assert machine.tokens(3) == [1, 1, 1]
    assert machine.tokens(500) == [2] * 500


def test_a_busy_machine_is_left_alone_for_longer_and_longer() -> None:
    machine = Machine()
    machine.tokens(100)
    machine.both = 200.0
    assert machine.tokens(1 + 64 + 1) == [2, *[1] * 64, 2]
    assert machine.tokens(128 + 1) == [*[1] * 128, 2]
    assert machine.tokens(5000).count(2) < 6
    machine.both = 6.0
    assert machine.tokens(10_000)[-1] == 2


def test_a_short_disturbance_is_forgotten() -> None:
    machine = Machine()
    machine.tokens(200)
    for _ in range(3):
        machine.both = 200.0
        assert machine.tokens(2)[0] == 2
        machine.both = 6.0
        assert machine.tokens(63 + 100) == [*[1] * 63, *[2] * 100]


def test_threads_are_as_before_when_a_step_fails() -> None:
    machine = Machine()

    def fails() -> None:
        assert machine.threads == 1
        raise ValueError

    try:
        machine.pace.run(fails)
    except ValueError:
        assert machine.threads == 2
    else:
        raise AssertionError("it did not fail")


def test_one_thread_is_never_timed() -> None:
    calls: list[int] = []
    pace = Pace(clock=lambda: 1 / 0, set_threads=calls.append, most=1)
    assert pace.run(lambda: 5) == 5
    assert calls == []
