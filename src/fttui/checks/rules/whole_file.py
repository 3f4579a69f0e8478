"""Rules about a file as a whole: how much there is of it, how it begins, and what is in it twice."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Final

from fttui.checks.model import Found, Target
from fttui.checks.rules.shapes import kind_found
from fttui.checks.table import FilePlan, file_check, file_fix
from fttui.checks.targets import Limits, targets
from fttui.checks.whole.encodings import looks_like
from fttui.checks.whole.facts import FileFacts
from fttui.checks.whole.layouts import layout_of
from fttui.checks.whole.repeats import contradictions, duplicates
from fttui.formats.kinds import Kind

_MEBIBYTE: Final = 1 << 20
_REINFORCED: Final[dict[Target, tuple[int, int]]] = {"bedrock": (100, 20_000), "openai": (10, 50_000)}
"""Least and most examples for reinforcement, where a guide states other numbers than for the rest: Amazon, "Prepare
your data for reinforcement fine-tuning"; OpenAI, "Reinforcement fine-tuning"."""

Places = Iterator[tuple[int | None, Found]]


@file_check("file-empty")
def empty_file(facts: FileFacts) -> Places:
    if facts.block.lines == len(facts.block.blank):
        yield None, Found("there is no example in the file")


@file_check("too-few-examples")
def too_few(facts: FileFacts) -> Places:
    count = facts.block.records
    for limits in targets().values():
        if 0 < count < (least := _least(limits, facts.kind)):
            yield _for(limits, f"{_examples(count)}; {limits.title} takes {least:,} at least")


@file_check("few-examples")
def few(facts: FileFacts) -> Places:
    count = facts.block.records
    for limits in targets().values():
        if count and _least(limits, facts.kind) <= count < limits.advised:
            yield _for(limits, f"{_examples(count)}; {limits.advised:,} or more are advised for {limits.title}")


@file_check("too-many-examples")
def too_many(facts: FileFacts) -> Places:
    count = facts.block.records
    for limits in targets().values():
        most = _most(limits, facts.kind)
        if most is not None and count > most:
            yield _for(limits, f"{_examples(count)}; {limits.title} takes {most:,} at most")


@file_check("file-too-large")
def too_large(facts: FileFacts) -> Places:
    for limits in targets().values():
        if limits.bytes is not None and facts.size > limits.bytes:
            says = f"the file has {_size(facts.size)}; {limits.title} takes {_size(limits.bytes)}"
            yield _for(limits, f"{says}: split it, or leave examples out")


@file_check("too-many-image-examples")
def too_many_images(facts: FileFacts) -> Places:
    count = facts.block.images
    for limits in targets().values():
        most = limits.image_examples
        if most is not None and count > most:
            yield _for(limits, f"{count:,} examples have images; {limits.title} takes {most:,} at most")


@file_check("kind-not-taken")
def not_taken(facts: FileFacts) -> Places:
    if facts.block.records:
        yield from ((None, found) for found in kind_found(facts.kind))


@file_check("bom-unwanted")
def unwanted_bom(facts: FileFacts) -> Places:
    if facts.has_bom:
        found = _those("refused")
        yield None, Found("the file begins with a byte order mark, which may be taken for a part of line 1", (), found)


@file_check("bom-missing")
def missing_bom(facts: FileFacts) -> Places:
    if not facts.has_bom and facts.block.records:
        yield None, Found("the file begins without a byte order mark, which is asked for", (), _those("needed"))


@file_fix("bom-unwanted")
def remove_bom(facts: FileFacts, asked: Sequence[Target]) -> FilePlan:
    # where another of those asked about needs it, a file for both cannot be written
    return FilePlan(bom=None if set(asked) & set(_those("needed")) else False)


@file_fix("bom-missing")
def write_bom(facts: FileFacts, asked: Sequence[Target]) -> FilePlan:
    return FilePlan(bom=None if set(asked) & set(_those("refused")) else True)


@file_check("not-json-lines")
def not_json_lines(facts: FileFacts) -> Places:
    layout = layout_of(facts.block)
    if layout:
        yield None, Found(layout)


@file_check("encoding")
def other_encoding(facts: FileFacts) -> Places:
    block = facts.block
    is_damaged_line = block.foreign_lines == 1 and block.records
    guess = looks_like(block.foreign) if block.foreign and not is_damaged_line else ""
    if guess:
        lines = "1 line is" if block.foreign_lines == 1 else f"{block.foreign_lines:,} lines are"
        yield None, Found(f"{lines} not UTF-8; the first looks like {guess}: write the file anew as UTF-8")


@file_check("duplicate")
def same_example(facts: FileFacts) -> Places:
    for row, first in duplicates(facts.block.wholes):
        yield row, Found(f"the same example as line {first + 1:,}")


@file_fix("duplicate")
def delete_later_ones(facts: FileFacts, asked: Sequence[Target]) -> FilePlan:
    return FilePlan(delete=array("I", (row for row, _ in duplicates(facts.block.wholes))))


@file_check("same-prompt")
def other_answer(facts: FileFacts) -> Places:
    for row, first in contradictions(facts.block.questions, facts.block.wholes):
        yield row, Found(f"the prompt is that of line {first + 1:,}, but what it is answered by is not")


def _for(limits: Limits, message: str) -> tuple[None, Found]:
    """A finding about the file for one target."""
    return None, Found(message, (), (limits.name,))


def _least(limits: Limits, kind: Kind) -> int:
    return _REINFORCED[limits.name][0] if kind == "reinforcement" and limits.name in _REINFORCED else limits.least


def _most(limits: Limits, kind: Kind) -> int | None:
    return _REINFORCED[limits.name][1] if kind == "reinforcement" and limits.name in _REINFORCED else limits.examples


def _those(bom: str) -> tuple[Target, ...]:
    return tuple(name for name, limits in targets().items() if limits.bom == bom)


def _examples(count: int) -> str:
    return "there is 1 example" if count == 1 else f"there are {count:,} examples"


def _size(count: int) -> str:
    return f"{count / _MEBIBYTE:,.0f} MiB"
