"""Long work: shown when it lasts, with the time left, and gone when it ends."""

from __future__ import annotations

import pytest

from fttui.ui.widgets.status import status_text
from fttui.ui.works import Works, clock_text


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_short_work_is_never_shown() -> None:
    clock, changes = Clock(), []
    works = Works(on_change=lambda: changes.append(1), clock=clock)
    with works.running("Saving"):
        assert works.shown is None
        assert works.waiting_s == pytest.approx(0.3)
        clock.now += 0.2
        assert works.waiting_s == pytest.approx(0.1)
    assert works.waiting_s is None
    assert len(changes) == 2


def test_long_work_is_shown_with_what_is_left() -> None:
    clock = Clock()
    works = Works(on_change=lambda: None, clock=clock)
    stopped = []
    with works.running("Counting tokens", total=200, cancel=lambda: stopped.append(1)) as work:
        clock.now += 1
        work.advance(50)
        assert status_text(work, "f8").plain == "Counting tokens ━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 25%  f8 stops"
        clock.now += 4
        work.advance(100, detail="12 of 24 MB")
        assert status_text(work, "f8").plain.endswith(" 50%  0:05 left  12 of 24 MB  f8 stops")
        assert works.cancel_newest() is work
        assert stopped == [1]
        with works.running("Saving") as newer:
            assert works.shown is work
            clock.now += 1
            assert works.shown is newer
            assert status_text(newer, "f8").plain == "Saving"
            assert works.cancel_newest() is work
    assert works.shown is None
    assert works.cancel_newest() is None


def test_work_that_fails_is_over() -> None:
    clock = Clock()
    works = Works(on_change=lambda: None, clock=clock)
    with pytest.raises(ZeroDivisionError), works.running("Saving"):
        clock.now += 1
        raise ZeroDivisionError
    assert works.shown is None


def test_news_come_at_most_ten_times_a_second() -> None:
    clock, changes = Clock(), []
    works = Works(on_change=lambda: changes.append(1), clock=clock)
    with works.running("Counting", total=1000) as work:
        for done in range(1000):
            clock.now += 0.001
            work.advance(done)
        assert len(changes) <= 11


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (14.4, "0:14"), (725, "12:05"), (3753, "1:02:33")])
def test_times_are_read_like_on_a_clock(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


def test_a_warning_stays_until_it_is_taken_back() -> None:
    changes: list[int] = []
    works = Works(on_change=lambda: changes.append(1), clock=Clock())
    works.warn("disk", "The file changed.")
    works.warn("disk", "The file changed.")
    works.warn("journal", "The disk is full.")
    assert works.warnings == ("The file changed.", "The disk is full.")
    assert len(changes) == 2
    works.warn("disk", "")
    works.warn("disk", "")
    assert works.warnings == ("The disk is full.",)
    assert len(changes) == 3
