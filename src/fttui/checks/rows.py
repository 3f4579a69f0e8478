"""Checking lines one after the other: the quick way for what is ordinary, a second look at everything else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import orjson

from fttui.checks.engine import check_record, unread
from fttui.checks.marks import RowMarks, marks_of
from fttui.checks.model import Found, Target
from fttui.checks.ordinary import is_ordinary
from fttui.checks.rules.lines import check_line
from fttui.checks.table import rules
from fttui.checks.whole.facts import BlockFacts
from fttui.formats.kinds import Kind, kind_of_file
from fttui.formats.lines import BOM, is_read_whole, parse_line

LOOKED_AT: Final = 1000
"""Records that tell the kind of a file."""
_SHORT: Final = 1
"""Bytes of a line that no limit is too low for."""


@dataclass(frozen=True, slots=True)
class Look:
    """How to look at lines.

    Attributes:
        kind: What the records are meant to be.
        targets: Those that somebody asked about.
        keep: How many issues of a rule are kept with their words.
        full: Rules of which enough are kept already.
        model: The model whose limits count; None: the one that each target names.
    """

    kind: Kind
    targets: tuple[Target, ...]
    keep: int = 0
    full: frozenset[str] = frozenset()
    model: str | None = None


@dataclass(slots=True)
class BlockChecks:
    """What was found in consecutive lines.

    Attributes:
        marks: Which rules each of them breaks.
        kept: The first issues of each rule that holds for the targets asked about, with the row they are in.
        facts: What the rules about the whole file need to know.
        examples: How many of the lines are records.
    """

    facts: BlockFacts
    marks: RowMarks = field(default_factory=RowMarks)
    kept: list[tuple[int, str, Found]] = field(default_factory=list)
    examples: int = 0


def check_block(lines: Sequence[bytes], look: Look, *, begins_file: bool, ends_file: bool) -> BlockChecks:
    """Check lines (without their line feeds, the first without the file's byte order mark). Never raises.

    Args:
        lines: The lines.
        look: How.
        begins_file: Whether the first of them is the file's first.
        ends_file: Whether the last of them is the file's last.
    """
    block = BlockChecks(BlockFacts())
    taken: Counter[str] = Counter()
    last = len(lines) - 1 if ends_file else -1
    for row, raw in enumerate(lines):
        record, found = check_one(raw, look.kind, look.model, is_first=begins_file and not row, is_last=row == last)
        if record is not None:
            block.examples += 1
        block.facts.add(row, raw, record, look.kind)
        if not found:
            block.marks.add(())
            continue
        block.marks.add(marks_of(found))
        for rule, place in found:
            if taken[rule] < look.keep and rule not in look.full and _concerns(rule, place, look.targets):
                taken[rule] += 1
                block.kept.append((row, rule, place))
    return block


def gather_block(lines: Iterable[bytes], kind: Kind) -> BlockChecks:
    """What the rules about a whole file need to know of these lines; no rule looks at them."""
    block = BlockChecks(BlockFacts())
    for row, raw in enumerate(lines):
        record = _record_of(raw)
        if record is not None:
            block.examples += 1
        block.facts.add(row, raw, record, kind)
    return block


def _record_of(raw: bytes) -> dict[str, Any] | None:
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError:
        record = None
    if type(record) is not dict or not is_read_whole(raw, record):
        record = parse_line(raw).value
    return record if isinstance(record, dict) else None


def check_one(
    raw: bytes,
    kind: Kind,
    model: str | None = None,
    *,
    is_first: bool = False,
    is_last: bool = False,
    counts_tokens: bool = True,
) -> tuple[dict[str, Any] | None, Sequence[tuple[str, Found]]]:
    """The record of a line, if it is one, and what the rules about lines and records find in it.

    Args:
        raw: The line, without its line feed.
        kind: What the record is meant to be.
        model: The model whose limits count; None: the one that each target names.
        is_first: Whether the file begins with it.
        is_last: Whether the file ends with it.
        counts_tokens: Whether a line that may be too long is counted; the first one takes a vocabulary to load.
    """
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError:
        record = None
    if (
        type(record) is dict
        and len(raw) <= unread(kind, model)
        and is_ordinary(record, kind)
        and _has_no_more(raw, record)
    ):
        return record, ()
    size = len(raw) if counts_tokens else _SHORT
    if type(record) is dict and is_read_whole(raw, record):
        return record, check_record(record, kind, size, model)
    parsed = parse_line(raw)
    found: list[tuple[str, Found]] = []
    has_mark = not is_first and raw.startswith(BOM)
    if parsed.error is not None or parsed.warnings or parsed.repeated or has_mark:
        found += check_line(raw, 0 if is_first else 1, is_last)
    if not isinstance(parsed.value, dict):
        return None, found
    found += check_record(parsed.value, kind, size, model)
    return parsed.value, found


def _has_no_more(raw: bytes, record: dict[str, Any]) -> bool:
    """Whether a line holds no more than its ordinary record. Mostly there is no other colon, which is seen fast."""
    return raw.count(b":") == 1 + 2 * len(record["messages"]) or is_read_whole(raw, record)


def kind_of_lines(lines: Iterable[bytes]) -> Kind:
    """The kind of most of the first records."""
    values = (parse_line(line).value for line in lines)
    return kind_of_file(islice((value for value in values if isinstance(value, dict)), LOOKED_AT))


def _concerns(rule: str, found: Found, asked: Iterable[Target]) -> bool:
    table = rules()[rule]
    return any(
        (found.targets is None or target in found.targets) and table.severity_for(target) is not None
        for target in asked
    )
