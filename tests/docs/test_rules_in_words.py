"""What the page of rules says in words, for examples that are too long to print, is made here and checked."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from types import ModuleType

import pytest

from fttui.checks.run import Options, check_lines
from fttui.checks.whole.facts import BlockFacts, FileFacts, file_found

MIB = 1 << 20
LINE = '{"messages": [{"role": "user", "content": "天気は?"}, {"role": "assistant", "content": "晴れ"}]}'
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}

Lines = list[bytes]


def chat(question: object, answer: str = "Yes") -> bytes:
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return json.dumps({"messages": messages}).encode()


def chats(count: int) -> Lines:
    return [chat(f"Question {number}?") for number in range(count)]


def picture(size: int) -> bytes:
    data = b64encode(b"\x89PNG\r\n\x1a\n" + bytes(size)).decode()
    return chat([{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}])


def pictures(count: int) -> Lines:
    return [chat([{"type": "text", "text": f"{number}?"}, IMAGE]) for number in range(count)]


def pair(length: int) -> bytes:
    return json.dumps({"prompt": "a " * (length // 2 - 2) + " ->", "completion": " b"}).encode()


MADE: dict[str, tuple[Callable[[], Lines], Callable[[], Lines], str]] = {
    "not-utf8": (lambda: [*chats(9), LINE.encode("cp932")], lambda: [*chats(9), LINE.encode()], "openai"),
    "image-size": (lambda: [picture(11 * MIB)], lambda: [picture(1000)], "openai"),
    "completion-long": (lambda: [pair(12_000)] * 2, lambda: [pair(9_000)] * 2, "openai"),
    "too-long": (lambda: [chat("Go on", "word " * 70_000)], lambda: [chat("Go on", "word " * 60_000)], "openai"),
    "too-long-to-learn": (lambda: [chat("word " * 70_000)], lambda: [chat("word " * 60_000)], "openai"),
    "encoding": (lambda: f"{LINE}\n{LINE}\n".encode("utf-16").split(b"\n"), lambda: [LINE.encode()] * 2, "openai"),
    "few-examples": (lambda: chats(10), lambda: chats(50), "openai"),
    "too-many-examples": (lambda: [LINE.encode()] * 20_001, lambda: [LINE.encode()] * 20_000, "bedrock"),
    "too-many-image-examples": (lambda: pictures(50_001), lambda: pictures(50_000), "openai"),
}


def test_every_example_in_words_is_made(make_rules: ModuleType) -> None:
    assert {*MADE, "file-too-large"} == {*make_rules.IN_WORDS}


@pytest.mark.parametrize("rule", MADE)
def test_what_breaks_a_rule_and_what_keeps_it(rule: str) -> None:
    breaks, keeps, target = MADE[rule]
    assert rule in check_lines(breaks(), Options((target,))).counts
    assert rule not in check_lines(keeps(), Options((target,))).counts


@pytest.mark.parametrize(("size", "is_too_large"), [(513 * MIB, True), (512 * MIB, False)])
def test_a_file_that_is_too_large(size: int, is_too_large: bool) -> None:
    found = file_found(FileFacts(BlockFacts(), size, False, "chat"))
    told = [place.targets for rule, _, place in found if rule == "file-too-large"]
    assert any("openai" in (targets or ()) for targets in told) == is_too_large
