"""Orders that come on a training process's standard input."""

from __future__ import annotations

import os
import threading

import pytest

from fttui.local.orders import PAUSE, SAVE, Orders
from slow_jobs import wait_until


def test_orders_are_heard_and_the_end_of_the_input_too() -> None:
    read, write = os.pipe()
    ended = threading.Event()
    with os.fdopen(read, "rb") as source:
        orders = Orders(source, on_end=ended.set)
        assert not orders.pausing()
        os.write(write, b"unheard of\n" + SAVE + SAVE)
        orders.wait_until_stored()
        orders.wait_until_stored()
        assert not orders.pausing()
        os.write(write, PAUSE)
        wait_until(orders.pausing)
        assert not ended.is_set()
        os.close(write)
        assert ended.wait(30)


@pytest.mark.parametrize("saves", [0, 1])
def test_a_state_waits_until_the_server_has_stored_what_was_said(saves: int) -> None:
    read, write = os.pipe()
    with os.fdopen(read, "rb") as source:
        orders = Orders(source, on_end=lambda: None)
        waiting = threading.Thread(target=orders.wait_until_stored, daemon=True)
        waiting.start()
        for _ in range(saves):
            os.write(write, SAVE)
        waiting.join(30 if saves else 0.05)
        assert waiting.is_alive() == (saves == 0)
        os.write(write, SAVE)
        waiting.join(30)
        os.close(write)
