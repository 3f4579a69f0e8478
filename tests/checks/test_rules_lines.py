"""Lines that are no example are told apart, and what can be mended in a line is."""

from __future__ import annotations

import codecs
import json

import pytest

from fttui.checks.model import Rule
from fttui.checks.rules.lines import check_line
from fttui.checks.table import file_fixes, record_fixes, rules
from fttui.checks.whole.encodings import looks_like
from fttui.checks.whole.facts import BlockFacts, FileFacts
from fttui.formats.lines import BOM, parse_exact, parse_line
from fttui.formats.style import dump_line
from hostile import LINES

LINE_RULES = [rule for rule in rules().values() if rule.scope == "line"]
GOOD = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}'
JAPANESE = '{"prompt": "日本語のテキストです", "completion": "はい、そうです"}'


def names(raw: bytes, row: int = 1, *, is_last: bool = False) -> list[str]:
    return [rule for rule, _ in check_line(raw, row, is_last)]


def message(raw: bytes, *, is_last: bool = False) -> str:
    ((_, found),) = check_line(raw, 1, is_last)
    return found.message


@pytest.mark.parametrize("rule", LINE_RULES, ids=lambda rule: rule.id)
def test_own_examples(rule: Rule) -> None:
    for line in rule.failing:
        assert names(line.encode()) == [rule.id]
    for line in rule.passing:
        assert names(line.encode()) == []


@pytest.mark.parametrize("name", LINES)
def test_a_line_without_a_record_breaks_a_rule(name: str) -> None:
    raw = LINES[name]
    found = check_line(raw, 1, False)
    assert parse_line(raw).error is None or found
    assert all(rules()[rule].scope == "line" and len(place.message) < 300 for rule, place in found)


def test_columns_are_told() -> None:
    ((rule, found),) = check_line(b'{"a": 1, }', 1, False)
    assert (rule, found.column) == ("not-json", 8)


def test_two_values_and_trailing_letters_are_told_apart() -> None:
    assert names(b'{"a": 1} {"b": 2}') == ["two-values"]
    assert names(b'{"a": 1}[]') == ["two-values"]
    assert names(b'{"a": 1},') == ["not-json"]
    assert names(b'{"a": 1}}') == ["not-json"]


def test_a_line_that_stops_at_the_end_of_the_file_may_be_cut_off() -> None:
    for cut in (GOOD[:-1], GOOD[:-20], GOOD[:-6]):
        assert "cut off" in message(cut, is_last=True)
        assert "cut off" not in message(cut)


def test_a_byte_order_mark_is_wrong_inside_only() -> None:
    assert names(BOM + GOOD, row=0) == []
    assert names(BOM + GOOD, row=3) == ["bom-inside"]
    assert names(BOM, row=3) == ["blank-line"]
    assert names(BOM + b"{", row=3) == ["bom-inside", "not-json"]


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("cp932", "Shift JIS"),
        ("euc_jp", "EUC-JP"),
        ("utf-16", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32-le", "UTF-32"),
    ],
)
def test_encodings_are_guessed(codec: str, name: str) -> None:
    raw = JAPANESE.encode(codec)
    assert looks_like(raw) == name
    assert name in message(raw)
    assert names(raw) == ["not-utf8"]


def test_western_and_chinese_letters() -> None:
    assert looks_like("Où est le café d'été ?".encode("cp1252")) == "Windows-1252 or Latin-1"
    assert looks_like("今天天气怎么样".encode("gb18030")) == "GB 18030"


def test_nothing_is_guessed_from_noughts() -> None:
    assert looks_like(b"\x00\x00\x00") == ""
    assert names(b"\x00\x00\x00\n") == ["not-json"]


def test_keys_that_are_there_twice_are_named() -> None:
    assert "'content'" in message(b'{"messages": [{"content": 1, "content": 2}]}')
    many = b'{"x": {"a":1,"a":2,"b":1,"b":2,"c":1,"c":2,"d":1,"d":2}}'
    assert message(many).startswith("'a', 'b', 'c' and 1 more are")


@pytest.mark.parametrize(
    "text",
    [
        '{"messages": [], "messages": [{"role": "user", "content": "x", "content": "y"}]}',
        '{"n": NaN, "i": [-Infinity, {"x": Infinity}], "big": 1e400, "spelt": 1.50}',
        '{"\\ud83d": "a\\udc00b", "\\ud83e": ["\\ud83d\\ude00", "\\udfff"]}',
        '{"\\ud83d": NaN, "\\ufffd": 1, "\\ufffd": 2}',
    ],
)
def test_fixes_leave_nothing_to_mend(text: str) -> None:
    record = parse_exact(text.encode()).value
    assert record is not None
    for rule, found in check_line(text.encode(), 1, False):
        record_fixes()[rule](record, found.path)
    mended = dump_line(record)
    assert check_line(mended, 1, False) == []
    json.loads(mended)  # strict enough for lone surrogates and twins; the words are looked for
    assert b"NaN" not in mended and b"Infinity" not in mended


def test_fixes_keep_the_rest() -> None:
    record = parse_exact(b'{"b": 1e400, "a": [NaN, "x\\ud800", 1.50], "\\ud800": 1, "z": null}').value
    assert record is not None
    for rule in ("not-finite", "lone-surrogate"):
        record_fixes()[rule](record, ())
    assert dump_line(record).decode() == '{"b": 1e400, "a": [null, "x\ufffd", 1.50], "\ufffd": 1, "z": null}'


def test_blank_lines_are_deleted() -> None:
    facts = BlockFacts()
    for row, line in enumerate((GOOD, b"", GOOD, b" \t\r\n", codecs.BOM_UTF8)):
        facts.add(row, line, parse_line(line).value, "chat")
    plan = file_fixes()["blank-line"](FileFacts(facts, 10, False, "chat"), ["openai"])
    assert list(plan.delete) == [1, 3, 4]
