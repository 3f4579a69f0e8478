"""The table of all rules: their words come from TOML files, their functions register themselves by id."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fttui.checks.model import Example, Found, Path, Rule, Target
from fttui.checks.traits import ANY

if TYPE_CHECKING:
    from fttui.checks.whole.facts import FileFacts

MODULES: Final = (
    "lines", "messages", "turns", "content", "weight", "names", "tools", "tool_calls",
    "tool_arguments", "functions", "images", "preference", "reinforcement",
    "completion", "gemini", "bedrock", "shapes", "length", "whole_file", "personal",
)  # fmt: skip
"""The modules of `fttui.checks.rules`, in the order in which their rules are listed."""

RecordCheck = Callable[[Example], Iterable[Found]]
RecordFix = Callable[[dict[str, Any], Path], None]
"""Changes a record, in place, at the path of what was found."""


class FilePlan(NamedTuple):
    """What the fix of a rule of the scope ``file`` does.

    Attributes:
        delete: Rows (from 0) that go.
        edit: Changes a record in place; None: no record changes.
        bom: Whether the file is to begin with a byte order mark; None: as it does.
    """

    delete: Sequence[int] = ()
    edit: Callable[[dict[str, Any]], None] | None = None
    bom: bool | None = None


FileFix = Callable[["FileFacts", Sequence[Target]], FilePlan]
FileCheck = Callable[["FileFacts"], Iterable[tuple[int | None, Found]]]
"""Gives rows (from 0; None: the file) and what is wrong there."""

_checks: dict[str, RecordCheck] = {}
_needs: dict[str, int] = {}
_fixes: dict[str, RecordFix] = {}
_file_fixes: dict[str, FileFix] = {}
_file_checks: dict[str, FileCheck] = {}


def check(rule: str, needs: int = ANY) -> Callable[[RecordCheck], RecordCheck]:
    """Register the function that finds where the rule of that id (scope ``record``) is not kept.

    Args:
        rule: The id.
        needs: Traits of which a record must have one, or the rule finds nothing in it (`fttui.checks.traits`).
    """

    def register(function: RecordCheck) -> RecordCheck:
        _checks[rule] = function
        _needs[rule] = needs
        return function

    return register


def fix(rule: str) -> Callable[[RecordFix], RecordFix]:
    """Register the function that mends one place where the rule of that id is not kept."""

    def register(function: RecordFix) -> RecordFix:
        _fixes[rule] = function
        return function

    return register


def file_check(rule: str) -> Callable[[FileCheck], FileCheck]:
    """Register the function that finds where the rule of that id (scope ``file``) is not kept."""

    def register(function: FileCheck) -> FileCheck:
        _file_checks[rule] = function
        return function

    return register


def file_fix(rule: str) -> Callable[[FileFix], FileFix]:
    """Register the function that plans how the whole file is mended where the rule of that id is not kept."""

    def register(function: FileFix) -> FileFix:
        _file_fixes[rule] = function
        return function

    return register


@cache
def rules() -> Mapping[str, Rule]:
    """All rules by id, in the order of the table."""
    return {rule.id: rule for name in MODULES for rule in _read(name)}


@cache
def record_checks() -> Mapping[str, RecordCheck]:
    """The functions of all rules of the scope ``record``."""
    _import_all()
    return {rule.id: _checks[rule.id] for rule in rules().values() if rule.scope == "record" and rule.id in _checks}


@cache
def record_needs() -> Mapping[str, int]:
    """For each of these functions the traits of which a record must have one."""
    return {rule: _needs[rule] for rule in record_checks()}


@cache
def record_fixes() -> Mapping[str, RecordFix]:
    """The fixes of rules of the scope ``record``."""
    _import_all()
    return dict(_fixes)


@cache
def file_fixes() -> Mapping[str, FileFix]:
    """The fixes of rules of the scopes ``line`` and ``file``."""
    _import_all()
    return dict(_file_fixes)


@cache
def file_checks() -> Mapping[str, FileCheck]:
    """The functions of all rules of the scope ``file``."""
    _import_all()
    return {rule.id: _file_checks[rule.id] for rule in rules().values() if rule.id in _file_checks}


def _import_all() -> None:
    for name in MODULES:
        import_module(f"fttui.checks.rules.{name}")


def _read(module: str) -> Iterable[Rule]:
    text = files("fttui.checks.rules").joinpath(f"{module}.toml").read_text("utf-8")
    for name, row in tomllib.loads(text).items():
        yield Rule(
            id=name,
            scope=row.get("scope", "record"),
            severity=row["severity"],
            title=row["title"],
            why=" ".join(row["why"].split()),
            severities=row.get("severities", {}),
            targets=frozenset(row.get("targets", ())),
            kinds=frozenset(row.get("kinds", ())),
            fix=row.get("fix"),
            fix_text=row.get("fix_text", ""),
            failing=tuple(row.get("failing", ())),
            passing=tuple(row.get("passing", ())),
        )
