"""Regular expressions that people type, which may take years on an unlucky text: each row gets a little time only."""

from __future__ import annotations

import re
import time
import warnings
from typing import Any, Final

from fttui.core.errors import InputError

_PATIENCE_S: Final = 0.1
_PER_S: Final = 5e6
"""Characters that take a second more; what searches quickly does ten times as many."""
_ALONE_S: Final = 0.002
"""How long a match may keep all other threads waiting; letting them in each time costs more than most matches take."""
_BIGGEST: Final = 20_000
"""Parts of a pattern with its repetitions written out; each takes some hundred bytes, and stack."""
_TOKEN: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<open>\()|(?P<close>\))|\{(?P<least>\d*)(?:,\d*)?\}[?+]?|.", re.DOTALL
)
_BRACE: Final = re.compile(r"\\.|\{(?!\d*,?\d*\})", re.DOTALL)


class TooSlowError(Exception):
    """A regular expression took too long on a row; whether the row matches is not known."""


class Allowance:
    """The processor time that regular expressions may take on one row."""

    def __init__(self, size: int) -> None:
        """``size``: bytes or characters of the row."""
        self._until = time.process_time() + _PATIENCE_S + size / _PER_S

    @property
    def left(self) -> float:
        """Seconds. Raises `TooSlowError` when there are none."""
        left = self._until - time.process_time()
        if left <= 0:
            raise TooSlowError
        return left


class Pattern:
    """A regular expression in the syntax of Python's `re`.

    Attributes:
        source: As it was typed.
        flags: Those of `re`.
    """

    def __init__(self, source: str, flags: int = 0) -> None:
        """Raises `InputError` saying what is wrong with the pattern and where."""
        self.source: Final = source
        self._plain = _checked(source, flags)
        self.flags: Final = self._plain.flags
        self._compiled = _compiled(source, flags)

    def is_in(self, text: str, allowance: Allowance | None = None) -> bool:
        """Whether it matches somewhere in a text. Raises `TooSlowError`."""
        return self._run(self._compiled.search, (text,), allowance or Allowance(len(text))) is not None

    def replaced(self, to: str, text: str, allowance: Allowance) -> tuple[str, int]:
        r"""A text with all matches replaced (``to`` may have ``\1`` and the like), and how many. Raises `TooSlowError`.

        See `check_replacement` for what may be wrong with ``to``.
        """
        result: tuple[str, int] = self._run(self._compiled.subn, (to, text), allowance)
        return result

    def check_replacement(self, to: str) -> None:
        """Raise `InputError` when a replacement has escapes that mean nothing, or names groups that there are not."""
        try:
            self._plain.sub(to, "")
        except re.error as error:
            raise InputError(f"What to put in its place is not right{_place(error)}: {error.msg}.") from error
        except IndexError as error:
            raise InputError("What to put in its place names a group that the pattern does not have.") from error

    def _run(self, method: Any, arguments: tuple[str, ...], allowance: Allowance) -> Any:
        try:
            return method(*arguments, timeout=_ALONE_S, concurrent=False)
        except TimeoutError:
            pass
        try:
            return method(*arguments, timeout=allowance.left, concurrent=True)
        except (TimeoutError, MemoryError) as error:
            raise TooSlowError from error


def _checked(source: str, flags: int) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what may change in later Pythons
            pattern = re.compile(source, flags)
    except re.error as error:
        raise InputError(f"The regular expression is not right{_place(error)}: {error.msg}.") from error
    except (OverflowError, RecursionError, MemoryError) as error:
        raise InputError("The regular expression is too big.") from error
    if size_of(source) > _BIGGEST:
        raise InputError("The regular expression is too big.", hint="Repeat less in it.")
    return pattern


def _compiled(source: str, flags: int) -> Any:
    """The pattern for the module that can stop in the midst of a match; `re` cannot, and nobody draws meanwhile."""
    import regex  # 40 ms

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return regex.compile(_BRACE.sub(_literal_brace, source), flags & ~re.UNICODE)
    except regex.error as error:
        raise InputError(f"The regular expression is not right{_place(error)}: {error.msg}.") from error
    except (OverflowError, RecursionError, MemoryError) as error:
        raise InputError("The regular expression is too big.") from error


def _literal_brace(match: re.Match[str]) -> str:
    """A brace that repeats nothing stands for itself: `regex` would take ``{i}`` for "nearly"."""
    return r"\{" if match[0] == "{" else match[0]


def size_of(source: str) -> int:
    """About how many parts a pattern has with its repetitions written out."""
    groups: list[list[int]] = [[0, 0]]  # of each open group: what it has up to now, and its last part
    for token in _TOKEN.finditer(source):
        group = groups[-1]
        if token["open"]:
            groups.append([0, 0])
        elif token["close"] and len(groups) > 1:
            inner = sum(groups.pop()) + 1
            groups[-1] = [sum(groups[-1]), inner]
        elif token["least"] is not None:
            group[1] *= max(int(token["least"][:9] or 0), 1)
        else:
            groups[-1] = [sum(group), 1]
    return sum(map(sum, groups))


def _place(error: Any) -> str:
    return f" at character {error.pos + 1}" if error.pos is not None else ""
