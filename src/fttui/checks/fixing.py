"""Mending an example: the fixes of the rules that it breaks, until none of them has anything left to mend."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Sequence
from typing import Any, Final, TypeAlias

from fttui.checks.engine import check_record, issues_of
from fttui.checks.model import Issue, Path, Rule, Target
from fttui.checks.table import record_fixes, rules
from fttui.formats.kinds import Kind
from fttui.formats.lines import parse_exact
from fttui.formats.style import PYTHON_STYLE, JsonStyle, dump_line, style_of

MOST_ROUNDS: Final = 100
"""How many rules may be mended one after the other in one record; a usual one needs two or three."""

_Step: TypeAlias = tuple[str, tuple[Path, ...]]


def is_wanted(rule: Rule, only: Collection[str] | None, recommended: bool) -> bool:
    """Whether a rule's fix was asked for: it has one, it is necessary or ``recommended`` ones go too, ``only`` names it."""
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
    done: list[str] = []
    given_up: set[_Step] = set()
    for _ in range(MOST_ROUNDS):
        step = _next_step(record, kind, targets, only, recommended, given_up)
        if step is None:
            break
        rule, paths = step
        mend = record_fixes()[rule]
        before = json.dumps(record)
        mended = 0
        for path in paths:
            # what was mended before may have moved this place; the next round finds it where it is then
            with contextlib.suppress(LookupError, TypeError, AttributeError, ValueError):
                mend(record, path)
                mended += 1
        if json.dumps(record) == before:  # a fix that mends nothing would be called for ever
            given_up.add(step)
        else:
            done += [rule] * mended
    return tuple(done)


def _next_step(
    record: dict[str, Any],
    kind: Kind,
    targets: Sequence[Target],
    only: Collection[str] | None,
    recommended: bool,
    given_up: Collection[_Step],
) -> _Step | None:
    """The first rule with something to mend, and where: the last place first, so that what goes moves none of them."""
    fixes = record_fixes()
    places: dict[str, list[Path]] = {}
    for issue in issues_of(check_record(record, kind), None, targets):
        if issue.is_fixable and issue.rule in fixes and is_wanted(rules()[issue.rule], only, recommended):
            places.setdefault(issue.rule, []).append(issue.path)
    steps = ((rule, tuple(dict.fromkeys(reversed(paths)))) for rule, paths in places.items())
    return next((step for step in steps if step not in given_up), None)
