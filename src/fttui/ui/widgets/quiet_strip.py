"""A line on its way to the screen that leaves no work for the garbage collector."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

from textual.strip import Strip


class QuietStrip(Strip):
    """A strip that does not remember itself.

    `Strip.divide` of Textual 8.2.8 keeps what it returns; a line that needs no cutting is returned itself, and so each
    painted line would become a ring of 15 objects that only the garbage collector can take apart. Ten thousand of
    these rings are ten screens: the screen stood still for 80 ms then.
    """

    __slots__ = ()

    @classmethod
    def of(cls, strip: Strip) -> Self:
        """The same line."""
        return strip if isinstance(strip, cls) else cls(strip, strip.cell_length)

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """See `Strip.divide`."""
        length = self.cell_length
        inside = [cut for cut in cuts if cut <= length]
        return [self] if inside == [length] else super().divide(inside)
