"""Rules about records of a prompt and a completion, and what all of them in a file have in common.

What is looked at, and with which numbers, follows the tool that came with OpenAI's library up to version 0.28 (``openai
tools fine_tunes.prepare_data``, module ``validators``), the last one that knew this format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from fttui.checks.families import strange_kind
from fttui.checks.model import Example, Found, Path, Target
from fttui.checks.table import FilePlan, check, file_check, file_fix, fix
from fttui.checks.traits import ODD
from fttui.checks.whole.facts import FileFacts
from fttui.checks.whole.pairs import (
    ENDINGS,
    LAST_ENDING,
    LAST_SEPARATOR,
    LINE_BREAK,
    LINE_SEPARATOR,
    LONG,
    SEPARATORS,
    PairFacts,
    TextFacts,
)
from fttui.checks.words import meant_by, quoted, rename_key, type_name

_KEYS: Final = ("prompt", "completion")
_LONG_PROMPT_START: Final = 12
_LONG_COMPLETION_START: Final = 5
_LONG_END: Final = 10
_CLASSES: Final = 3
"""Fewer different completions than a third of the examples are the names of classes."""
_SOME: Final = 10
"""So many examples, or letters, before anything is said about how they are spread."""

Places = Iterator[tuple[int | None, Found]]


@check("prompt-missing", needs=ODD)
def missing_prompt(example: Example) -> Iterator[Found]:
    yield from _missing("prompt", example.record)


@check("completion-missing", needs=ODD)
def missing_completion(example: Example) -> Iterator[Found]:
    yield from _missing("completion", example.record)


def _missing(key: str, record: dict[str, Any]) -> Iterator[Found]:
    if key not in record and strange_kind(record, "completion") is None:
        near = _near(key, record)
        ask = f": is it {quoted(near)}?" if near is not None else ""
        yield Found(f"there is no `{key}`{ask}", is_fixable=near is not None)


def _near(key: str, record: dict[str, Any]) -> str | None:
    """The key of the record that is written nearly so, in other letters or with blanks."""
    return next((name for name in record if name not in _KEYS and meant_by(name, _KEYS) == key), None)


@fix("prompt-missing")
def rename_to_prompt(record: dict[str, Any], path: Path) -> None:
    _rename("prompt", record)


@fix("completion-missing")
def rename_to_completion(record: dict[str, Any], path: Path) -> None:
    _rename("completion", record)


def _rename(key: str, record: dict[str, Any]) -> None:
    near = _near(key, record)
    if near is not None:
        rename_key(record, near, key)


@check("completion-type", needs=ODD)
def no_text(example: Example) -> Iterator[Found]:
    if strange_kind(example.record, "completion") is not None:
        return
    for key in _KEYS:
        value = example.record.get(key, "")
        if not isinstance(value, str):
            is_plain = isinstance(value, int | float)
            yield Found(f"`{key}` is {type_name(value)}; it must be a string", (key,), is_fixable=is_plain)


@fix("completion-type")
def write_as_text(record: dict[str, Any], path: Path) -> None:
    value = record[str(path[0])]
    if isinstance(value, int | float):
        record[str(path[0])] = str(value).lower() if isinstance(value, bool) else str(value)


@check("completion-extra-key", needs=ODD)
def extra_key(example: Example) -> Iterator[Found]:
    if strange_kind(example.record, "completion") is not None:
        return
    for key in example.record:
        if key not in _KEYS and not _is_meant_for_a_missing_one(key, example.record):
            yield Found(f"the key {quoted(key)} is not read: only `prompt` and `completion` are", (key,))


def _is_meant_for_a_missing_one(key: str, record: dict[str, Any]) -> bool:
    return any(name not in record and _near(name, record) == key for name in _KEYS)


@fix("completion-extra-key")
def remove_extra_key(record: dict[str, Any], path: Path) -> None:
    del record[str(path[0])]


@file_check("completion-empty")
def empty_completion(facts: FileFacts) -> Places:
    for row in facts.block.pairs.empty:
        yield row, Found("the completion is empty: there is nothing to learn", ("completion",))


@file_fix("completion-empty")
def delete_empty(facts: FileFacts, asked: Sequence[Target]) -> FilePlan:
    return FilePlan(delete=facts.block.pairs.empty)


@file_check("prompts-same")
def same_prompts(facts: FileFacts) -> Places:
    pairs = facts.block.pairs
    if _are_several(pairs) and pairs.prompts.is_same:
        yield None, Found(f"all {_count(pairs)} prompts are the same; for free writing leave them empty")


@file_check("completions-same")
def same_completions(facts: FileFacts) -> Places:
    pairs = facts.block.pairs
    if pairs.completions.texts > 1 and pairs.completions.is_same:
        yield None, Found(f"all {_count(pairs)} completions are the same")


@file_check("prompt-separator-missing")
def no_separator(facts: FileFacts) -> Places:
    if _lacks_separator(facts.block.pairs):
        free = _free_separators(facts.block.pairs)
        offer = ", ".join(repr(mark) for mark in free)
        yield (
            None,
            Found(f"the prompts have no common ending that tells where the answer begins; none of them holds {offer}"),
        )


@file_fix("prompt-separator-missing")
def add_separator(facts: FileFacts, asked: Sequence[Target]) -> FilePlan:
    if not _lacks_separator(facts.block.pairs):
        return FilePlan()
    return _edit("prompt", partial(_add_end, _free_separators(facts.block.pairs)[0]))


def _free_separators(pairs: PairFacts) -> list[str]:
    """Those that no prompt holds; an arrow only after prompts of one line."""
    held = pairs.prompts.held
    taken = held | {LINE_SEPARATOR} if LINE_BREAK in held else held
    return [mark for mark in SEPARATORS if mark not in taken] or [LAST_SEPARATOR]


def _lacks_separator(pairs: PairFacts) -> bool:
    return _are_several(pairs) and not pairs.prompts.is_same and not pairs.prompts.suffix


@file_check("prompt-separator-long")
def long_separator(facts: FileFacts) -> Places:
    pairs = facts.block.pairs
    if _are_several(pairs) and not pairs.prompts.is_same and len(pairs.prompts.suffix) > _LONG_END:
        yield None, Found(f"all prompts end with {quoted(pairs.prompts.suffix)}; less is enough to part them")


@file_check("prompt-separator-repeated")
def repeated_separator(facts: FileFacts) -> Places:
    pairs = facts.block.pairs
    mark = pairs.prompts.repeated_end()
    if _are_several(pairs) and not pairs.prompts.is_same and mark is not None:
        yield None, Found(f"all prompts end with {quoted(mark)}, and some hold it before their end as well")


@file_check("prompt-prefix")
def common_prompt_start(facts: FileFacts) -> Places:
    length = _prompt_start(facts.block.pairs)
    if length:
        yield None, Found(f"all prompts begin with {quoted(facts.block.pairs.prompts.prefix[:length])}")


@file_fix("prompt-prefix")
def remove_prompt_start(facts: FileFacts, asked: Sequence[Target]) -> FilePlan:
    start = facts.block.pairs.prompts.prefix[: _prompt_start(facts.block.pairs)]
    return _edit("prompt", partial(_remove_start, start)) if start else FilePlan()


def _prompt_start(pairs: PairFacts) -> int:
    """How many characters all prompts begin with and can do without; 0 when that is nothing to speak of."""
    prompts = pairs.prompts
    if not _are_several(pairs) or prompts.is_same:
        return 0
    length = _start_length(prompts)
    return length if length > _LONG_PROMPT_START else 0


@file_check("completion-prefix")
def common_completion_start(facts: FileFacts) -> Places:
    start = _completion_start(facts.block.pairs)
    if start:
        yield None, Found(f"all completions begin with {quoted(start)}, which the prompt can say as well")


@file_fix("completion-prefix")
def remove_completion_start(facts: FileFacts, asked: Sequence[Target]) -> FilePlan:
    start = _completion_start(facts.block.pairs)
    return _edit("completion", partial(_remove_start, start, keeps_blank=True)) if start else FilePlan()


def _completion_start(pairs: PairFacts) -> str:
    completions = pairs.completions
    if completions.texts < 2 or completions.is_same:
        return ""
    start = completions.prefix[: _start_length(completions)]
    return start if len(start) >= _LONG_COMPLETION_START else ""


def _start_length(texts: TextFacts) -> int:
    """Characters that all texts begin with; 0 where one of them would be left with nothing."""
    length = min(len(texts.prefix), texts.shortest - len(texts.suffix))
    return length if 0 < length < texts.shortest else 0


@file_check("completion-ending-missing")
def no_ending(facts: FileFacts) -> Places:
    if _lacks_ending(facts.block.pairs):
        free = _free_endings(facts.block.pairs)
        offer = ", ".join(repr(mark) for mark in free)
        yield None, Found(f"the completions have no common ending that tells where to stop; none of them holds {offer}")


@file_fix("completion-ending-missing")
def add_ending(facts: FileFacts, asked: Sequence[Target]) -> FilePlan:
    if not _lacks_ending(facts.block.pairs):
        return FilePlan()
    return _edit("completion", partial(_add_end, _free_endings(facts.block.pairs)[0]))


def _free_endings(pairs: PairFacts) -> list[str]:
    return [mark for mark in ENDINGS if mark not in pairs.completions.held] or [LAST_ENDING]


def _lacks_ending(pairs: PairFacts) -> bool:
    completions = pairs.completions
    is_wanted = _are_several(pairs) and not completions.is_same and not _classes(pairs)
    return is_wanted and not completions.suffix


@file_check("completion-ending-long")
def long_ending(facts: FileFacts) -> Places:
    completions = facts.block.pairs.completions
    if completions.texts > 1 and not completions.is_same and len(completions.suffix) > _LONG_END:
        yield None, Found(f"all completions end with {quoted(completions.suffix)}; less is enough to stop at")


@file_check("completion-ending-repeated")
def repeated_ending(facts: FileFacts) -> Places:
    completions = facts.block.pairs.completions
    mark = completions.repeated_end()
    if completions.texts > 1 and not completions.is_same and mark is not None:
        yield None, Found(f"all completions end with {quoted(mark)}, and some hold it before their end as well")


@file_check("completion-space-missing")
def no_leading_space(facts: FileFacts) -> Places:
    completions = facts.block.pairs.completions
    bare = completions.texts - completions.spaced
    if bare:
        yield None, Found(f"{bare:,} of {completions.texts:,} completions do not begin with a space")


@file_fix("completion-space-missing")
def add_space(facts: FileFacts, asked: Sequence[Target]) -> FilePlan:
    return _edit("completion", lambda text: text if text[:1].isspace() else f" {text}")


@file_check("prompt-upper-case")
def upper_case_prompts(facts: FileFacts) -> Places:
    if _are_loud(facts.block.pairs, "prompt"):
        yield None, Found("more than a third of the letters in the prompts are capitals")


@file_check("completion-upper-case")
def upper_case_completions(facts: FileFacts) -> Places:
    if _are_loud(facts.block.pairs, "completion"):
        yield None, Found("more than a third of the letters in the completions are capitals")


@file_fix("prompt-upper-case")
def lower_prompts(facts: FileFacts, asked: Sequence[Target]) -> FilePlan:
    return _edit("prompt", str.lower) if _are_loud(facts.block.pairs, "prompt") else FilePlan()


@file_fix("completion-upper-case")
def lower_completions(facts: FileFacts, asked: Sequence[Target]) -> FilePlan:
    return _edit("completion", str.lower) if _are_loud(facts.block.pairs, "completion") else FilePlan()


def _are_loud(pairs: PairFacts, key: str) -> bool:
    texts = pairs.prompts if key == "prompt" else pairs.completions
    is_label = key == "completion" and bool(_classes(pairs))
    return not is_label and texts.upper >= _SOME and texts.upper * 2 > texts.lower


@file_check("completion-long")
def long_pairs(facts: FileFacts) -> Places:
    long = facts.block.pairs.long
    if long:
        have = "example has" if len(long) == 1 else "examples have"
        first = f"the first is line {long[0] + 1:,}"
        yield None, Found(f"{len(long):,} {have} more than {LONG:,} characters; {first}")


@file_check("completion-classes")
def classification(facts: FileFacts) -> Places:
    pairs = facts.block.pairs
    classes = _classes(pairs)
    if classes:
        yield (
            None,
            Found(f"{classes:,} different completions in {_count(pairs)} examples, as in classification"),
        )


def _classes(pairs: PairFacts) -> int:
    """How many classes the examples are sorted into; 0 when the completions are no names of classes."""
    if not _are_several(pairs) or pairs.completions.texts < _SOME:
        return 0
    names = set(pairs.classes)
    return len(names) if 1 < len(names) < len(pairs.classes) / _CLASSES else 0


def _are_several(pairs: PairFacts) -> bool:
    """Whether there are prompts to compare, and any of them asks something: without, the model writes freely."""
    return pairs.prompts.texts > 1 and pairs.prompts.empty < pairs.prompts.texts


def _count(pairs: PairFacts) -> str:
    return f"{pairs.prompts.texts:,}"


def _add_end(mark: str, text: str) -> str:
    return text if text.endswith(mark) else text + mark


def _remove_start(start: str, text: str, *, keeps_blank: bool = False) -> str:
    if not text.startswith(start):
        return text
    blank = " " if keeps_blank and start[0] == " " and text[len(start) : len(start) + 1] != " " else ""
    return blank + text[len(start) :]


def _edit(key: str, new: Callable[[str], str]) -> FilePlan:
    """A change of one text of every record that has both."""

    def edit(record: dict[str, Any]) -> None:
        if all(isinstance(record.get(name), str) for name in _KEYS):
            record[key] = new(record[key])

    return FilePlan(edit=edit)
