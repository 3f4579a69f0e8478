"""All rules of one example: which are not kept, and where."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from fttui.checks.model import SEVERITIES, Example, Found, Issue, Target
from fttui.checks.rules.length import longest_unread
from fttui.checks.table import RecordCheck, record_checks, record_needs, rules
from fttui.checks.traits import LONG, traits_of
from fttui.formats.kinds import Kind


def check_record(
    record: dict[str, Any], kind: Kind, size: int = 0, model: str | None = None, only: frozenset[str] | None = None
) -> list[tuple[str, Found]]:
    """What the rules of the scope ``record`` find: the rule's id and the place, for all targets.

    Args:
        record: As `fttui.formats.lines.parse_line` reads it.
        kind: What the record is meant to be: the kind of its file.
        size: Bytes of its line; 0 when there is none yet.
        model: The model whose limits count; None: the one that each target names.
        only: The rules that look; None: all.
    """
    traits = traits_of(record, kind)
    if not 0 < size <= unread(kind, model):
        traits |= LONG
    looks = _checks_for(kind, traits, only)
    if not looks:
        return []
    example = Example(record, kind, size, model)
    return [(rule, found) for rule, look in looks for found in look(example)]


@cache
def unread(kind: Kind, model: str | None) -> int:
    """Bytes up to which a line is not counted: it is short enough for every limit, for a token is a byte at least."""
    bytes_ = longest_unread(kind, model)
    return sys.maxsize if bytes_ is None else bytes_


def issues_of(found: Iterable[tuple[str, Found]], line: int | None, targets: Sequence[Target]) -> list[Issue]:
    """What was found as issues for the ``targets``, the worst first; what holds for none of them is left out."""
    issues = [issue for rule, place in found if (issue := _issue(rule, place, line, targets)) is not None]
    return sorted(issues, key=lambda issue: SEVERITIES.index(issue.severity))


def _issue(rule_id: str, found: Found, line: int | None, targets: Sequence[Target]) -> Issue | None:
    rule = rules()[rule_id]
    bad = {
        target: severity
        for target in targets
        if (found.targets is None or target in found.targets) and (severity := rule.severity_for(target)) is not None
    }
    if not bad:
        return None
    worst = min(bad.values(), key=SEVERITIES.index)
    is_fixable = rule.fix is not None and found.is_fixable
    return Issue(line, rule_id, worst, found.message, found.path, is_fixable, tuple(bad), found.column)


@lru_cache(maxsize=1024)
def _checks_for(kind: Kind, traits: int, only: frozenset[str] | None) -> tuple[tuple[str, RecordCheck], ...]:
    """The rules for a kind that may find something in a record with these traits."""
    table, needs = rules(), record_needs()
    return tuple(
        (name, look)
        for name, look in record_checks().items()
        if needs[name] & traits
        and (not table[name].kinds or kind in table[name].kinds)
        and (only is None or name in only)
    )
