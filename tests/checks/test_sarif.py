"""What code hosts read: valid SARIF, at the right lines and columns, with fingerprints that stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

import hostile
from checks.records import failing
from checks.sarif_schema import SCHEMA
from fttui.checks.model import Issue
from fttui.checks.run import Options, check_lines
from fttui.checks.sarif import CheckedFile, sarif_of
from fttui.checks.table import rules
from fttui.checks.targets import targets
from fttui.formats.lines import decode_line

GOOD = b'{"messages": [{"role": "user", "content": "Hi %d"}, {"role": "assistant", "content": "Hello"}]}'
BAD = '{"messages": [{"role": "user", "content": "日本 😀"}, {"role": "gpt", "content": "Hello"}]}'.encode()


def checked(lines: list[bytes], path: str = "data/a b.jsonl", keep: int = 1000) -> CheckedFile:
    report = check_lines(lines, Options(tuple(targets()), keep=keep))
    texts = {number: decode_line(line.rstrip(b"\r\n")) for number, line in enumerate(lines, 1)}
    return CheckedFile(Path(path), report.issues, report.left_out, texts, sum(map(len, lines)))


def log_of(*files: CheckedFile) -> dict[str, Any]:
    """The log, as another program reads it: valid, and without anything that JSON has not."""
    log = json.loads(json.dumps(sarif_of(files, tuple(targets()), "1.2.3"), allow_nan=False))
    Draft7Validator.check_schema(SCHEMA)
    Draft7Validator(SCHEMA).validate(log)
    assert isinstance(log, dict)
    return log


def results(log: dict[str, Any], rule: str) -> list[dict[str, Any]]:
    return [result for result in log["runs"][0]["results"] if result["ruleId"] == rule]


def test_a_result_says_where_and_what() -> None:
    log = log_of(checked([GOOD % 1, BAD]))
    run = log["runs"][0]
    (result,) = results(log, "role-unknown")
    text = BAD.decode()
    start = text.index('"gpt"') + 1
    place = result["locations"][0]
    assert place["physicalLocation"]["region"] == {"startLine": 2, "startColumn": start, "endColumn": start + 5}
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "data/a%20b.jsonl", "index": 0}
    assert place["logicalLocations"] == [{"fullyQualifiedName": "messages[1].role"}]
    assert result["level"] == "error"
    assert result["message"]["text"].endswith(".")
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "role-unknown"
    assert run["artifacts"][0]["length"] == len(GOOD % 1) + len(BAD)


def test_every_rule_that_is_used_is_explained() -> None:
    log = log_of(checked([json.dumps(record).encode() for _, record in failing()]))
    described = {rule["id"]: rule for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in log["runs"][0]["results"]} == set(described)
    assert len(described) > 20
    for name, rule in described.items():
        assert rules()[name].why in rule["help"]["text"]


def test_a_fingerprint_stays_when_lines_are_put_before_and_differs_between_issues() -> None:
    before = log_of(checked([BAD, GOOD % 1]))
    after = log_of(checked([GOOD % 2, GOOD % 3, BAD, GOOD % 1]))
    (old,), (new,) = results(before, "role-unknown"), results(after, "role-unknown")
    assert old["locations"] != new["locations"]
    assert old["partialFingerprints"] == new["partialFingerprints"]
    twice = log_of(checked([BAD, BAD, BAD]))
    prints = [json.dumps(result["partialFingerprints"]) for result in twice["runs"][0]["results"]]
    assert len(set(prints)) == len(prints)


def test_what_is_left_out_is_said() -> None:
    log = log_of(checked([BAD] * 5, keep=2))
    assert len(results(log, "role-unknown")) == 2
    (note,) = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert "left out" in note["message"]["text"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a.jsonl", "a.jsonl"),
        ("日本/é.jsonl", "%E6%97%A5%E6%9C%AC/%C3%A9.jsonl"),
        ("/tmp/a#b?.jsonl", "file:///tmp/a%23b%3F.jsonl"),
        ("half\udcff.jsonl", "half%FF.jsonl"),
    ],
)
def test_a_path_becomes_a_uri(path: str, uri: str) -> None:
    log = log_of(checked([b"x"], path))
    assert log["runs"][0]["artifacts"][0]["location"]["uri"] == uri


def test_hostile_lines() -> None:
    log = log_of(checked(list(hostile.LINES.values())))
    text = json.dumps(log, ensure_ascii=False)
    assert "\x1b" not in text
    assert "\\u001b" not in text
    text.encode("utf-8")  # no lone surrogate is left


def test_an_issue_of_the_whole_file_and_one_whose_line_is_gone() -> None:
    issues = [
        Issue(None, "blank-line", "warning", "x", (), False, ("openai",)),
        Issue(7, "role-unknown", "error", "y", ("messages", 0, "role"), True, ("openai",)),
    ]
    log = log_of(CheckedFile(Path("a.jsonl"), issues, 0, {}, 0), CheckedFile(Path("b.jsonl"), [], 0, {}, 0))
    regions = [result["locations"][0]["physicalLocation"]["region"] for result in log["runs"][0]["results"]]
    assert regions == [{"startLine": 1}, {"startLine": 7}]
