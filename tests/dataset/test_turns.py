"""Pools that share the processors take turns."""

from __future__ import annotations

import threading
import time

from fttui.dataset.processes import Turns

PATIENCE_S = 30


def test_no_more_than_so_many_at_a_time_and_all_of_them_in_the_end() -> None:
    turns = Turns(2)
    lock = threading.Lock()
    working, most, done = 0, 0, 0

    def work() -> None:
        nonlocal working, most, done
        for _ in range(200):
            with turns:
                with lock:
                    working += 1
                    most = max(most, working)
                with lock:
                    working -= 1
                    done += 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert done == 6 * 200
    assert most <= 2


def test_who_waits_longest_is_next() -> None:
    turns = Turns(1)
    order: list[int] = []
    waits = [threading.Event() for _ in range(5)]

    def work(number: int) -> None:
        waits[number].set()
        with turns:
            order.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    with turns:
        for number, thread in enumerate(threads):
            thread.start()
            waits[number].wait(PATIENCE_S)
            while len(turns._waiting) <= number and thread.is_alive():
                time.sleep(0.001)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert order == [0, 1, 2, 3, 4]


def test_a_turn_is_given_back_when_something_fails() -> None:
    turns = Turns(1)
    for _ in range(3):
        try:
            with turns:
                raise ValueError
        except ValueError:
            pass
    with turns:
        pass
