"""What the prompts and the completions of a file have in common, gathered text by text and added up in order."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any, Final

from fttui.checks.whole.digests import digests

SEPARATORS: Final = (" ->", "\n\n###\n\n", "\n\n===\n\n", "\n\n---\n\n", "\n\n===>\n\n", "\n\n--->\n\n")
"""What may part a prompt from its completion, the first that no prompt holds; and `LAST_SEPARATOR`."""
LINE_SEPARATOR: Final = " ->"
"""Of these, the one for prompts of a single line."""
LINE_BREAK: Final = "\n"
LAST_SEPARATOR: Final = "\n\n### =>\n\n"
ENDINGS: Final = ("\n", ".", " END", "***", "+++", "&&&", "$$$", "@@@", "%%%")
"""What may end a completion, the first that no completion holds; and `LAST_ENDING`."""
LAST_ENDING: Final = " [END]"
LONG: Final = 10_000
"""Characters of a prompt and its completion together."""

_KEPT: Final = 1_000
"""Characters of a common beginning or end that are kept."""
_UPPER: Final = bytes(range(ord("A"), ord("Z") + 1))
_LOWER: Final = bytes(range(ord("a"), ord("z") + 1))


@dataclass(slots=True)
class TextFacts:
    """What the texts under one key have in common.

    Attributes:
        texts: How many there are.
        empty: How many of them hold nothing but blanks.
        spaced: How many begin with white space.
        prefix, suffix: What all begin and end with, up to 1,000 characters.
        shortest: Characters of the shortest, without blanks at the end.
        upper, lower: Letters of the Latin alphabet in the two cases.
        held: Which of the marks that were asked about some text holds.
        repeated: Which of them some text holds more than once.
        first: The first text's hash.
        is_same: Whether all are equal.
    """

    marks: tuple[str, ...]
    texts: int = 0
    empty: int = 0
    spaced: int = 0
    prefix: str = ""
    suffix: str = ""
    shortest: int = 0
    upper: int = 0
    lower: int = 0
    held: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    first: int = 0
    is_same: bool = True

    def add(self, text: str, digest: int) -> None:
        """Take note of the next text."""
        length = len(text.rstrip())
        if not self.texts:
            self.prefix, self.suffix, self.shortest, self.first = text[:_KEPT], text[-_KEPT:], length, digest
        else:
            self._narrow(text, text)
            self.shortest = min(self.shortest, length)
            self.is_same = self.is_same and digest == self.first
        self.texts += 1
        self.empty += not text.strip()
        self.spaced += text[:1].isspace()
        letters = text.encode("utf-8", "surrogatepass")
        self.upper += len(letters) - len(letters.translate(None, _UPPER))
        self.lower += len(letters) - len(letters.translate(None, _LOWER))
        for mark in self.marks:
            if mark in text:
                self.held.add(mark)
                if text.count(mark) > 1:
                    self.repeated.add(mark)

    def extend(self, other: TextFacts) -> None:
        """Add the facts of the texts that follow."""
        if not other.texts:
            return
        if not self.texts:
            self.prefix, self.suffix = other.prefix, other.suffix
            self.shortest, self.first = other.shortest, other.first
        else:
            self._narrow(other.prefix, other.suffix)
            self.shortest = min(self.shortest, other.shortest)
        self.is_same = self.is_same and other.is_same and self.first == other.first
        self.texts += other.texts
        self.empty += other.empty
        self.spaced += other.spaced
        self.upper += other.upper
        self.lower += other.lower
        self.held |= other.held
        self.repeated |= other.repeated

    def repeated_end(self) -> str | None:
        """The mark that ends all texts and stands inside one as well; None where there is no such thing."""
        ends = [mark for mark in self.marks if self.suffix.endswith(mark)]
        longest = max(ends, key=len, default="")
        return longest if longest in self.repeated else None

    def _narrow(self, start: str, end: str) -> None:
        if not start.startswith(self.prefix):
            self.prefix = _common_start(self.prefix, start)
        if not end.endswith(self.suffix):
            self.suffix = _common_start(self.suffix[::-1], end[: -_KEPT - 1 : -1])[::-1]


@dataclass(slots=True)
class PairFacts:
    """Of prompts with their completions, where both are texts.

    Attributes:
        prompts, completions: What they have in common.
        classes: For each completion its hash.
        empty: Rows whose completion is empty.
        long: Rows of more than 10,000 characters.
    """

    prompts: TextFacts = field(default_factory=lambda: TextFacts((*SEPARATORS, LINE_BREAK)))
    completions: TextFacts = field(default_factory=lambda: TextFacts(ENDINGS))
    classes: array[int] = field(default_factory=lambda: array("Q"))
    empty: array[int] = field(default_factory=lambda: array("I"))
    long: array[int] = field(default_factory=lambda: array("I"))

    def add(self, row: int, record: dict[str, Any]) -> None:
        """Take note of the next record."""
        prompt, completion = record.get("prompt"), record.get("completion")
        if not isinstance(prompt, str) or not isinstance(completion, str):
            return
        kind = digests({"completion": completion}, "completion").whole
        self.classes.append(kind)
        self.prompts.add(prompt, digests({"completion": prompt}, "completion").whole)
        self.completions.add(completion, kind)
        if not completion.strip():
            self.empty.append(row)
        if len(prompt) + len(completion) > LONG:
            self.long.append(row)

    def extend(self, other: PairFacts, start: int) -> None:
        """Add the facts of the rows that follow, of which the first is the row ``start``."""
        self.prompts.extend(other.prompts)
        self.completions.extend(other.completions)
        self.classes.extend(other.classes)
        self.empty.extend(row + start for row in other.empty)
        self.long.extend(row + start for row in other.long)


def _common_start(one: str, other: str) -> str:
    length = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]
