"""Rules about reinforcement: what the grader measures an answer by stands in every example, under one name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fttui.checks.model import Example, Found, Target
from fttui.checks.table import FilePlan, check, file_check, file_fix
from fttui.checks.whole.facts import FileFacts
from fttui.checks.words import meant_by, quoted, rename_key
from fttui.formats.kinds import NOT_GRADED

_NAME: Final = re.compile(r"[^\W\d]\w*")
_EMPTY: Final[dict[type, str]] = {str: "text", list: "list", dict: "object"}
_MOST_KEY_SETS: Final = 256
"""With so many, keys are data: nothing can be said about who lacks which."""


@check("grader-field-empty")
def empty_field(example: Example) -> Iterator[Found]:
    for key, value in example.record.items():
        if key in NOT_GRADED or not (value is None or value in ("", [], {}) or _is_blank(value)):
            continue
        what = "null" if value is None else f"an empty {_EMPTY[type(value)]}"
        yield Found(f"{quoted(key)} is {what}: the grader has nothing to measure the answer by", (key,))


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and value.isspace()


@check("response-format-in-row")
def response_format(example: Example) -> Iterator[Found]:
    if "response_format" in example.record:
        yield Found(
            "response_format is a setting of the job (method.reinforcement), and not read from the file",
            ("response_format",),
        )


class _Fields:
    """The fields for the grader in a file: who has which.

    Attributes:
        sets: The rows of each set of them, with the set.
        total: Examples.
        counts: Examples that have a field, by its name, in the order in which they come.
        common: Fields that at least half of the examples have.
    """

    def __init__(self, facts: FileFacts) -> None:
        keys = facts.block.key_sets if facts.kind == "reinforcement" else {}
        keys = keys if len(keys) < _MOST_KEY_SETS else {}
        self.sets = [(tuple(key for key in names if key not in NOT_GRADED), rows) for names, rows in keys.items()]
        self.total = sum(len(rows) for _, rows in self.sets)
        self.counts: Counter[str] = Counter()
        for names, rows in self.sets:
            self.counts.update({name: len(rows) for name in names})
        self.common = [name for name, count in self.counts.items() if 2 * count >= self.total]

    def first_row(self, name: str) -> int:
        """The first row that has a field."""
        return min(rows[0] for names, rows in self.sets if name in names)

    def meant_in(self, names: Sequence[str], missing: str) -> str | None:
        """The field of those ``names`` that stands for a missing one: misspelt."""
        return meant_by(missing, [name for name in names if name not in self.common])


@file_check("grader-field-missing")
def missing_field(facts: FileFacts) -> Iterator[tuple[int | None, Found]]:
    fields = _Fields(facts)
    for names, rows in fields.sets:
        for missing in (name for name in fields.common if name not in names):
            near = fields.meant_in(names, missing)
            ask = f"; {quoted(near)} may be meant for it" if near else ""
            share = f"{fields.counts[missing]:,} of {fields.total:,} examples"
            found = Found(
                f"{quoted(missing)}, which {share} have, is missing{ask}",
                (near,) if near else (),
                is_fixable=near is not None,
            )
            yield from ((row, found) for row in rows)


@file_fix("grader-field-missing")
def rename_fields(facts: FileFacts, targets: Sequence[Target]) -> FilePlan:
    fields = _Fields(facts)

    def edit(record: dict[str, Any]) -> None:
        for missing in [name for name in fields.common if name not in record]:
            near = fields.meant_in([name for name in record if name not in NOT_GRADED], missing)
            if near is not None:
                rename_key(record, near, missing)

    return FilePlan(edit=edit)


@file_check("grader-field-rare")
def rare_field(facts: FileFacts) -> Iterator[tuple[int | None, Found]]:
    fields = _Fields(facts)
    for name, count in fields.counts.items():
        if name not in fields.common:
            share = f"only {count:,} of {fields.total:,} examples"
            text = f"{share} have {quoted(name)}; a grader cannot read it in the others"
            yield fields.first_row(name), Found(text, (name,))


@file_check("grader-field-none")
def no_field(facts: FileFacts) -> Iterator[tuple[int | None, Found]]:
    fields = _Fields(facts)
    if fields.total and not fields.counts:
        yield None, Found("no example has a field beside its messages; only a grader that needs none can score it")


@file_check("grader-field-name")
def name_of_field(facts: FileFacts) -> Iterator[tuple[int | None, Found]]:
    fields = _Fields(facts)
    seen: dict[str, str] = {}
    for name in fields.counts:
        plain = re.sub(r"[\s_-]", "", name).casefold()
        if not _NAME.fullmatch(name):
            text = f"a grader reads fields as {{{{item.name}}}}; {quoted(name)} has more than letters, digits and _"
            yield fields.first_row(name), Found(text, (name,))
        if plain in seen:
            text = f"{quoted(name)} and {quoted(seen[plain])} are two fields, but nearly the same name"
            yield fields.first_row(name), Found(text, (name,))
        seen.setdefault(plain, name)
