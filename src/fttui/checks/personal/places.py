"""Where in one example personal data stands: what `personal` counts over a file, told of a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fttui.checks.model import Issue, Path, Target
from fttui.checks.personal.personal import CARD, EMAIL, IBAN, PHONE, places
from fttui.checks.personal.secrets import SECRET
from fttui.checks.table import rules
from fttui.checks.words import quoted
from fttui.formats.lines import parse_line

_NAMES: Final = {
    SECRET: "a key or token",
    CARD: "a card number",
    IBAN: "an account number",
    EMAIL: "an e-mail address",
    PHONE: "a telephone number",
}
_AROUND: Final = {
    SECRET: re.compile(rb"[A-Za-z0-9_.-]+"),
    CARD: re.compile(rb"[0-9][0-9 -]+[0-9]"),
    IBAN: re.compile(rb"[A-Z]{2}[0-9]{2}[A-Z0-9 ]+[A-Z0-9]"),
    EMAIL: re.compile(rb"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+[A-Za-z0-9]"),
    PHONE: re.compile(rb"[(+0-9][0-9 ().-]+[0-9]"),
}
"""What a place is a part of."""
_BEFORE: Final = 70
"""Bytes before a place in which its text may begin."""
_BEHIND: Final = 300
_SHOWN: Final = 48
"""Bytes of a place that no pattern is found around."""
_MOST: Final = 20
"""Issues of one example."""


def personal_issues(raw: bytes, line: int, targets: Sequence[Target]) -> list[Issue]:
    """An issue for each piece of personal data and each secret in a line, each text once.

    Args:
        raw: The line.
        line: Its number, from 1.
        targets: Those asked about.
    """
    found: dict[tuple[str, str], None] = {}
    for rule, at in places(raw):
        found.setdefault((rule, _text_at(raw, rule, at)))
        if len(found) == _MOST:
            break
    if not found:
        return []
    record = parse_line(raw).value
    table = rules()
    issues: list[Issue] = []
    for rule, text in found:
        for_whom = tuple(target for target in targets if table[rule].severity_for(target))
        severities = {table[rule].severity_for(target) for target in for_whom}
        severity = next((each for each in ("error", "warning", "info") if each in severities), None)
        if severity is not None:
            message = f"{_NAMES[rule]}: {quoted(text)}"
            issues.append(Issue(line, rule, severity, message, _path_of(text, record), False, for_whom))
    return issues


def _text_at(raw: bytes, rule: str, at: int) -> str:
    """The address, number or key that a place is in."""
    start = max(0, at - _BEFORE)
    for found in _AROUND[rule].finditer(raw, start, at + _BEHIND):
        if found.start() <= at < found.end():
            first = found.start()
            if first and raw[first - 1] == ord("\\"):
                first += 1  # the n of an escaped line break
            return raw[first : found.end()].decode("ascii")
    return raw[at : at + _SHOWN].decode("utf-8", "replace")


def _path_of(text: str, value: Any) -> Path:
    """The path of the first text that holds it; () when none does as it is written."""
    return next((path for path, string in _strings(value) if text in string), ())


def _strings(value: Any) -> Iterator[tuple[Path, str]]:
    waiting: list[tuple[Path, Any]] = [((), value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            waiting += [((*path, key), each) for key, each in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [((*path, number), each) for number, each in reversed([*enumerate(value)])]
