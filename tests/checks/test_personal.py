"""Secrets and personal data are found by their form, and few other things are."""

from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.checks.personal.personal import CARD, EMAIL, IBAN, PHONE, RULES, PersonalRows, personal_in, places
from fttui.checks.personal.secrets import SECRET

RANDOM = "b8Qm2Zx4Lk7Tn1Vc9Rw3Hy6Jd5Fs0Gp4Ab7"

FOUND = {
    "mail to bob.smith+jobs@acme.co.jp, please": EMAIL,
    "new line\\nbob@acme.com": EMAIL,
    "メールはtaro@acme.co.jpまで": EMAIL,
    "call 090-1234-5678": PHONE,
    "電話は090-1234-5678です": PHONE,
    "tel:\\n03-1234-5678": PHONE,
    "(03) 1234-5678": PHONE,
    "09012345678": PHONE,
    "+81-90-1234-5678": PHONE,
    "+33 6 12 34 56 78": PHONE,
    "+14155552671.": PHONE,
    "(415) 555-2671": PHONE,
    "415-555-2671,": PHONE,
    "4111 1111 1111 1111": CARD,
    "5500-0000-0000-0004": CARD,
    "378282246310005": CARD,
    "DE89370400440532013000": IBAN,
    "DE89 3704 0044 0532 0130 00": IBAN,
    "GB29NWBK60161331926819": IBAN,
    f"sk-proj-{RANDOM}": SECRET,
    f"key:\\nsk-{RANDOM}": SECRET,
    "AKIAIOSFODNN7EXAMPLE": SECRET,
    "ghp_" + RANDOM + "a": SECRET,
    "AIza" + RANDOM: SECRET,
    "-----BEGIN RSA PRIVATE KEY-----": SECRET,
    "-----BEGIN PRIVATE KEY-----": SECRET,
    f"Authorization: Bearer {RANDOM}": SECRET,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0.abcdefghijk": SECRET,
}
NOT_FOUND = (
    "\\n@pytest.fixture",
    "git@github.com:acme/tool.git",
    "write to user@example.com or me@mail.example.org",
    "472547338\\n+960397912423686",
    "icon@2x.png",
    "x@self.weight",
    "@jane",
    "a @ b",
    "2024-01-15 12:30:45",
    "from 2024-2025 to 2026-2027",
    "version 1.2.3.4567",
    "ISBN 978-3-16-148410-0",
    "3.14159265358979",
    "550e8400-e29b-41d4-a716-446655440000",
    "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
    "4111 1111 1111 1112",
    "1234567890123456",
    "200 300 4000 500 6000",
    "x = 1 + 2000000000",
    "a+1000000000",
    "DE88370400440532013000",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "sk-cube-grid-container-wrapper",
    "Bearer of the standard, internationalization",
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----",
    "a_very_long_name_of_a_function_in_python",
)


@pytest.mark.parametrize(("text", "rule"), FOUND.items(), ids=FOUND.keys())
def test_found_alone_and_in_a_line(text: str, rule: str) -> None:
    assert personal_in(text.encode()) == (rule,)
    line = f'{{"messages": [{{"role": "user", "content": "{text}"}}]}}'
    assert personal_in(line.encode()) == (rule,)


@pytest.mark.parametrize("text", NOT_FOUND)
def test_not_found(text: str) -> None:
    assert personal_in(text.encode()) == ()


def test_several_kinds_come_in_the_order_of_the_rules() -> None:
    assert personal_in("\n".join(FOUND).encode()) == RULES


def test_an_image_in_base64_holds_nothing() -> None:
    noise = base64.b64encode(random.Random(1).randbytes(300_000))
    assert personal_in(b'{"url": "data:image/png;base64,' + noise + b'"}') == ()


@pytest.mark.parametrize(
    "piece", ["a@", "@", "a.b@c.", "+1", "1", "1-", "0000 ", "sk-", "aA1/", "DE89", "a" * 63 + "@"]
)
def test_a_megabyte_of_what_looks_like_something_ends_soon(piece: str) -> None:
    raw = (piece * (1_000_000 // len(piece))).encode()
    assert sum(1 for _ in places(raw)) <= len(raw)


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    assert set(personal_in(raw)) <= set(RULES)


@given(st.text("0123456789+-(). @a\\n", max_size=60))
def test_digits_in_any_order(text: str) -> None:
    assert set(personal_in(text.encode())) <= set(RULES)


@given(st.lists(st.sampled_from([*FOUND, "nothing", ""]), max_size=30), st.integers(0, 30))
def test_rows_are_those_of_the_lines(texts: list[str], at: int) -> None:
    lines = [text.encode() for text in texts]
    expected: dict[str, list[int]] = {}
    for row, line in enumerate(lines):
        for rule in personal_in(line):
            expected.setdefault(rule, []).append(row)

    def rows_of(some: list[bytes]) -> PersonalRows:
        rows = PersonalRows()
        for row, line in enumerate(some):
            rows.add(row, line)
        return rows

    first, second = rows_of(lines[:at]), rows_of(lines[at:])
    first.extend(second, min(at, len(lines)))
    assert {rule: list(rows) for rule, rows in first.rows().items()} == expected


def test_many_lines_are_looked_through_in_pieces() -> None:
    rows = PersonalRows()
    filler = b"words and words " * 100
    for row in range(1000):
        rows.add(row, b"jane@acme.com" if row % 100 == 7 else filler)
    assert list(rows.rows()[EMAIL]) == list(range(7, 1000, 100))
