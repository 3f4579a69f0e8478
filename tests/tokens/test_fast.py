"""gigatoken counts as tiktoken does, or is not used."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hostile
from fttui.tokens import encodings, fast
from fttui.tokens.encodings import NAMES, count_text, encoding, make_ready
from fttui.tokens.fast import COUNTS, SAMPLES, fast_counter

needs_gigatoken = pytest.mark.skipif(importlib.util.find_spec("gigatoken") is None, reason="the extra 'fast'")


def by_tiktoken(name: str, text: str) -> int:
    return len(encoding(name).encode_ordinary(text))


@pytest.fixture
def nothing_fast(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What this process counts fast with, gone after the test."""
    used: dict[str, object] = {}
    monkeypatch.setattr(encodings, "_fast", used)
    return used


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_are_counted_by_tiktoken(name: str) -> None:
    assert COUNTS[name] == tuple(by_tiktoken(name, text) for text in SAMPLES)


@needs_gigatoken
@pytest.mark.parametrize("name", NAMES)
def test_it_counts_as_tiktoken(name: str, nothing_fast: dict[str, object]) -> None:
    make_ready(name)
    assert name in nothing_fast
    for text in (
        *hostile.STRINGS.values(),
        *(line.decode(errors="replace")[:100_000] for line in hostile.LINES.values()),
    ):
        assert count_text(name, text) == by_tiktoken(name, text), repr(text[:60])


@lru_cache
def o200k_counter() -> Callable[[str], int]:
    path = Path(encodings.__file__).parent / "vocab" / encodings._VOCABULARIES["o200k_base"].file
    counter = fast_counter("o200k_base", path, lambda _text: -1)
    assert counter is not None
    return counter


@needs_gigatoken
@given(text=st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_it_counts_any_text_as_tiktoken(text: str) -> None:
    assert o200k_counter()(text) == by_tiktoken("o200k_base", text)


@needs_gigatoken
@pytest.mark.parametrize("text", ["a" * 1_000_000, " " * 1_000_000, "\n" * 1_000_000 + "x", "\ud800" * 9])
def test_bad_texts_are_counted_in_good_time(text: str, nothing_fast: dict[str, object]) -> None:
    expected = count_text("o200k_base", text)
    make_ready("o200k_base")
    assert count_text("o200k_base", text) == expected


def false_gigatoken(monkeypatch: pytest.MonkeyPatch, encode: object) -> None:
    class BPETokenizer:
        @staticmethod
        def from_tiktoken(*_: object) -> BPETokenizer:
            return BPETokenizer()

        def encode(self, text: str) -> object:
            return encode(text)  # type: ignore[operator]

    package, module = ModuleType("gigatoken"), ModuleType("gigatoken.gigatoken_rs")
    module.BPETokenizer = BPETokenizer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gigatoken", package)
    monkeypatch.setitem(sys.modules, "gigatoken.gigatoken_rs", module)
    monkeypatch.setattr(fast, "is_wanted", lambda: True)


def broken(_text: str) -> object:
    raise RuntimeError("beta")


@pytest.mark.parametrize("encode", [lambda text: text.split(), broken])
def test_one_that_counts_otherwise_is_not_used(
    encode: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, nothing_fast: dict[str, object]
) -> None:
    false_gigatoken(monkeypatch, encode)
    make_ready("o200k_base")
    assert not nothing_fast
    assert "gigatoken" in caplog.text
    assert count_text("o200k_base", "hello world") == 2


def test_it_can_be_declined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTTUI_COUNT_WITH", "tiktoken")
    assert not fast.is_wanted()


def test_without_it_tiktoken_counts(monkeypatch: pytest.MonkeyPatch, nothing_fast: dict[str, object]) -> None:
    monkeypatch.setattr(fast, "is_wanted", lambda: False)
    make_ready("cl100k_base")
    assert not nothing_fast
    assert count_text("cl100k_base", "hello world") == 2
