"""Names for examples: ten characters that are read aloud without doubt, drawn at random, never twice in a file."""

from __future__ import annotations

import secrets
from typing import Final

_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # without i, l, o and u
_VALUES: Final = {letter: value for value, letter in enumerate(_LETTERS)}
_LENGTH: Final = 10
_BITS: Final = 5 * _LENGTH
_SLOT_BITS: Final = 26


def id_text(number: int) -> str:
    """The name that a number stands for."""
    return "".join(_LETTERS[number >> shift & 31] for shift in range(_BITS - 5, -1, -5))


def id_number(text: object) -> int | None:
    """The number behind a name (above 0), or None for what is none."""
    if not isinstance(text, str) or len(text) != _LENGTH:
        return None
    number = 0
    for letter in text:
        value = _VALUES.get(letter)
        if value is None:
            return None
        number = number << 5 | value
    return number or None


class IdSource:
    """Draws numbers that were not taken.

    A number counts as taken when another with the same last 26 bits is: so a bit for each of these is all the memory
    that a million names cost (8 MiB), and a collision costs another draw, never a name that is there twice.
    """

    def __init__(self) -> None:
        self._taken: bytearray | None = None

    def take(self, number: int) -> None:
        """A number is in use."""
        if self._taken is None:
            self._taken = bytearray(1 << _SLOT_BITS - 3)  # pages that are never touched cost nothing
        slot = number & (1 << _SLOT_BITS) - 1
        self._taken[slot >> 3] |= 1 << (slot & 7)

    def may_be_taken(self, number: int) -> bool:
        """Whether the number, or one that is like it, is in use."""
        slot = number & (1 << _SLOT_BITS) - 1
        return self._taken is not None and bool(self._taken[slot >> 3] >> (slot & 7) & 1)

    def draw(self) -> int:
        """A new number, in use from now on."""
        while True:
            number = secrets.randbits(_BITS)
            if number and not self.may_be_taken(number):
                self.take(number)
                return number
