"""What the rules about a whole file need to know of its lines, gathered line by line and added up in order."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from fttui.checks.model import Found
from fttui.checks.personal.personal import PersonalRows
from fttui.checks.table import file_checks, rules
from fttui.checks.tools.tool_use import ToolUse
from fttui.checks.whole.digests import NONE, digests
from fttui.checks.whole.pairs import PairFacts
from fttui.formats.kinds import Kind
from fttui.formats.lines import BOM

_HEAD: Final = 4096
_KEY_SETS: Final = 256
"""More different sets of keys are no table any more; rows with others are left out."""
_MAY_HAVE_IMAGES: Final = b'"image_url"'


@dataclass(slots=True)
class BlockFacts:
    """Facts of consecutive lines; rows count from the first of them. Small, and made to be pickled.

    Attributes:
        lines: How many there are, good or bad.
        records: How many of them are a JSON object.
        blank: Rows of blank lines.
        wholes: For each row what is trained, as `digests` says; 0 where there is no record.
        questions: For each row what its answer answers; 0 where there is nothing.
        images: Examples with an image.
        key_sets: For reinforcement, the rows of each set of keys, in the order in which the keys stand.
        tools: The tools that are defined and called.
        pairs: What the texts of prompts and completions have in common.
        personal: Rows with personal data or secrets.
        head: The first 4 KiB of the lines.
        foreign: The beginning of the first line that is not UTF-8.
        foreign_lines: How many lines are not.
    """

    lines: int = 0
    records: int = 0
    blank: array[int] = field(default_factory=lambda: array("I"))
    wholes: array[int] = field(default_factory=lambda: array("Q"))
    questions: array[int] = field(default_factory=lambda: array("Q"))
    images: int = 0
    key_sets: dict[tuple[str, ...], array[int]] = field(default_factory=dict)
    tools: ToolUse = field(default_factory=ToolUse)
    pairs: PairFacts = field(default_factory=PairFacts)
    personal: PersonalRows = field(default_factory=PersonalRows)
    head: bytes = b""
    foreign: bytes = b""
    foreign_lines: int = 0

    def add(self, row_in_block: int, raw: bytes, record: dict[str, Any] | None, kind: Kind) -> None:
        """Take note of the next line.

        Args:
            row_in_block: Its row, which is how many lines came before.
            raw: The line.
            record: What it holds; None when it is no JSON object.
            kind: The kind of the file.
        """
        self.lines = row_in_block + 1
        if len(self.head) < _HEAD:
            self.head += raw[: _HEAD - len(self.head) - 1].removesuffix(b"\n") + b"\n"
        self.personal.add(row_in_block, raw)
        if record is None:
            self._add_broken(row_in_block, raw)
            return
        self.records += 1
        whole, question = digests(record, kind)
        self.wholes.append(whole)
        self.questions.append(question)
        if len(record) > 1:
            self.tools.add(row_in_block, record)
        if kind == "completion":
            self.pairs.add(row_in_block, record)
        elif kind == "reinforcement":
            self._add_keys(row_in_block, tuple(record))
        if _MAY_HAVE_IMAGES in raw and _has_image(record):
            self.images += 1

    def extend(self, other: BlockFacts) -> None:
        """Add the facts of the lines that follow."""
        start = self.lines
        self.lines += other.lines
        self.records += other.records
        self.blank.extend(row + start for row in other.blank)
        self.wholes.extend(other.wholes)
        self.questions.extend(other.questions)
        self.images += other.images
        for keys, rows in other.key_sets.items():
            if keys in self.key_sets or len(self.key_sets) < _KEY_SETS:
                self.key_sets.setdefault(keys, array("I")).extend(row + start for row in rows)
        self.tools.extend(other.tools, start)
        self.pairs.extend(other.pairs, start)
        self.personal.extend(other.personal, start)
        self.head += other.head[: _HEAD - len(self.head)]
        self.foreign = self.foreign or other.foreign
        self.foreign_lines += other.foreign_lines

    def _add_broken(self, row: int, raw: bytes) -> None:
        self.wholes.append(NONE)
        self.questions.append(NONE)
        if not raw.removeprefix(BOM).strip():
            self.blank.append(row)
        elif not _is_utf8(raw):
            self.foreign = self.foreign or raw[:_HEAD]
            self.foreign_lines += 1

    def _add_keys(self, row: int, keys: tuple[str, ...]) -> None:
        if keys in self.key_sets or len(self.key_sets) < _KEY_SETS:
            self.key_sets.setdefault(keys, array("I")).append(row)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Facts of a whole file.

    Attributes:
        block: Those of its lines.
        size: Bytes.
        has_bom: Whether it begins with a byte order mark.
        kind: Of what kind it is, or is meant to be.
    """

    block: BlockFacts
    size: int
    has_bom: bool
    kind: Kind


def file_found(facts: FileFacts) -> Iterator[tuple[str, int | None, Found]]:
    """What the rules of the scope ``file`` find: the rule's id, the row (from 0; None: the file) and what is wrong."""
    table = rules()
    for rule, look in file_checks().items():
        if not table[rule].kinds or facts.kind in table[rule].kinds:
            for row, found in look(facts):
                yield rule, row, found


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x00" not in raw


def _has_image(record: dict[str, Any]) -> bool:
    messages = record.get("messages")
    if messages is None and isinstance(record.get("input"), dict):
        messages = record["input"].get("messages")
    return isinstance(messages, list) and any(
        isinstance(part, dict) and part.get("type") == "image_url"
        for message in messages
        if isinstance(message, dict) and isinstance(message.get("content"), list)
        for part in message["content"]
    )
