"""Mending an example: the fixes of the rules that it breaks, until none of them has anything left to mend."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from fttui.checks.engine import check_record, issues_of
from fttui.checks.model import Path, Rule, Target
from fttui.checks.rules.lines import check_line
from fttui.checks.table import record_fixes, rules
from fttui.formats.kinds import Kind
from fttui.formats.lines import BOM, parse_exact
from fttui.formats.style import PYTHON_STYLE, JsonStyle, dump_line, style_of

MOST_ROUNDS: Final = 100
"""How many rules may be mended one after the other in one record; a usual one needs two or three."""
_KEYS_TWICE: Final = "duplicate-keys"

_Step: TypeAlias = tuple[str, tuple[Path, ...]]


def is_wanted(rule: Rule, only: Collection[str] | None, recommended: bool) -> bool:
    """Whether a rule has a fix that was asked for: ``only`` names it, and ``recommended`` ones go too or it is none."""
    return rule.fix is not None and (recommended or rule.fix == "necessary") and (only is None or rule.id in only)


def fix_record(
    record: dict[str, Any],
    kind: Kind,
    targets: Sequence[Target],
    only: Collection[str] | None = None,
    recommended: bool = True,
) -> tuple[str, ...]:
    """Mend a record in place until no fix finds anything left to do; the rules mended, once for each place.

    Args:
        record: As `fttui.formats.lines.parse_exact` reads it; numbers and keys that no fix is about stay as they are.
        kind: The kind of its file.
        targets: For whom it is to be right.
        only: The rules to mend; None: all that have a fix.
        recommended: Whether fixes go too that are only good to have.
    """
    return _fix(record, kind, targets, _wanted(only if only is None else frozenset(only), recommended))


def _fix(record: dict[str, Any], kind: Kind, targets: Sequence[Target], wanted: frozenset[str]) -> tuple[str, ...]:
    done: list[str] = []
    given_up: set[_Step] = set()
    for _ in range(MOST_ROUNDS):
        steps = _steps(record, kind, targets, wanted)
        step = next((step for step in steps if step not in given_up), None)
        if step is None:
            break
        before = json.dumps(record)
        mended = _mend(record, *step)
        if json.dumps(record) == before:  # a fix that mends nothing would be called for ever
            given_up.add(step)
        else:
            done += [step[0]] * mended
    return tuple(done)


def _steps(record: dict[str, Any], kind: Kind, targets: Sequence[Target], wanted: frozenset[str]) -> Iterator[_Step]:
    """The rules with something to mend, and where: the last place first, so that what is deleted moves none of them."""
    places: dict[str, list[Path]] = {}
    for issue in issues_of(check_record(record, kind, only=wanted), None, targets):
        if issue.is_fixable:
            places.setdefault(issue.rule, []).append(issue.path)
    for rule, paths in places.items():
        yield rule, tuple(dict.fromkeys(reversed(paths)))


@lru_cache(maxsize=64)
def _wanted(only: frozenset[str] | None, recommended: bool) -> frozenset[str]:
    """The rules whose fixes for a record were asked for."""
    return frozenset(name for name in record_fixes() if is_wanted(rules()[name], only, recommended))


def _mend(record: dict[str, Any], rule: str, paths: Sequence[Path]) -> int:
    """Mend a rule at its places; the number of places where that could be done."""
    mended = 0
    for path in paths:
        # what was mended before may have moved this place: the next round finds it where it is then
        with contextlib.suppress(LookupError, TypeError, AttributeError, ValueError):
            record_fixes()[rule](record, path)
            mended += 1
    return mended


def fix_line(
    raw: bytes,
    kind: Kind,
    targets: Sequence[Target],
    only: Collection[str] | None = None,
    recommended: bool = True,
    *,
    row: int = 0,
    style: JsonStyle = PYTHON_STYLE,
) -> tuple[bytes, tuple[str, ...]]:
    """Mend a line and write it as it was written; itself when there is nothing to mend or it cannot be read.

    The line's ending stays. A line with a key twice is left alone unless that may be mended too: it cannot be written
    anew without losing a value.

    Args:
        raw: The line, with or without its ending.
        kind: As in `fix_record`, and so are ``targets``, ``only`` and ``recommended``.
        row: From 0: a byte order mark belongs to the file at its beginning, and is a mistake elsewhere.
        style: How to write what the line does not show (`fttui.formats.style`).

    Returns:
        The line, and the rules mended, once for each place.
    """
    body = raw.rstrip(b"\r\n")
    bom = BOM if body.startswith(BOM) else b""
    parsed = parse_exact(body)
    if not isinstance(parsed.value, dict):
        return raw, ()
    record = parsed.value
    wanted = _wanted(only if only is None else frozenset(only), recommended)
    done = _fix_oddities(record, body, row, targets, wanted)
    if parsed.repeated and _KEYS_TWICE not in done:
        return raw, ()
    done += _fix(record, kind, targets, wanted)
    if not done:
        return raw, ()
    keeps_bom = bom and "bom-inside" not in done
    new = dump_line(record, style_of(body.removeprefix(BOM), style))
    return (bom if keeps_bom else b"") + new + raw[len(body) :], done


def _fix_oddities(
    record: dict[str, Any], body: bytes, row: int, targets: Sequence[Target], wanted: frozenset[str]
) -> tuple[str, ...]:
    """Mend what the rules of the scope ``line`` find in a line that can be read all the same."""
    if not any(rules()[name].scope == "line" for name in wanted):
        return ()
    done: list[str] = []
    for issue in issues_of(check_line(body, row, False), None, targets):
        if issue.is_fixable and issue.rule in wanted:
            record_fixes()[issue.rule](record, issue.path)
            done.append(issue.rule)
    return tuple(done)
