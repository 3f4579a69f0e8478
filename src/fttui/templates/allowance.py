"""What a chat template may use up while it is rendered: time, and room for the texts and lists that it makes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from jinja2.exceptions import TemplateError

_MOST_SECONDS: Final = 1.0
"""Of this thread's own computing, whatever else the machine does."""
_MOST_SIZE: Final = 20_000_000
"""Characters and list entries that a template may make beyond what the conversation itself asks for."""
_SIZE_A_CHARACTER: Final = 100
"""The same, for each character of the conversation."""
_NUMBER: Final = 64
"""About the length of anything else as text."""


class TooMuch(TemplateError):
    """A template does more than any chat template has to."""

    def __init__(self) -> None:
        super().__init__("it runs too long or makes too much text")


class _Allowance:
    """What is left for one rendering."""

    def __init__(self, size: int) -> None:
        self.left = float(size)
        self.end = time.thread_time() + _MOST_SECONDS


_current: ContextVar[_Allowance] = ContextVar("allowance")


@contextmanager
def allowance(given: int) -> Iterator[None]:
    """Let templates be compiled and rendered within.

    Args:
        given: Characters of the conversation.
    """
    token = _current.set(_Allowance(_MOST_SIZE + _SIZE_A_CHARACTER * given))
    try:
        yield
    finally:
        _current.reset(token)


def step() -> None:
    """Pay for a round of a loop or a call.

    Raises:
        TooMuch: No time is left.
    """
    if time.thread_time() > _current.get().end:
        raise TooMuch


def spend(length: int) -> None:
    """Pay for something of a length.

    Raises:
        TooMuch: No time or no room is left.
    """
    step()
    now = _current.get()
    now.left -= min(length, 1 << 62)
    if now.left < 0:
        raise TooMuch


def size(value: Any) -> int:
    """The length of a text or list; 1 for anything else."""
    return len(value) if isinstance(value, str | list | tuple | dict | bytes) else 1


def size_of(conversation: Sequence[Any]) -> int:
    """About the length of a conversation as text, for its `allowance`.

    Raises:
        RecursionError: It is nested too deeply.
        TooMuch: It is too long to be looked at.
    """
    with allowance(0):
        return written(list(conversation))


def written(value: Any) -> int:
    """About the length of a value as text.

    Raises:
        TooMuch: No time is left to look at all of it.
    """
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, list | tuple | Mapping):
        return _NUMBER
    step()
    if isinstance(value, Mapping):
        return sum(written(key) + written(item) + 6 for key, item in value.items())
    return sum(written(item) + 4 for item in value)
