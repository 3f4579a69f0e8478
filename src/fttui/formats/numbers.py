"""Numbers that Python would not write back as they were read."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

# Python refuses to read longer integers where its limit is set to the lowest it allows (the library reference,
# "Integer string conversion length limitation"); below it, a plain int is exact.
_LONGEST_INT: Final = 640
_ALWAYS_EXACT: Final = 15
"""A decimal number of so many digits survives the way through a double (IEEE 754)."""


class ExactNumber(float):
    """A number that keeps its spelling, because a plain one would lose digits: ``1e400``, 5,000 digits.

    It calculates as the nearest float, infinity included; `fttui.formats.style.dump_line` writes the spelling.
    """

    __slots__ = ("spelling",)
    spelling: str

    def __new__(cls, spelling: str) -> ExactNumber:
        number = super().__new__(cls, spelling)
        number.spelling = spelling
        return number

    def __getnewargs__(self) -> tuple[str]:  # type: ignore[override]  # a float's own arguments are floats
        return (self.spelling,)

    def __repr__(self) -> str:
        return self.spelling


class Verbatim(ExactNumber):
    """A value that is written as the text it was made from, JSON or not: no mistake that a person typed is lost."""

    __slots__ = ()

    def __new__(cls, spelling: str) -> Verbatim:
        number = float.__new__(cls, "nan")
        number.spelling = spelling
        return number


def spelt_int(spelling: str) -> int | ExactNumber:
    """The integer, with its spelling where Python would write it in another way (``-0``) or cannot read it."""
    return ExactNumber(spelling) if spelling == "-0" else read_int(spelling)


def spelt_float(spelling: str) -> float:
    """The float, with its spelling where Python would write it in another way: ``1.50``, ``1e3``, ``1E400``."""
    value = float(spelling)
    return value if repr(value) == spelling else ExactNumber(spelling)


def read_int(spelling: str) -> int | ExactNumber:
    """The integer, or its spelling where it is too long for Python to read."""
    return int(spelling) if len(spelling) <= _LONGEST_INT else ExactNumber(spelling)


def read_float(spelling: str) -> float:
    """The float, or one with its spelling where the value would change."""
    value = float(spelling)
    if len(spelling) <= _ALWAYS_EXACT and math.isfinite(value) and "e" not in spelling.lower():
        return value
    if math.isfinite(value) and _same(spelling, value):
        return value
    return ExactNumber(spelling)


def _same(spelling: str, value: float) -> bool:
    try:
        return Decimal(spelling) == Decimal(repr(value))
    except ArithmeticError:  # an exponent that even Decimal cannot hold
        return False
