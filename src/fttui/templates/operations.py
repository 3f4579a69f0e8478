"""The filters, functions and methods of chat templates that can make long texts: paid for before they do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, Final, NoReturn

from jinja2.exceptions import TemplateError

from fttui.templates.allowance import TooMuch, size, spend, written

STRETCHING: Final = frozenset(("ljust", "rjust", "center", "zfill", "expandtabs"))
"""Methods that make a text as wide as they are told."""

_MOST_BITS: Final = 4_096
_MOST_WIDTH: Final = 1_000
_WIDE: Final = re.compile(r"\d{4}|[*]|\{[^}]*\{")
"""A width in a format that is beyond the widest, or not written in it."""
_MOST_INDENT: Final = 16


def paid_filter(make: Callable[..., Any], *, of_text: bool) -> Callable[..., Any]:
    """A filter whose result is paid for.

    Args:
        of_text: Whether it writes its value as text first; that is paid for too.
    """

    @wraps(make)  # jinja's marks too
    def paid(*args: Any, **kwargs: Any) -> Any:
        if of_text:
            spend(sum(written(value) for value in args if isinstance(value, list | tuple | Mapping)))
        result = make(*args, **kwargs)
        spend(size(result))
        return result

    return paid


def pay_for_operator(operator: str, left: Any, right: Any) -> None:
    """Pay for what ``left operator right`` will be, of ``+ * ** %``."""
    if operator == "%" and isinstance(left, str):
        pay_for_format(left, (right,))
    elif operator == "+":
        spend(size(left) + size(right))
    elif isinstance(left, int) and isinstance(right, int):
        _check_digits(operator, left, right)
    elif operator == "*":
        for number, other in ((left, right), (right, left)):
            if isinstance(number, int) and not isinstance(other, float):
                spend(max(0, number) * size(other))


def _check_digits(operator: str, left: int, right: int) -> None:
    """Refuse numbers of very many digits."""
    bits = {"*": left.bit_length() + right.bit_length(), "**": left.bit_length() * abs(right)}
    if bits.get(operator, 0) > _MOST_BITS:
        raise TooMuch


def pay_for_format(text: str, values: Iterable[Any]) -> None:
    """Pay for a format filled in with values."""
    if _WIDE.search(text):
        raise TooMuch
    fields = text.count("{") + text.count("%")
    spend(len(text) + fields * (_MOST_WIDTH + max(map(written, values), default=0)))


def pay_for_method(text: str, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
    """Pay for what a method of ``text`` will return; its arguments to use, read once."""
    if name in STRETCHING:
        width = next((value for value in (*args, *kwargs.values()) if isinstance(value, int)), 8)
        spend(width * (len(text) if name == "expandtabs" else 1))
    elif name == "replace" and len(args) > 1:
        _pay_for_replacement(text, *args[:2])
    elif name == "join" and args:
        items = list(args[0])
        spend(sum(map(size, items)) + len(text) * len(items))
        return (items, *args[1:])
    return args


def _pay_for_replacement(text: str, old: Any, new: Any) -> None:
    if isinstance(old, str) and isinstance(new, str):
        spend(len(text) + (text.count(old) if old else len(text) + 1) * len(new))


def join(values: Iterable[Any], d: str = "", attribute: str | None = None) -> str:
    """Jinja's filter."""
    if attribute is not None:
        values = [value.get(attribute, "") if isinstance(value, Mapping) else "" for value in values]
    items = list(values)
    spend(sum(map(written, items)) + len(str(d)) * len(items))
    return str(d).join(map(str, items))


def replace(text: Any, old: Any, new: Any, count: int | None = None) -> str:
    """Jinja's filter."""
    before, after = str(old), str(new)
    _pay_for_replacement(str(text), before, after)
    return str(text).replace(before, after, -1 if count is None else count)


def indent(text: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    """Jinja's filter: indents all lines but the first (unless ``first``) and the blank ones (unless ``blank``)."""
    spend(width if isinstance(width, int) else len(width))
    before = " " * width if isinstance(width, int) else width
    lines = f"{text}\n".splitlines()
    spend(len(lines) * len(before))
    indented = [before + line if line or blank else line for line in lines[1:]]
    return "\n".join([before + lines[0] if first else lines[0], *indented])


def to_json(
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
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def numbers(*bounds: int) -> range:
    """``range(…)``."""
    made = range(*bounds)
    spend(len(made))
    return made


def raise_exception(message: str) -> NoReturn:
    """How a template refuses a conversation."""
    raise TemplateError(message)


def strftime_now(pattern: str) -> str:
    """Today's date: some templates tell the model."""
    if len(pattern) > _MOST_WIDTH or _WIDE.search(pattern):
        raise TooMuch
    return datetime.now().strftime(pattern)
