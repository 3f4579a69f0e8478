"""What many rules need: data quoted in a message, the word that was meant, blank texts, who takes a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from fttui.checks.model import Path, Target
from fttui.checks.targets import Limits, targets
from fttui.formats.kinds import Kind

_QUOTED: Final = 60
_LONGEST_WORD: Final = 40
"""A longer text is nobody's misspelling, and comparing it takes long."""

_NAMES: Final[dict[type, str]] = {
    dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null", int: "a number"
}  # fmt: skip


def quoted(text: str) -> str:
    """The text in quotes, with escapes, cut to 60 characters."""
    return repr(text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…")


def type_name(value: Any) -> str:
    """What a value is in the words of JSON: ``a list``, ``null``."""
    return _NAMES.get(type(value), "a number")


def is_blank(text: str) -> bool:
    """Whether there is nothing in it to read."""
    return not text or text.isspace()


def meant_by(word: str, known: Iterable[str], cutoff: float = 0.8) -> str | None:
    """The known word that a misspelt one stands for, if one is near enough."""
    if len(word) > _LONGEST_WORD:
        return None
    by_name = {_plain(name): name for name in known}
    near = get_close_matches(_plain(word), by_name, 1, cutoff)
    return by_name[near[0]] if near else None


@cache
def takers(kind: Kind) -> tuple[Limits, ...]:
    """The targets that train on files of that kind."""
    return tuple(limits for limits in targets().values() if kind in limits.kinds)


def takers_that(kind: Kind, condition: Callable[[Limits], bool]) -> tuple[Target, ...]:
    """Those of the targets that train on files of that kind for which something holds."""
    return tuple(limits.name for limits in takers(kind) if condition(limits))


def names_of(found: Iterable[Target]) -> str:
    """The targets by their titles, for a message."""
    return ", ".join(targets()[name].title for name in found)


def holder_of(record: dict[str, Any], path: Path) -> Any:
    """The object or list that holds what stands at the path."""
    holder: Any = record
    for key in path[:-1]:
        holder = holder[key]
    return holder


def rename_key(record: dict[str, Any], old: str, new: str) -> None:
    """Give a key another name and leave it where it stands."""
    items = [(new if key == old else key, value) for key, value in record.items()]
    record.clear()
    record.update(items)


def _plain(word: str) -> str:
    return word.strip().casefold().replace("-", "_")
