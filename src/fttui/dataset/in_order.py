"""Answers about the blocks of a file: they come in any order and are taken in the file's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class InOrder(Generic[Answer]):
    """Which blocks of a file are answered. Not thread-safe."""

    def __init__(self) -> None:
        self._total: int | None = None
        self._early: dict[int, Answer] = {}
        self._taken = 0

    def expect(self, total: int) -> None:
        """There are so many blocks: it is known now how long the file is."""
        self._total = total

    def in_order(self, number: int, answer: Answer) -> Iterator[Answer]:
        """The answers that can be taken in, now that the one about block ``number`` is here; take all that this gives.

        The next one is there when the one before was taken in.
        """
        self._early[number] = answer
        while (early := self._early.pop(self._taken, None)) is not None:
            self._taken += 1
            yield early

    @property
    def share(self) -> float:
        """How much of the file is taken in, 0 to 1; 0 as long as it is not known how long it is."""
        if self._total is None:
            return 0.0
        return self._taken / self._total if self._total else 1.0

    @property
    def are_all_taken(self) -> bool:
        """Whether the whole file is taken in."""
        return self._taken == self._total
