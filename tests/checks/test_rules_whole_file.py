"""A file as a whole: how much there is of it, what it is, what is in it twice, whose data it holds."""

from __future__ import annotations

import json
from array import array
from typing import Any

import pytest

from checks.files import facts_of, found_in
from fttui.checks.model import Rule
from fttui.checks.table import file_checks, file_fixes, rules
from fttui.checks.targets import targets
from fttui.checks.whole.facts import BlockFacts, FileFacts, file_found
from fttui.formats.kinds import Kind, kind_of_file
from fttui.formats.lines import BOM, parse_line
from hostile import FILE

FILE_RULES = [rule for rule in rules().values() if rule.scope == "file"]


def line(number: int, answer: str = "Hello") -> bytes:
    messages = [{"role": "user", "content": f"Hi {number}"}, {"role": "assistant", "content": answer}]
    return json.dumps({"messages": messages}).encode()


def names(facts: FileFacts, target: str = "openai") -> set[str]:
    return {rule for rule in file_checks() if found_in(facts, rule, target)}


def says(facts: FileFacts, rule: str, target: str = "openai") -> list[str]:
    return [found.message for _, found in found_in(facts, rule, target)]


def kind_for(rule: Rule, lines: list[bytes]) -> Kind:
    if len(rule.kinds) == 1:
        return min(rule.kinds)
    records = [record for raw in lines if isinstance(record := parse_line(raw).value, dict)]
    return kind_of_file(records)


@pytest.mark.parametrize("rule", FILE_RULES, ids=lambda rule: rule.id)
def test_own_examples(rule: Rule) -> None:
    assert rule.id in file_checks()
    some = [target for target in targets() if rule.severity_for(target)]
    for lines, is_broken in ((rule.failing, True), (rule.passing, False)):
        if lines:
            raws = [text.encode() for text in lines]
            facts = facts_of(raws, kind_for(rule, raws))
            holds = [bool(found_in(facts, rule.id, target)) for target in some]
            assert any(holds) if is_broken else not all(holds)


@pytest.mark.parametrize("rule", FILE_RULES, ids=lambda rule: rule.id)
def test_fixes_are_there(rule: Rule) -> None:
    assert (rule.id in file_fixes()) == (rule.fix is not None)


@pytest.mark.parametrize("kind", ["chat", "preference", "reinforcement", "completion", "gemini", "bedrock", "other"])
def test_hostile_files(kind: Kind) -> None:
    for lines in (FILE.split(b"\n"), [], [b""]):
        facts = facts_of(lines, kind)
        for rule, row, found in file_found(facts):
            assert row is None or 0 <= row < len(lines)
            assert found.message and len(found.message) < 400 and not found.message.endswith(".")
            assert rules()[rule].scope == "file"
        for plan in file_fixes().values():
            plan(facts, ["openai"])


def test_a_file_without_examples() -> None:
    assert "file-empty" in names(facts_of([]))
    assert "file-empty" in names(facts_of([b"", b"  "]))
    assert "file-empty" not in names(facts_of([b"not json"]))


def test_numbers_of_examples() -> None:
    facts = {count: names(facts_of([line(number) for number in range(count)])) for count in (9, 10, 49, 50)}
    assert facts[9] & {"too-few-examples", "few-examples"} == {"too-few-examples"}
    assert facts[10] & {"too-few-examples", "few-examples"} == {"few-examples"}
    assert "few-examples" in facts[49]
    assert "few-examples" not in facts[50]
    assert says(facts_of([line(1)]), "too-few-examples") == ["there is 1 example; OpenAI takes 10 at least"]


def with_records(count: int, kind: Kind, **more: Any) -> FileFacts:
    """Facts of a file of so many examples, which nobody wrote."""
    block = BlockFacts(lines=count, records=count, wholes=array("Q"), questions=array("Q"), **more)
    return FileFacts(block, 1000, False, kind)


def test_numbers_for_reinforcement_are_others() -> None:
    assert "too-few-examples" in names(with_records(99, "reinforcement"), "bedrock")
    assert "too-few-examples" not in names(with_records(100, "reinforcement"), "bedrock")
    assert "too-many-examples" in names(with_records(50_001, "reinforcement"), "openai")
    assert "too-many-examples" not in names(with_records(50_001, "chat"), "openai")


def test_most_examples_and_images() -> None:
    most = targets()["bedrock"].examples
    assert most is not None
    assert "too-many-examples" not in names(with_records(most, "bedrock"), "bedrock")
    assert "too-many-examples" in names(with_records(most + 1, "bedrock"), "bedrock")
    assert "too-many-image-examples" not in names(with_records(60_000, "chat", images=50_000))
    assert "too-many-image-examples" in names(with_records(60_000, "chat", images=50_001))


def test_images_are_counted_by_examples() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://acme.com/a.png"}}
    shown = {"messages": [{"role": "user", "content": [image, image]}]}
    told = {"messages": [{"role": "user", "content": 'the key "image_url"'}]}
    lines = [json.dumps(record).encode() for record in (shown, told, {"input": shown})]
    assert facts_of(lines).block.images == 2


def test_sizes() -> None:
    limit = targets()["openai"].bytes
    assert limit is not None
    assert not says(facts_of([line(1)], size=limit), "file-too-large")
    assert "takes 512 MiB" in says(facts_of([line(1)], size=limit + 1), "file-too-large")[0]


def test_byte_order_marks() -> None:
    plain, marked = facts_of([line(1)]), facts_of([BOM + line(1)])
    assert "bom-unwanted" in names(marked) and "bom-unwanted" not in names(plain)
    assert "bom-missing" in names(plain, "azure") and "bom-missing" not in names(marked, "azure")
    assert not names(marked, "azure") & {"bom-unwanted"} and not names(plain) & {"bom-missing"}
    assert file_fixes()["bom-unwanted"](marked, ["openai"]).bom is False
    assert file_fixes()["bom-missing"](plain, ["azure", "local"]).bom is True


def test_a_file_for_both_keeps_its_beginning() -> None:
    both = ["openai", "azure"]
    assert file_fixes()["bom-unwanted"](facts_of([BOM + line(1)]), both).bom is None
    assert file_fixes()["bom-missing"](facts_of([line(1)]), both).bom is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b'[{"a": 1}, {"b": 2}]', "JSON array"),
        (b'[\n  {"a": 1},\n  {"b": 2}\n]', "JSON array"),
        (b'{\n  "messages": []\n}', "many lines"),
        (b"prompt,completion\nHi,Hello\n", "commas"),
        (b"prompt\tcompletion\nHi\tHello\n", "tabs"),
        (b"PAR1\x15\x04\x15", "Parquet"),
        (b"PK\x03\x04\x14\x00", "Excel"),
    ],
)
def test_files_that_are_no_json_lines(text: bytes, what: str) -> None:
    (message,) = says(facts_of(text.split(b"\n")), "not-json-lines")
    assert what in message and message.endswith(("line of its own", "as JSON lines"))


@pytest.mark.parametrize("lines", [[line(1)], [line(1), b"{", line(2), line(3)], [b"once upon a time"], [b'{"a": 1']])
def test_files_with_broken_lines_are_still_json_lines(lines: list[bytes]) -> None:
    assert not says(facts_of(lines), "not-json-lines")


def test_encodings_are_told_once_for_the_file() -> None:
    text = '{"prompt": "これは何ですか", "completion": "りんごです"}'
    (message,) = says(facts_of([text.encode("cp932")] * 3), "encoding")
    assert message.startswith("3 lines are not UTF-8") and "Shift JIS" in message
    assert "UTF-16" in says(facts_of(f"{text}\n{text}\n".encode("utf-16").split(b"\n")), "encoding")[0]
    assert not says(facts_of([line(1), b'{"a": "\xe9"}', line(2)]), "encoding")


def test_duplicates_name_the_first() -> None:
    turned = b'{"messages":[{"content":"Hi 1","role":"user"},{"content":"Hello","role":"assistant"}],"id":3}'
    facts = facts_of([line(1), b"", line(2), turned, line(1)])
    assert [(row, found.message) for row, found in found_in(facts, "duplicate")] == [
        (3, "the same example as line 1"),
        (4, "the same example as line 1"),
    ]
    assert list(file_fixes()["duplicate"](facts, ["openai"]).delete) == [3, 4]


def test_other_answers_to_a_prompt() -> None:
    facts = facts_of([line(1, "yes"), line(2), line(1, "no"), line(1, "yes"), line(1, "no")])
    assert [(row, found.message) for row, found in found_in(facts, "same-prompt")] == [
        (2, "the prompt is that of line 1, but what it is answered by is not")
    ]


def test_pairs_with_one_prompt_are_usual_in_preferences() -> None:
    def pair(better: str) -> bytes:
        record = {"input": {"messages": [{"role": "user", "content": "Hi"}]}}
        sides = {"preferred_output": [{"role": "assistant", "content": better}], "non_preferred_output": []}
        return json.dumps(record | sides).encode()

    facts = facts_of([pair("a"), pair("b"), pair("a")], "preference")
    assert not says(facts, "same-prompt")
    assert [row for row, _ in found_in(facts, "duplicate")] == [2]


def test_personal_data_is_one_issue_a_kind_with_its_rows() -> None:
    facts = facts_of([line(1, "jane@acme.com"), line(2), line(3, "bob@acme.com"), line(4, "4111 1111 1111 1111")])
    assert found_in(facts, "personal-email")[0][0] is None
    assert says(facts, "personal-email") == ["e-mail addresses in 2 examples"]
    assert says(facts, "personal-card") == ["numbers of payment cards in 1 example"]
    assert list(facts.block.personal.rows()["personal-email"]) == [0, 2]


def test_who_takes_no_such_file() -> None:
    pair = b'{"prompt": "a", "completion": "b"}'
    assert "kind-not-taken" in names(facts_of([pair], "completion"), "azure")
    assert "kind-not-taken" not in names(facts_of([pair], "completion"), "openai")
    assert "kind-not-taken" not in names(facts_of([], "completion"), "azure")
