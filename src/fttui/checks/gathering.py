"""What was found block by block, put together in the file's order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fttui.checks.marks import RowMarks
from fttui.checks.model import Found, Target
from fttui.checks.report import Report, report_of
from fttui.checks.rows import BlockChecks, Look
from fttui.checks.whole.facts import BlockFacts, FileFacts
from fttui.checks.whole.layouts import layout_of
from fttui.formats.kinds import Kind


class Gathering:
    """Takes blocks in the file's order. Not thread-safe."""

    def __init__(self, kind: Kind, targets: tuple[Target, ...], keep: int, model: str | None) -> None:
        """``keep`` is how many issues of a rule are kept with their words; ``model`` is as in `Look`."""
        self.kind = kind
        self.targets = targets
        self.keep = keep
        self.look = Look(kind, targets, keep, model=model)
        """How to look at a further block; another object after each block, so that other threads may read it."""
        self.marks = RowMarks()
        self.examples = 0
        self._facts = BlockFacts()
        self._kept: list[tuple[str, int, Found]] = []
        self._taken: Counter[str] = Counter()

    @property
    def looks_like_lines(self) -> bool:
        """Whether what was taken looks like JSON lines, good or bad; else what is wrong with each may not matter."""
        is_foreign = self._facts.foreign_lines and not self._facts.records
        return not is_foreign and not layout_of(self._facts)

    def take(self, block: BlockChecks) -> Sequence[tuple[str, int, Found]]:
        """Take the next block; those of its findings that are kept, with their rows in the file."""
        first = len(self.marks.rows)
        new: list[tuple[str, int, Found]] = []
        for row, rule, found in block.kept:
            if self._taken[rule] < self.keep:
                self._taken[rule] += 1
                new.append((rule, first + row, found))
        self._kept += new
        self.marks.extend(block.marks)
        self._facts.extend(block.facts)
        self.examples += block.examples
        if new:
            full = frozenset(rule for rule, count in self._taken.items() if count >= self.keep)
            self.look = replace(self.look, full=full)
        return new

    def report(self, path: Path | None, size: int, *, has_bom: bool) -> Report:
        """The report, now that all blocks were taken; ``size`` is the file's, in bytes."""
        facts = FileFacts(self._facts, size, has_bom, self.kind)
        return report_of(
            self.marks,
            self._kept,
            facts,
            path=path,
            targets=self.targets,
            keep=self.keep,
            examples=self.examples,
        )
