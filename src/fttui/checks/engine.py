"""All rules of one example: which are not kept, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from fttui.checks.model import SEVERITIES, Example, Found, Issue, Target
from fttui.checks.table import RecordCheck, record_checks, rules
from fttui.formats.kinds import Kind


def check_record(
    record: dict[str, Any], kind: Kind, size: int = 0, model: str | None = None
) -> list[tuple[str, Found]]:
    """What the rules of the scope ``record`` find: the rule's id and the place, for all targets.

    Args:
        record: As `fttui.formats.lines.parse_line` reads it.
        kind: What the record is meant to be: the kind of its file.
        size: Bytes of its line; 0 when there is none yet.
        model: The model whose limits count; None: the one that each target names.
    """
    example = Example(record, kind, size, model)
    return [(rule, found) for rule, look in _checks_for(kind) for found in look(example)]


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


@cache
def _checks_for(kind: Kind) -> tuple[tuple[str, RecordCheck], ...]:
    table = rules()
    return tuple(
        (name, look) for name, look in record_checks().items() if not table[name].kinds or kind in table[name].kinds
    )
