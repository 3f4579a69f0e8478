"""Secrets and personal data in the bytes of lines: found by their form, whoever they belong to.

Patterns over all of a large file take longer than every other check. So each kind is looked for in two steps: a search
for bytes that it cannot do without (an ``@``, four digits in a row, twenty letters and digits in a row), which runs
over many lines at once, and a pattern around the few places that it finds.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from fttui.checks.personal.secrets import SECRET, is_secret

EMAIL: Final = "personal-email"
PHONE: Final = "personal-phone"
CARD: Final = "personal-card"
IBAN: Final = "personal-iban"
RULES: Final = (SECRET, CARD, IBAN, EMAIL, PHONE)

_BATCH: Final = 262_144
"""Bytes that are looked through at once."""

_RUN: Final = 20
"""No secret has fewer letters and digits in a row."""
_TOKEN: Final = bytes(
    ord("a") if chr(byte).isascii() and (chr(byte).isalnum() or byte in b"_-") else 32 for byte in range(256)
)
_NUMBER: Final = bytes(
    ord("0") if byte in b"0123456789" else ord("-") if byte in b" ().-+" else ord("x") for byte in range(256)
)

_NAME_BACKWARDS: Final = re.compile(rb"[A-Za-z0-9_+-](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9])?")
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,8}([A-Za-z]{2,24})")
_DOMAINS: Final = frozenset(
    b"com net org edu gov mil int info biz name pro app dev tech online store shop site cloud email xyz asia mobi jobs"
    b" global agency company".split()
)
_NOBODYS: Final = re.compile(rb"(?:.*\.)?example\.(?:com|net|org)", re.IGNORECASE)
"""Names for examples that nobody can own (RFC 2606)."""
_ROBOTS: Final = frozenset((b"git", b"hg", b"svn"))

# a number in the international form, of North America, of Japan; what stands around them is looked at apart
_INTERNATIONAL: Final = re.compile(rb"\+[1-9][0-9]{0,2}(?:[ .-]?\(?[0-9]{1,4}\)?){2,6}")
_AMERICAN: Final = re.compile(rb"(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-.])[2-9][0-9]{2}[-.][0-9]{4}")
_JAPANESE: Final = re.compile(
    rb"0[5789]0(?P<a>[- ]?)[0-9]{4}(?P=a)[0-9]{4}|0[0-9]{1,4}-[0-9]{1,4}-[0-9]{4}|\(0[0-9]{1,4}\) ?[0-9]{1,4}-[0-9]{4}"
)
_CARD_NUMBER: Final = re.compile(
    rb"[2-6][0-9]{3}(?P<a>[ -]?)[0-9]{4}(?P=a)[0-9]{4}(?P=a)[0-9]{4}|3[47][0-9]{2}(?P<b>[ -]?)[0-9]{6}(?P=b)[0-9]{5}"
)
# Visa, Mastercard, American Express, Discover, JCB (ISO/IEC 7812 issuers)
_ISSUER: Final = re.compile(rb"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|6011|65|64[4-9]|35(?:2[89]|[3-8])")
_ACCOUNT: Final = re.compile(rb"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?")
_PACKED: Final = re.compile(rb"[A-Za-z0-9+/]+")
_NOT_DIGITS: Final = re.compile(rb"[^0-9]")


def personal_in(raw: bytes) -> tuple[str, ...]:
    """The kinds of secrets and personal data in the bytes, as ids of rules, in the order of `RULES`."""
    found = {rule for rule, _ in places(raw)}
    return tuple(rule for rule in RULES if rule in found)


def places(raw: bytes) -> Iterator[tuple[str, int]]:
    """The id of the rule and the offset of each secret and each piece of personal data; a place may come twice."""
    yield from _secrets(raw)
    yield from _addresses(raw)
    yield from _numbers(raw)


@dataclass(slots=True)
class PersonalRows:
    """By rule, the rows with such data; lines are looked through many at a time.

    Attributes:
        found: Rows in order, without those of the lines that still wait.
    """

    found: dict[str, array[int]] = field(default_factory=dict)
    _waiting: list[bytes] = field(default_factory=list)
    _first: int = 0
    _bytes: int = 0

    def add(self, row: int, raw: bytes) -> None:
        """Take note of the next line."""
        if not self._waiting:
            self._first = row
        self._waiting.append(raw)
        self._bytes += len(raw)
        if self._bytes >= _BATCH:
            self._look()

    def extend(self, other: PersonalRows, start: int) -> None:
        """Add what was found in the lines that follow, of which the first is the row ``start``."""
        for rule, rows in other.rows().items():
            self.rows().setdefault(rule, array("I")).extend(row + start for row in rows)

    def rows(self) -> dict[str, array[int]]:
        """By rule, the rows in order."""
        if self._waiting:
            self._look()
        return self.found

    def __getstate__(self) -> dict[str, array[int]]:
        return self.rows()

    def __setstate__(self, found: dict[str, array[int]]) -> None:
        self.__init__(found)  # type: ignore[misc]  # there is nothing else to restore

    def _look(self) -> None:
        lines, self._waiting, self._bytes = self._waiting, [], 0
        ends: list[int] = []
        end = 0
        for line in lines:
            end += len(line) + 1
            ends.append(end)
        seen: dict[str, set[int]] = {}
        for rule, at in places(b"\n".join(lines)):
            seen.setdefault(rule, set()).add(self._first + bisect_right(ends, at))
        for rule, rows in seen.items():
            self.found.setdefault(rule, array("I")).extend(sorted(rows))


def _secrets(raw: bytes) -> Iterator[tuple[str, int]]:
    at = raw.find(b"PRIVATE KEY-----")
    while at >= 0:
        if b"-----BEGIN" in raw[max(0, at - 32) : at]:
            yield SECRET, at
        at = raw.find(b"PRIVATE KEY-----", at + 1)
    tokens = raw.translate(_TOKEN)
    at = tokens.find(b"a" * _RUN)
    while at >= 0:
        end = tokens.find(b" ", at + _RUN)
        end = len(raw) if end < 0 else end
        if is_secret(raw, at, end):
            yield SECRET, at
        elif _is_account(raw[at:end]):
            yield IBAN, at
        elif end - at < _RUN * 10 and (packed := _PACKED.match(raw, at)) and packed.end() - at >= _RUN * 10:
            end = packed.end()  # an image in base64: what follows is none of a person's words
        at = tokens.find(b"a" * _RUN, end)


def _addresses(raw: bytes) -> Iterator[tuple[str, int]]:
    at = raw.find(b"@")
    while at >= 0:
        host = _HOST.match(raw, at + 1, at + 256)
        if (
            host is not None
            and _is_top(host[1].lower())
            and not _NOBODYS.fullmatch(host[0])
            and _is_name(raw[max(0, at - 66) : at])
        ):
            yield EMAIL, at
        at = raw.find(b"@", at + 1)


def _is_name(before: bytes) -> bool:
    """Whether what ends here is a name: not a robot's, and not a letter of an escape (``\\n@decorator``)."""
    found = _NAME_BACKWARDS.match(before[::-1])
    if found is None:
        return False
    name = found[0][::-1]
    if before[: len(before) - len(name)].endswith(b"\\"):
        name = name[1:]
    return bool(name) and name.lower() not in _ROBOTS


def _is_top(domain: bytes) -> bool:
    """Whether it is a country or one of the usual others: many things in code have an ``@`` and a dot."""
    return len(domain) == 2 or domain in _DOMAINS


def _numbers(raw: bytes) -> Iterator[tuple[str, int]]:
    marks = raw.translate(_NUMBER)
    at = marks.find(b"0000")
    while at >= 0:
        start = marks.rfind(b"x", max(0, at - 32), at) + 1 or max(0, at - 32)
        end = marks.find(b"x", at, at + 40)
        end = min(len(raw), at + 40) if end < 0 else end
        if marks.count(b"0", start, end) >= 10:
            yield from ((rule, at) for rule in _numbers_in(raw, start, end))
        at = marks.find(b"0000", end)
    at = raw.find(b"+")
    while at >= 0:  # in pairs of digits, as in France
        if marks[at + 1 : at + 2] == b"0" and _is_international(raw, _INTERNATIONAL.match(raw, at, at + 28)):
            yield PHONE, at
        at = raw.find(b"+", at + 1)


def _numbers_in(raw: bytes, start: int, end: int) -> Iterator[str]:
    if any(_is_card(raw, found) for found in _CARD_NUMBER.finditer(raw, start, end)):
        yield CARD
    elif any(_is_phone(raw, found) for kind in (_AMERICAN, _JAPANESE) for found in kind.finditer(raw, start, end)):
        yield PHONE
    elif start >= 2 and raw[start - 2 : start].isalpha():
        account = _ACCOUNT.match(raw, start - 2, end)
        if account and _is_account(account[0]):
            yield IBAN


def _stands_alone(raw: bytes, found: re.Match[bytes]) -> bool:
    """Whether it is no piece of a longer number or word."""
    before, after = raw[max(0, found.start() - 2) : found.start()], raw[found.end() : found.end() + 2]
    if before[-1:].isalnum() and not (before[:1] == b"\\" and before[1:] in b"nrt"):
        return False
    if before[-1:] in (b"-", b".", b"_", b"+") or after[:1].isalnum() or after[:1] == b"_":
        return False
    return not (after[:1] in (b"-", b".") and after[1:].isdigit())


def _is_phone(raw: bytes, found: re.Match[bytes] | None) -> bool:
    return found is not None and _stands_alone(raw, found) and 9 <= len(_NOT_DIGITS.sub(b"", found[0])) <= 15


def _is_international(raw: bytes, found: re.Match[bytes] | None) -> bool:
    """Whether it is a number to call, and no sum: written in groups, or of 11 to 13 digits, not all alike."""
    if found is None or not _is_phone(raw, found):
        return False
    is_grouped = not found[0][1:].isdigit()
    return is_grouped or (11 < len(found[0]) <= 14 and len(set(found[0])) > 4)


def _is_card(raw: bytes, found: re.Match[bytes]) -> bool:
    digits = _NOT_DIGITS.sub(b"", found[0])
    return _stands_alone(raw, found) and _ISSUER.match(digits) is not None and _is_luhn(digits)


def _is_luhn(digits: bytes) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    values = [digit - ord("0") for digit in reversed(digits)]
    return (sum(values[::2]) + sum(sum(divmod(2 * value, 10)) for value in values[1::2])) % 10 == 0


def _is_account(text: bytes) -> bool:
    """Whether it is an IBAN with the right check digits (ISO 13616: the remainder by 97 is 1)."""
    if not _ACCOUNT.fullmatch(text):
        return False
    packed = text.replace(b" ", b"")
    moved = (packed[4:] + packed[:4]).decode("ascii")
    return len(packed) <= 34 and int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1
