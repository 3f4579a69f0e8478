"""The filters and tests that chat templates have: those that real ones use, and few more. All others are unknown here.

Each pays for what it makes and reads before it does; Jinja's own do not, and some of them (``round``, ``sum``, ``int``,
``odd``) can be told to compute for ever.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any, Final

from jinja2 import pass_environment
from jinja2.environment import Environment
from jinja2.exceptions import TemplateError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import Context
from jinja2.tests import TESTS as JINJA_TESTS
from markupsafe import escape

from fttui.templates.allowance import TooMuch, spend, step, taken, work, written
from fttui.templates.operations import compare, joined, pay_for_replacement

_JINJA_TESTS: Final[Mapping[str, Callable[..., bool]]] = dict(JINJA_TESTS)  # type: ignore[arg-type]
_MOST_DIGITS: Final = 1_000
_MOST_PRECISION: Final = 20
_MOST_INDENT: Final = 16
_LINE: Final = 16
"""What the lines of a text take besides their characters, for each character, at most."""


def _text(value: Any) -> str:
    """A value as text. Nothing here is ever marked as safe: nothing is escaped by itself either."""
    if isinstance(value, str):
        return str(value)
    spend(written(value))
    return str(value)


def _of_text(make: Callable[..., str]) -> Callable[..., str]:
    """A filter of a text that makes another."""

    def paid(value: Any, *args: Any, **kwargs: Any) -> str:
        made = make(_text(value), *args, **kwargs)
        spend(len(made))
        return made

    return paid


def _one_by_one(make: Callable[..., Iterator[Any]], *, makes_entries: bool) -> Callable[..., Iterator[Any]]:
    """A filter that takes and gives entries one by one."""

    @wraps(make)  # jinja's marks too
    def paid(context: Context, values: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        for entry in make(context, taken(values) if values else (), *args, **kwargs):
            step()
            if makes_entries and not isinstance(entry, str):
                spend(written(entry))
            yield entry

    return paid


def _keyed(make: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that makes a key of each entry, and compares those."""

    @wraps(make)
    def paid(environment: Environment, values: Any, *args: Any, **kwargs: Any) -> Any:
        entries = taken(values)
        spend(written(entries))
        return make(environment, entries, *args, **kwargs)

    return paid


def _dictsort(value: Mapping[Any, Any], *args: Any, **kwargs: Any) -> Any:
    spend(written(value))
    return JINJA_FILTERS["dictsort"](value, *args, **kwargs)


def _trim(text: str, chars: str | None = None) -> str:
    work(len(text) * len(chars or " "))
    return text.strip(chars)


def _replace(text: str, old: Any, new: Any, count: int | None = None) -> str:
    before, after = _text(old), _text(new)
    pay_for_replacement(text, before, after)
    return text.replace(before, after, -1 if count is None else count)


def _indent(text: str, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    """Indents all lines but the first (unless ``first``) and the blank ones (unless ``blank``)."""
    spend(width if isinstance(width, int) else len(width))
    before = " " * width if isinstance(width, int) else width
    spend(_LINE * len(text))
    lines = f"{text}\n".splitlines()
    spend(len(lines) * len(before))
    indented = [before + line if line or blank else line for line in lines[1:]]
    return "\n".join([before + lines[0] if first else lines[0], *indented])


def _join(values: Any, d: Any = "", attribute: str | None = None) -> str:
    entries = taken(values)
    if attribute is not None:
        entries = [value.get(attribute, "") if isinstance(value, Mapping) else "" for value in entries]
    separator = _text(d)
    return separator.join(map(str, joined(separator, entries)))


def _list(values: Any) -> list[Any]:
    return taken(values)


def _reverse(values: Any) -> Any:
    if isinstance(values, str):
        spend(len(values))
        return values[::-1]
    return reversed(taken(values))


@pass_environment
def _sum(environment: Environment, values: Any, attribute: str | None = None, start: Any = 0) -> Any:
    """Of numbers only: lists put behind one another one by one are copied again and again."""
    entries = taken(values)
    if attribute is not None:
        entries = [environment.getitem(entry, attribute) for entry in entries]
    if not all(isinstance(number, int | float) for number in (start, *entries)):
        raise TemplateError("it uses 'sum' on what are no numbers")
    return sum(entries, start)


def _int(value: Any, default: Any = 0, base: int = 10) -> Any:
    _check_length(value)
    return JINJA_FILTERS["int"](value, default, base)


def _float(value: Any, default: Any = 0.0) -> Any:
    _check_length(value)
    return JINJA_FILTERS["float"](value, default)


def _check_length(value: Any) -> None:
    if isinstance(value, str) and len(value) > _MOST_DIGITS:
        raise TooMuch


def _round(value: Any, precision: int = 0, method: str = "common") -> Any:
    """Jinja's, which computes ``10 ** precision`` as it is told to."""
    if not isinstance(precision, int) or abs(precision) > _MOST_PRECISION:
        raise TooMuch
    return JINJA_FILTERS["round"](value, precision, method)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """Transformers' filter. Jinja's own escapes HTML; models were trained on plain JSON."""
    if indent is not None and not 0 <= int(indent) <= _MOST_INDENT:
        raise TooMuch
    if separators is not None and sum(map(len, separators)) > _MOST_INDENT:
        raise TooMuch
    spend(written(value))
    encoder = json.JSONEncoder(
        ensure_ascii=ensure_ascii,
        indent=None if indent is None else int(indent),
        separators=separators,
        sort_keys=sort_keys,
    )
    if indent is None:
        text = encoder.encode(value)
        spend(len(text))
        return text
    pieces = []
    for piece in encoder.iterencode(value):  # lines far inside may be mostly indent
        spend(len(piece))
        pieces.append(piece)
    return "".join(pieces)


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    **{name: JINJA_FILTERS[name] for name in ("abs", "count", "d", "default", "first", "items", "last", "length")},
    **{name: _keyed(JINJA_FILTERS[name]) for name in ("max", "min", "sort", "unique")},
    **{
        name: _one_by_one(JINJA_FILTERS[name], makes_entries=name == "map")
        for name in ("map", "reject", "rejectattr", "select", "selectattr")
    },
    "capitalize": _of_text(str.capitalize),
    "dictsort": _dictsort,
    "e": _of_text(lambda text: str(escape(text))),
    "escape": _of_text(lambda text: str(escape(text))),
    "float": _float,
    "indent": _of_text(_indent),
    "int": _int,
    "join": _join,
    "list": _list,
    "lower": _of_text(str.lower),
    "replace": _of_text(_replace),
    "reverse": _reverse,
    "round": _round,
    "safe": _text,
    "string": _text,
    "sum": _sum,
    "title": _of_text(JINJA_FILTERS["title"]),
    "tojson": _to_json,
    "trim": _of_text(_trim),
    "upper": _of_text(str.upper),
}


def _comparison(name: str) -> Callable[[Any, Any], bool]:
    return lambda left, right: compare(name, left, right)


def _of_number(test: Callable[..., bool]) -> Callable[..., bool]:
    """``odd`` and the like, which would take a text with ``%`` as a format to fill in."""

    def checked(*values: Any) -> bool:
        return all(isinstance(value, int | float) for value in values) and test(*values)

    return checked


TESTS: Final[Mapping[str, Callable[..., bool]]] = {
    **{
        name: _JINJA_TESTS[name]
        for name in (
            "boolean", "defined", "false", "float", "integer", "iterable", "mapping", "none", "number", "sameas",
            "sequence", "string", "true", "undefined",
        )
    },
    **{name: _of_number(_JINJA_TESTS[name]) for name in ("divisibleby", "even", "odd")},
    **{
        written_so: _comparison(name)
        for name, names in {
            "eq": ("==", "eq", "equalto"),
            "ne": ("!=", "ne"),
            "lt": ("<", "lt", "lessthan"),
            "lteq": ("<=", "le"),
            "gt": (">", "gt", "greaterthan"),
            "gteq": (">=", "ge"),
            "in": ("in",),
        }.items()
        for written_so in names
    },
}  # fmt: skip
