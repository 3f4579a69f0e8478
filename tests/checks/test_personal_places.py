"""What personal data stands in one example, and where."""

from __future__ import annotations

import json

import pytest

import hostile
from fttui.checks.personal.personal import personal_in
from fttui.checks.personal.places import personal_issues
from fttui.checks.targets import targets


def line(text: str) -> bytes:
    record = {"messages": [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": text}]}
    return json.dumps(record, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("text", "rule", "quoted"),
    [
        ("Write to jane.doe@acme.co.jp.", "personal-email", "'jane.doe@acme.co.jp'"),
        ("one\njane@acme.com", "personal-email", "'jane@acme.com'"),
        ("お問い合わせは090-1234-5678まで", "personal-phone", "'090-1234-5678'"),
        ("Call +33 1 23 45 67 89, please", "personal-phone", "'+33 1 23 45 67 89'"),
        ("The card is 4111 1111 1111 1111.", "personal-card", "'4111 1111 1111 1111'"),
        ("Pay to DE89 3704 0044 0532 0130 00.", "personal-iban", "'DE89 3704 0044 0532 0130 00'"),
        ("Take sk-proj-b8Qm2Zx4Lk7Tn1Vc9Rw3Hy6Jd5Fs0Gp now", "secret-key", "'sk-proj-b8Qm2Zx4Lk7Tn1Vc9Rw3Hy6Jd5Fs0Gp'"),
    ],
)
def test_what_was_found_is_quoted_with_its_place(text: str, rule: str, quoted: str) -> None:
    (issue,) = personal_issues(line(text), 7, ("openai",))
    assert (issue.line, issue.rule, issue.path) == (7, rule, ("messages", 1, "content"))
    assert issue.message.endswith(quoted)
    assert not issue.is_fixable


def test_each_text_is_told_once_and_not_too_many() -> None:
    found = personal_issues(line("a.b@acme.com, c.d@acme.com and a.b@acme.com again"), 1, ("openai",))
    assert [issue.message.split(": ")[1] for issue in found] == ["'a.b@acme.com'", "'c.d@acme.com'"]
    assert len(personal_issues(line(" ".join(f"n{n}@acme.com" for n in range(100))), 1, ("openai",))) == 20


@pytest.mark.parametrize("raw", hostile.LINES.values(), ids=hostile.LINES)
def test_the_rules_are_those_that_are_counted(raw: bytes) -> None:
    found = personal_issues(raw, 1, tuple(targets()))
    assert {issue.rule for issue in found} == set(personal_in(raw))
