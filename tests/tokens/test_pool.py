"""Counting processes: what they answer, and that none is left."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fttui.core.errors import FttuiError
from fttui.core.log import log_file
from fttui.tokens.pool import CountingPool
from fttui.tokens.rows import BROKEN, RowCounts
from fttui.tokens.worker import Block, Lines
from token_files import is_alive

LINE = Lines((b'{"messages": [{"role": "user", "content": "hi"}]}', b"broken"))

Answers = queue.Queue[RowCounts | FttuiError]


@pytest.fixture
def pool() -> Iterator[CountingPool]:
    pool = CountingPool("o200k_base", None, in_background=False, processes=1, last_idle_s=60)
    yield pool
    pool.close()


def ask(pool: CountingPool, request: Lines | Block) -> RowCounts | FttuiError:
    answers: Answers = queue.Queue()
    pool.submit(request, answers.put)
    return answers.get(timeout=30)


def until_gone(pid: int) -> bool:
    give_up = time.monotonic() + 20
    while is_alive(pid) and time.monotonic() < give_up:
        time.sleep(0.02)
    return not is_alive(pid)


def test_lines_are_counted(pool: CountingPool) -> None:
    answer = ask(pool, LINE)
    assert isinstance(answer, RowCounts)
    assert list(answer.tokens) == [8, BROKEN]


def test_urgent_requests_go_first(pool: CountingPool) -> None:
    order: queue.Queue[str] = queue.Queue()
    for number in range(50):
        pool.submit(LINE, lambda _, number=number: order.put(f"block {number}"))  # type: ignore[misc]
    pool.submit(LINE, lambda _: order.put("urgent"), urgent=True)
    assert "urgent" in [order.get(timeout=30) for _ in range(3)]


def test_a_block_without_a_file_is_an_error_and_no_end(pool: CountingPool) -> None:
    assert isinstance(ask(pool, Block(0, 10)), FttuiError)
    assert isinstance(ask(pool, LINE), RowCounts)


def test_a_killed_process_is_replaced(pool: CountingPool) -> None:
    ask(pool, LINE)
    (old,) = pool.pids
    os.kill(old, signal.SIGKILL)
    assert isinstance(ask(pool, LINE), RowCounts)
    assert pool.pids != [old]


def test_none_is_left_after_close(pool: CountingPool) -> None:
    ask(pool, LINE)
    (pid,) = pool.pids
    pool.close()
    assert not is_alive(pid)
    assert pool.pids == []
    pool.submit(LINE, lambda _: pytest.fail("answered after it was closed"))


def test_an_idle_process_ends_and_another_starts() -> None:
    pool = CountingPool("o200k_base", None, in_background=False, processes=1, last_idle_s=0.05)
    try:
        answers: Answers = queue.Queue()
        pids: list[int] = []
        pool.submit(LINE, lambda answer: (pids.extend(pool.pids), answers.put(answer))[1])
        answers.get(timeout=30)
        assert until_gone(pids[0])
        assert isinstance(ask(pool, LINE), RowCounts)
    finally:
        pool.close()


PARENT = """
import queue, sys, time
from fttui.tokens.pool import CountingPool
from fttui.tokens.worker import Lines
pool = CountingPool("o200k_base", None, in_background=False, processes=1, last_idle_s=60)
answers = queue.Queue()
pool.submit(Lines((b"{}",)), answers.put)
answers.get()
print(pool.pids[0], flush=True)
time.sleep(60)
"""


def test_a_process_ends_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    assert until_gone(pid)


def test_a_file_in_the_current_folder_stands_in_for_no_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pool: CountingPool
) -> None:
    (tmp_path / "pickle.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    assert isinstance(ask(pool, LINE), RowCounts)


def test_what_a_process_prints_goes_to_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nos.write(2, b'a panic of a library\\n')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    pool = CountingPool("o200k_base", None, in_background=False, processes=1)
    try:
        assert isinstance(ask(pool, LINE), RowCounts)
    finally:
        pool.close()
    assert "a panic of a library" in log_file().read_text()
