"""Text to tokens and back, a token at a time."""

from __future__ import annotations

import json
import re
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine import NumpyEngine, load_engine
from fttui.local.engines.numpy_engine.gguf_file import read_gguf
from fttui.local.engines.numpy_engine.tokenizer import StreamDecoder, Tokenizer
from fttui.local.engines.numpy_engine.word_rules import word_rule
from fttui.local.engines.protocol import ContextExceededError
from hostile import STRINGS
from tiny_gguf import CHATML, write_tiny_gguf

PIECES = Path(__file__).parents[2] / "data" / "sentencepiece.json"

TEXTS = [
    "Hello, the system is on.",
    "  two  blanks\n\n\ttab ",
    "要素1が要素2よりも25.0%優位です。",
    "🦊 é \x00 \u2028",
    "",
]


def _decoded(engine: NumpyEngine, ids: list[int]) -> list[str]:
    decoder = StreamDecoder(engine.tokenizer)
    return [decoder.add(token) for token in ids] + [decoder.finish()]


@pytest.mark.parametrize("text", TEXTS)
def test_text_comes_back(engine: NumpyEngine, text: str) -> None:
    assert "".join(_decoded(engine, engine.tokenizer.encode(text))) == text


def test_a_character_comes_with_its_last_byte(engine: NumpyEngine) -> None:
    ids = engine.tokenizer.encode("要a")
    assert len(ids) == 4  # the tiny vocabulary has no merge for it: three bytes, then one
    assert _decoded(engine, ids) == ["", "", "要", "a", ""]


def test_half_a_character_at_the_end_is_shown_as_a_replacement(engine: NumpyEngine) -> None:
    assert "".join(_decoded(engine, engine.tokenizer.encode("a要")[:-1])) == "a\ufffd"


def test_merges_are_applied(engine: NumpyEngine) -> None:
    assert len(engine.tokenizer.encode("assistant")) == 1
    assert len(engine.tokenizer.encode("assistan")) > 1


def test_digits_are_single(engine: NumpyEngine) -> None:
    assert len(engine.tokenizer.encode("2026")) == 4


def test_special_tokens_are_found_and_give_no_text(engine: NumpyEngine) -> None:
    ids = engine.tokenizer.encode("<|im_start|>user<|im_end|>")
    assert ids[0] == 1
    assert ids[-1] == 2
    assert len(ids) == 3
    assert "".join(_decoded(engine, ids)) == "user"
    assert engine.tokenizer.end_ids == {0, 2}


def test_a_begin_token_where_the_model_wants_one(tmp_path: Path, engine: NumpyEngine) -> None:
    message = [{"role": "system", "content": "x"}]
    plain = engine.encode_chat(message)
    changes = {"tokenizer.chat_template": "{{ bos_token }}" + CHATML}
    in_template = load_engine(write_tiny_gguf(tmp_path / "t.gguf", changes=changes)).encode_chat(message)
    assert in_template == [1, *plain]


def test_tokens_beyond_the_vocabulary_give_no_text(engine: NumpyEngine) -> None:
    assert engine.tokenizer.bytes_of(10_000_000) == b""


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
def test_hostile_texts_have_tokens(engine: NumpyEngine, text: str) -> None:
    ids = engine.tokenizer.encode_start(text[:10_000])
    assert all(0 <= i < engine.tokenizer.size for i in ids)
    clean = text[:10_000].encode("utf-8", "surrogatepass").decode("utf-8", "replace").replace("\ufffd" * 3, "\ufffd")
    without_names = re.sub(r"<\|\w+\|>", "", clean)  # special tokens are found in it
    assert engine.decode(engine.tokenizer.encode(text[:10_000])) == without_names


def test_a_long_text_leaves_the_interpreter_to_others(engine: NumpyEngine) -> None:
    """With a switch interval of an hour, another thread moves on only when the lock is let go of."""
    inside, done = threading.Event(), threading.Event()
    moved: list[bool] = []

    def look() -> None:
        inside.wait()
        moved.append(not done.is_set())

    other = threading.Thread(target=look)
    other.start()
    before = sys.getswitchinterval()
    text = "a text of some length " * 20_000
    sys.setswitchinterval(3600)
    try:
        inside.set()
        ids = engine.tokenizer.encode(text)
        done.set()
    finally:
        sys.setswitchinterval(before)
        other.join()
    assert moved == [True]
    assert len(ids) > 20_000


def test_a_text_that_no_context_can_hold_is_not_encoded(engine: NumpyEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    most = engine.context_length * len("<|endoftext|>")  # the longest token
    assert len(engine.encode_text("a" * most)) == most
    monkeypatch.setattr(engine.tokenizer, "encode_start", None)
    with pytest.raises(ContextExceededError, match=f"{most + 1} characters long: more than the context of 1024 tokens"):
        engine.encode_text("a" * (most + 1))
    with pytest.raises(ContextExceededError):
        engine.encode_chat([{"role": "user", "content": "a" * most}])


WORDS = {
    "gpt-2": ["It", "'s", " 2026", ",", " HelloWorld", "!!", "\n\n ", " été"],
    "default": ["It", "'s", " 2026", ",", " HelloWorld", "!!", "\n\n ", " été"],
    "smollm": ["It", "'s", " ", "2", "0", "2", "6", ",", " HelloWorld", "!!", "\n\n ", " été"],
    "llama-bpe": ["It", "'s", " ", "202", "6", ",", " HelloWorld", "!!\n\n", " ", " été"],
    "smaug-bpe": ["It", "'s", " ", "202", "6", ",", " HelloWorld", "!!\n\n", " ", " été"],
    "qwen2": ["It", "'s", " ", "2", "0", "2", "6", ",", " HelloWorld", "!!\n\n", " ", " été"],
    "tekken": ["It", "'s", " ", "2", "0", "2", "6", ",", " Hello", "World", "!!\n\n", " ", " été"],
    "deepseek-coder": ["It", "'", "s", " ", "2", "0", "2", "6", ",", " HelloWorld", "!!", "\n", "\n", " ", " été"],
}


@pytest.mark.parametrize("name", WORDS)
def test_words_are_cut_by_the_rule_that_the_file_names(name: str) -> None:
    from tokenizers.pre_tokenizers import ByteLevel, PreTokenizer

    text = "It's 2026, HelloWorld!!\n\n  été"
    cut: PreTokenizer = word_rule(name).cut
    spans = [span for _, span in cut.pre_tokenize_str(text)]
    assert [text[start:end] for start, end in spans] == WORDS[name]
    assert {sign for word, _ in cut.pre_tokenize_str(text) for sign in word} <= set(ByteLevel.alphabet())


def test_a_word_that_is_a_token_stays_one_where_the_rule_says_so(tmp_path: Path) -> None:
    """Llama 3 has words that its merges do not lead to."""
    for name, tokens in (("llama-bpe", 2), ("smollm", 6)):
        changes = {"tokenizer.ggml.pre": name, "tokenizer.ggml.add_bos_token": None}
        file = read_gguf(write_tiny_gguf(tmp_path / "model.gguf", changes=changes))
        metadata = {**file.metadata, "tokenizer.ggml.tokens": [*file.metadata["tokenizer.ggml.tokens"], "quartz"]}
        metadata["tokenizer.ggml.token_type"] = [*file.metadata["tokenizer.ggml.token_type"], 1]
        assert len(Tokenizer(replace(file, metadata=metadata)).encode_start("quartz")) == tokens


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tokenizer.ggml.merges": ["Ġ t", "no such"]}, "the merge 'no such' is not one of tokens"),
        ({"tokenizer.ggml.merges": ["nothing"]}, "the merge 'nothing' is not one of tokens"),
        ({"tokenizer.ggml.merges": [3]}, "merges is no list of the right kind"),
        ({"tokenizer.ggml.tokens": []}, "eos_token_id is no token"),
        ({"tokenizer.ggml.tokens": ["a"] * 9}, "token_type has 287 entries for 9 tokens"),
    ],
)
def test_tables_that_do_not_fit_are_refused(tiny_file: Path, changes: dict[str, Any], sentence: str) -> None:
    file = read_gguf(tiny_file)
    with pytest.raises(FttuiError, match=f"is not complete .*{sentence}"):
        Tokenizer(replace(file, metadata={**file.metadata, **changes}))


def test_more_tokens_than_weights_are_refused(tmp_path: Path) -> None:
    tokens = [*json.loads(PIECES.read_text("utf-8"))[0]["tokens"], "more"]
    pieces = {**json.loads(PIECES.read_text("utf-8"))[0]}
    path = write_tiny_gguf(tmp_path / "many.gguf", pieces=pieces, changes={
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": [*pieces["scores"], 0.0],
        "tokenizer.ggml.token_type": [*pieces["types"], 1],
    })  # fmt: skip
    with pytest.raises(FttuiError, match="481 tokens but weights for 480 only"):
        load_engine(path)
