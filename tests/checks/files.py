"""Whole files in the tests of the rules about them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from fttui.checks.engine import issues_of
from fttui.checks.model import Found
from fttui.checks.table import file_fixes
from fttui.checks.whole.facts import BlockFacts, FileFacts, file_found
from fttui.formats.kinds import Kind
from fttui.formats.lines import BOM, parse_line


def facts_of(lines: Iterable[bytes], kind: Kind = "chat", *, size: int | None = None) -> FileFacts:
    """What the rules know of a file of these lines; ``size`` when it is to be another than theirs."""
    raws = list(lines)
    has_bom = bool(raws) and raws[0].startswith(BOM)
    block = BlockFacts()
    for row, raw in enumerate(raws):
        block.add(row, raw.removeprefix(BOM), parse_line(raw).value, kind)
    return FileFacts(block, sum(map(len, raws)) if size is None else size, has_bom, kind)


def found_in(facts: FileFacts, rule: str, target: str = "openai") -> list[tuple[int | None, Found]]:
    """What one rule finds that holds for the target."""
    return [
        (row, found)
        for name, row, found in file_found(facts)
        if name == rule and issues_of([(name, found)], 1, [target])
    ]


def pairs(*texts: tuple[str, str]) -> list[dict[str, Any]]:
    """Records of a prompt and a completion each."""
    return [{"prompt": prompt, "completion": completion} for prompt, completion in texts]


def pair_facts(records: Iterable[dict[str, Any]]) -> FileFacts:
    """Facts of a file of such records."""
    return facts_of((json.dumps(record).encode() for record in records), "completion")


def edited(rule: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records as the fix of a rule about the whole file leaves them."""
    plan = file_fixes()[rule](pair_facts(records), ["openai"])
    kept = [json.loads(json.dumps(record)) for row, record in enumerate(records) if row not in plan.delete]
    for record in kept:
        if plan.edit is not None:
            plan.edit(record)
    return kept
