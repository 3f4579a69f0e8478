"""What a chat template may use up while it is rendered: time, and room for the texts and lists that it makes."""

from __future__ import annotations

import time
from collections.abc import ItemsView, Iterator, KeysView, Mapping, Sequence, ValuesView
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
"""About the room that anything else takes, and its length as text."""
_ENTRY: Final = 16
"""What an entry of a list takes besides itself, and its separators as text."""
_POINTER: Final = 8
"""What it takes where the entry is there already."""
_MOST_WORK: Final = 50_000_000
"""Steps of what Python does in one go, while nobody can look at the clock: a tenth of a second or so."""


_HOLDERS: Final = list | tuple | Mapping | KeysView | ValuesView | ItemsView
"""What has other values in it."""


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


def work(steps: int) -> None:
    """Refuse what takes very many steps in one go.

    Raises:
        TooMuch: It takes too many, or no time is left.
    """
    step()
    if steps > _MOST_WORK:
        raise TooMuch


def walk(*values: Any) -> None:
    """Refuse what has too much in it to be compared or hashed; texts and numbers never do.

    Raises:
        TooMuch: It has.
    """
    work(sum(written(value) for value in values if isinstance(value, _HOLDERS)))


def size(value: Any) -> int:
    """The length of a text, the room of a list without its entries; 1 for anything else."""
    if isinstance(value, list | tuple | dict):
        return _POINTER * len(value)
    return len(value) if isinstance(value, str | bytes) else 1


def taken(values: Any) -> list[Any]:
    """All entries of a list, or of what comes one by one, paid for.

    Raises:
        TooMuch: There are too many.
    """
    if isinstance(values, list | tuple):
        spend(size(values))
        return list(values)
    if isinstance(values, str | range | _HOLDERS):
        spend(_NUMBER * len(values))
        return list(values)
    entries = []
    for entry in values:
        spend(_NUMBER)
        entries.append(entry)
    return entries


def size_of(conversation: Sequence[Any]) -> int:
    """About the length of a conversation as text, for its `allowance`.

    Raises:
        RecursionError: It is nested too deeply.
        TooMuch: It is too long to be looked at.
    """
    with allowance(0):
        return written(list(conversation))


def written(value: Any) -> int:
    """About the length of a value as text, or the room that it would take if none of it were there yet.

    Raises:
        TooMuch: No time is left to look at all of it.
    """
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, _HOLDERS):
        return _NUMBER
    step()
    if isinstance(value, Mapping):
        return sum(written(key) + written(item) + _ENTRY for key, item in value.items())
    return sum(written(item) + _ENTRY for item in value)
