"""Checking one record in the tests of the rules."""

from __future__ import annotations

import copy
from typing import Any

from fttui.checks.engine import check_record, issues_of
from fttui.checks.model import Found
from fttui.checks.table import record_fixes
from fttui.formats.kinds import Kind


def found(rule: str, record: dict[str, Any], kind: Kind = "chat") -> list[Found]:
    """What one rule finds in a record."""
    return [place for name, place in check_record(record, kind) if name == rule]


def rules_for(record: dict[str, Any], target: str, kind: Kind = "chat") -> set[str]:
    """The rules that are broken for a target."""
    return {issue.rule for issue in issues_of(check_record(record, kind), 1, [target])}


def fixed(rule: str, record: dict[str, Any], kind: Kind = "chat") -> dict[str, Any]:
    """A copy in which all is mended that one rule finds and can mend."""
    copied = copy.deepcopy(record)
    for _ in range(50):
        place = next((place for place in found(rule, copied, kind) if place.is_fixable), None)
        if place is None:
            return copied
        record_fixes()[rule](copied, place.path)
    raise AssertionError(f"the fix of {rule} does not end")


def chat(*messages: Any, **more: Any) -> dict[str, Any]:
    """A chat of messages; a string is a message of the user and the assistant by turns."""
    roles = ("user", "assistant")
    return {
        "messages": [
            {"role": roles[number % 2], "content": message} if isinstance(message, str) else message
            for number, message in enumerate(messages)
        ],
        **more,
    }
