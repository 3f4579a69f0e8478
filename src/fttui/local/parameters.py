"""Reading what a client sent: JSON bodies and paging, each mistake told with its parameter."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from fttui.core.text import one_line
from fttui.local.errors import bad_request
from fttui.local.surrogates import encodable

T = TypeVar("T")

_AT_ONCE: Final = 256 * 1024
"""Bytes of a body that is read while all other requests wait; some hundredths of a second."""
_SHOWN: Final = 60
_REPR: Final = reprlib.Repr()
_REPR.maxstring = _REPR.maxlong = _REPR.maxother = 2 * _SHOWN


@dataclass(frozen=True, slots=True)
class Page:
    """What part of a list is wanted: at most ``limit`` items behind the one called ``after``."""

    limit: int
    after: str | None


async def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        ApiError: 400: it is none.
    """
    return await json_read(request, lambda body: body)


async def json_read(request: Request, read: Callable[[dict[str, Any]], T]) -> T:
    """What ``read`` makes of the body, a JSON object; with a large one all of that is done in a thread.

    Raises:
        ApiError: 400: it is none.
    """
    body = await request.body()
    if len(body) <= _AT_ONCE:
        return read(_parsed(body))
    return await run_in_threadpool(lambda: read(_parsed(body)))


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        value = encodable(json.loads(body))
    except (ValueError, RecursionError) as error:
        raise bad_request(f"The body of the request is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise bad_request("The body of the request must be a JSON object.")
    return value


def refuse_unknown(body: Mapping[str, Any], known: Iterable[str], within: str = "") -> None:
    """400 for the first parameter that is not ``known``; ``within`` names the parameter that they are part of."""
    unknown = set(body) - set(known)
    if unknown:
        name = f"{within}." * bool(within) + one_line(min(unknown), 200)
        raise bad_request(f"Unknown parameter: '{name}'.", name, "unknown_parameter")


def refuse_unsupported(body: Mapping[str, Any], neutral: Mapping[str, tuple[object, ...]]) -> None:
    """400 for a parameter that asks for what this server cannot do; its ``neutral`` values ask for nothing."""
    for name, values in neutral.items():
        value = body.get(name)
        if value is not None and value not in values:
            raise bad_request(
                f"The local server does not support '{name}' = {_shown(value)}.", name, "unsupported_parameter"
            )


def page_of(request: Request, *, default: int, most: int) -> Page:
    """``limit`` and ``after`` of the query."""
    raw = request.query_params.get("limit")
    try:
        limit = default if raw is None else int(raw)
    except ValueError:
        raise bad_request(f"'limit' must be a whole number, not {_shown(raw)}.", "limit", "invalid_type") from None
    if not 1 <= limit <= most:
        raise bad_request(f"'limit' must be from 1 to {most}, not {limit}.", "limit", "invalid_value")
    return Page(limit, request.query_params.get("after"))


def number(
    body: Mapping[str, Any],
    name: str,
    *,
    least: float,
    most: float,
    whole: bool = False,
    above: bool = False,
    label: str | None = None,
) -> float | None:
    """A number of the body from ``least`` (or above it) to ``most``; None when it is absent or null."""
    value = body.get(name)
    label = label or name
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        kind = "a whole number" if whole else "a number"
        raise bad_request(f"'{label}' must be {kind}, not {_shown(value)}.", label, "invalid_type")
    if not least <= value <= most or (above and value == least):
        start = "above" if above else "from"
        raise bad_request(
            f"'{label}' must be {start} {least:g} to {most:g}, not {_shown(value)}.", label, "invalid_value"
        )
    return float(value) if not whole else value


def text(body: Mapping[str, Any], name: str, *, most: int) -> str | None:
    """A string of the body of at most ``most`` characters; None when it is absent or null."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise bad_request(f"'{name}' must be a string, not {_shown(value)}.", name, "invalid_type")
    if not 1 <= len(value) <= most:
        raise bad_request(f"'{name}' must be 1 to {most} characters long, not {len(value)}.", name, "invalid_value")
    return value


def required_text(body: Mapping[str, Any], name: str, *, most: int = 512) -> str:
    """Like `text`, for a parameter that must be there."""
    value = text(body, name, most=most)
    if value is None:
        raise bad_request(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
    return value


def _shown(value: object) -> str:
    """A client's value, short enough for a sentence."""
    return one_line(_REPR.repr(value), _SHOWN)
