"""The operators, functions and methods of chat templates, paid for before they make long texts or take long."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NoReturn

from jinja2.exceptions import TemplateError
from jinja2.runtime import Undefined
from jinja2.utils import Namespace

from fttui.templates.allowance import TooMuch, size, spend, taken, walk, work, written

_MOST_BITS: Final = 4_096
_MOST_WIDTH: Final = 1_000
_WIDE: Final = re.compile(r"\d{4}|[*]|\{[^}]*\{")
"""A width in a format that is beyond the widest, or not written in it."""
_PIECE: Final = 64
"""What a piece of a text that is split takes besides its characters."""

METHODS: Final[Mapping[type, frozenset[str]]] = {
    str: frozenset((
        "capitalize", "count", "endswith", "find", "index", "isalnum", "isalpha", "isdecimal", "isdigit", "islower",
        "isnumeric", "isspace", "isupper", "join", "lower", "lstrip", "partition", "removeprefix", "removesuffix",
        "replace", "rfind", "rindex", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip",
        "title", "upper",
    )),
    dict: frozenset(("get", "items", "keys", "values")),
}  # fmt: skip
"""What templates may call of values, beside ``format`` of texts; lists have nothing that they need."""
_BY_PRODUCT: Final = frozenset(("lstrip", "rfind", "rindex", "rpartition", "rsplit", "rstrip", "strip"))
"""Python compares each character of the text with each of the argument in them."""
_SPLITS: Final = frozenset(("rsplit", "split", "splitlines"))

_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
    "in": lambda entry, values: entry in values,
    "notin": lambda entry, values: entry not in values,
}
"""By jinja's names."""


class TemplateNamespace(Namespace):
    """``namespace(…)``, which does not write all that is in it when it is written."""

    def __repr__(self) -> str:
        return "<Namespace>"


def compare(name: str, left: Any, right: Any) -> bool:
    """``left == right`` and the like."""
    if name in ("in", "notin") and isinstance(right, str | Mapping):
        walk(left)
    else:
        walk(left, right)
    return _COMPARISONS[name](left, right)


def pay_for_operator(name: str, left: Any, right: Any) -> None:
    """Pay for what ``left name right`` will be."""
    if isinstance(left, int | float) and isinstance(right, int | float):
        _check_digits(name, left, right)
    elif name == "%" and isinstance(left, str):
        pay_for_format(left, (right,))
    elif name == "+":
        spend(size(left) + size(right))
        if isinstance(left, list | tuple) and isinstance(right, list | tuple):
            spend(written(min(left, right, key=len)))  # the other one's entries are paid for already
    elif name == "*":
        for number, other in ((left, right), (right, left)):
            if isinstance(number, int):
                spend(max(0, number) * written(other))
    elif not isinstance(left, Undefined) and not isinstance(right, Undefined):
        raise TemplateError(f"it uses {name!r} on what is no number")


def _check_digits(name: str, left: float, right: float) -> None:
    """Refuse numbers of very many digits."""
    bits = [number.bit_length() for number in (left, right) if isinstance(number, int)]
    if name == "*":
        bits.append(sum(bits))
    elif name == "**" and isinstance(left, int):
        bits.append(left.bit_length() * int(min(abs(right), _MOST_BITS + 1)))
    if max(bits, default=0) > _MOST_BITS:
        raise TooMuch


def pay_for_format(text: str, values: Iterable[Any]) -> None:
    """Pay for a format filled in with values."""
    if _WIDE.search(text):
        raise TooMuch
    fields = text.count("{") + text.count("%")
    spend(len(text) + fields * (_MOST_WIDTH + max(map(written, values), default=0)))


def pay_for_method(value: Any, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
    """Pay for what a method of ``value`` will return; its arguments to use, read once."""
    if not isinstance(value, str):
        walk(*args)
        return args
    given = (*args, *kwargs.values())
    if name in _BY_PRODUCT:
        work(len(value) * max((len(text) for text in given if isinstance(text, str)), default=1))
    if name in _SPLITS:
        _pay_for_pieces(value, name, given)
    elif name == "replace" and len(args) > 1:
        pay_for_replacement(value, *args[:2])
    elif name == "join" and args:
        return (joined(value, args[0]), *args[1:])
    return args


def _pay_for_pieces(text: str, name: str, given: tuple[Any, ...]) -> None:
    separator = next((value for value in given if isinstance(value, str)), None)
    most = next((value for value in given if isinstance(value, int) and value >= 0), len(text))
    if separator is not None:
        pieces = text.count(separator)
    elif name == "splitlines":
        pieces, most = len(text), len(text)
    else:
        pieces = len(text) // 2  # nobody counts the blanks first
    spend(len(text) + _PIECE * (min(pieces, most) + 1))


def pay_for_replacement(text: str, old: Any, new: Any) -> None:
    """Pay for ``text.replace(old, new)``."""
    if isinstance(old, str) and isinstance(new, str):
        spend(len(text) + (text.count(old) if old else len(text) + 1) * len(new))


def joined(separator: str, values: Any) -> list[Any]:
    """The entries of ``separator.join(values)``, which is paid for."""
    entries = taken(values)
    spend(sum(map(written, entries)) + len(separator) * len(entries))
    return entries


def numbers(*bounds: int) -> range:
    """``range(…)``."""
    made = range(*bounds)
    spend(len(made))
    return made


def new_dict(*args: Any, **kwargs: Any) -> dict[Any, Any]:
    """``dict(…)``."""
    given = [value if isinstance(value, Mapping) else taken(value) for value in args]
    spend(written(given) + written(kwargs))
    return dict(*given, **kwargs)


def raise_exception(message: str) -> NoReturn:
    """How a template refuses a conversation."""
    raise TemplateError(message)


def strftime_now(pattern: str) -> str:
    """Today's date: some templates tell the model."""
    if len(pattern) > _MOST_WIDTH or _WIDE.search(pattern):
        raise TooMuch
    return datetime.now().strftime(pattern)
