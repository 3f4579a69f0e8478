"""Gathering the facts of rows that have been edited, whose bytes the processes cannot read themselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import Final, TypeAlias

from fttui.checks.kept_facts import KeptFacts
from fttui.checks.live_feed import some
from fttui.checks.pool import CheckingPool
from fttui.checks.rows import BlockChecks
from fttui.checks.worker import Lines
from fttui.core.errors import FttuiError

_IN_FLIGHT: Final = 4
"""Requests that wait or are worked on."""
_LOOK_S: Final = 0.1

_Answers: TypeAlias = SimpleQueue[BlockChecks | FttuiError]


def facts_of(lines: Iterable[bytes], pool: CheckingPool, is_closed: Callable[[], bool]) -> tuple[KeptFacts, int] | None:
    """The facts of these lines together, and their bytes; None when ``is_closed`` says that nobody waits any more.

    Raises:
        FttuiError: Lines could not be checked.
        OSError: Lines could not be read.
    """
    facts = KeptFacts()
    size = 0
    rest = iter(lines)
    waiting: deque[_Answers] = deque()
    while True:
        batch = tuple(some(rest)) if len(waiting) < _IN_FLIGHT else ()
        if batch:
            size += sum(map(len, batch)) + len(batch)
            answers: _Answers = SimpleQueue()
            pool.submit(Lines(batch), answers.put)
            waiting.append(answers)
        elif waiting:
            answer = _get(waiting.popleft(), is_closed)
            if answer is None:
                return None
            facts.extend(answer.facts)
        else:
            return facts, size


def _get(answers: _Answers, is_closed: Callable[[], bool]) -> BlockChecks | None:
    """An answer; None when there will be none. Raises `FttuiError` when it is one."""
    while not is_closed():
        try:
            answer = answers.get(timeout=_LOOK_S)
        except Empty:
            continue
        if isinstance(answer, FttuiError):
            raise answer
        return answer
    return None
