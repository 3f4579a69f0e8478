"""Vocabularies of SentencePiece, against what it makes of some texts itself (tests/data/make_sentencepiece.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine import load_engine
from fttui.local.engines.numpy_engine.gguf_file import GgufFile
from fttui.local.engines.numpy_engine.tokenizer import StreamDecoder, Tokenizer
from fttui.templates.trained_spans import render_example
from hostile import STRINGS
from tiny_gguf import write_tiny_gguf

MODELS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "sentencepiece.json").read_text("utf-8")
)
BYTES, PLAIN = MODELS
"""One with bytes for what it has no token for, as Llama 2; one that says "unknown", without a blank in front."""


def _tokenizer(model: dict[str, Any], **changes: Any) -> Tokenizer:
    metadata = {
        "model": "llama",
        "tokens": model["tokens"],
        "scores": model["scores"],
        "token_type": model["types"],
        "bos_token_id": 1,
        "eos_token_id": 2,
        "add_space_prefix": model["adds_space"],
        **changes,
    }
    kept = {f"tokenizer.ggml.{name}": value for name, value in metadata.items() if value is not None}
    return Tokenizer(GgufFile(Path("pieces.gguf"), kept, {}))


LLAMA = _tokenizer(BYTES)


@pytest.mark.parametrize("model", MODELS, ids=["bytes", "plain"])
def test_texts_become_the_tokens_that_sentencepiece_makes_of_them(model: dict[str, Any]) -> None:
    tokenizer = _tokenizer(model)
    assert [tokenizer.encode_start(case["text"]) for case in model["texts"]] == [
        [1, *case["ids"]] for case in model["texts"]
    ]


@given(st.text().filter(lambda text: not any(sign in text for sign in ("▁", "<s>", "</s>", "<unk>"))))
def test_text_comes_back(text: str) -> None:
    clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert LLAMA.decode(LLAMA.encode_start(clean)) == clean


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
def test_hostile_texts_have_tokens(text: str) -> None:
    for tokenizer in (LLAMA, _tokenizer(PLAIN)):
        ids = tokenizer.encode_start(text[:10_000])
        assert all(0 <= i < tokenizer.size for i in ids)
        tokenizer.decode(ids)


def test_a_text_that_follows_another_gets_no_blank() -> None:
    whole = LLAMA.encode_start("The capital is Tokyo.")
    assert LLAMA.encode_start("The capital") + LLAMA.encode(" is Tokyo.") == whole
    assert LLAMA.spelling(LLAMA.encode("The")[0]) == b"T"
    assert LLAMA.spelling(LLAMA.encode_start("The")[1]) == b" The"


def test_special_tokens_are_found_and_a_blank_follows_them() -> None:
    ids = LLAMA.encode_start("<s>The cat</s>The cat")
    assert ids == [1, *LLAMA.encode_start("The cat")[1:], 2, *LLAMA.encode_start("The cat")[1:]]
    assert LLAMA.decode(ids) == "The catThe cat"
    assert (LLAMA.begin_token, LLAMA.end_token, LLAMA.end_ids) == ("<s>", "</s>", {2})
    assert (LLAMA.bytes_of(2), LLAMA.spelling(2)) == (b"", b"</s>")


def test_the_longest_special_token_is_meant() -> None:
    tokens = [*BYTES["tokens"], "<|a|>", "<|a|><|b|>", "of two"]
    size = len(BYTES["tokens"])
    tokenizer = _tokenizer(
        BYTES, tokens=tokens, scores=[*BYTES["scores"], 0.0, 0.0, 0.0], token_type=[*BYTES["types"], 4, 3, 4]
    )
    assert tokenizer.encode("<|a|><|b|>") == [size + 1]
    assert tokenizer.encode("<|a|>of two") == [size, size + 2]
    assert tokenizer.decode([size, size + 1, size + 2]) == "<|a|>of two"


def test_a_stream_gives_out_whole_characters() -> None:
    decoder = StreamDecoder(LLAMA)
    ids = LLAMA.encode("🦊 cat")
    texts = [decoder.add(i) for i in ids]
    assert texts[:4] == ["", "", "", "🦊"]
    assert "".join(texts) + decoder.finish() == "🦊 cat"
    decoder.add(ids[0])
    assert not decoder.is_between_characters
    assert decoder.finish() == "\ufffd"


@pytest.mark.parametrize(("flag", "begin"), [(None, [1]), (True, [1]), (False, [])])
def test_the_begin_token_is_there_unless_the_file_says_otherwise(flag: bool | None, begin: list[int]) -> None:
    tokenizer = _tokenizer(BYTES, add_bos_token=flag)
    assert tokenizer.encode_start("a")[:-1] == begin
    assert tokenizer.encode_start("") == begin


def test_no_begin_token_where_the_vocabulary_has_none() -> None:
    assert _tokenizer(BYTES, bos_token_id=None).encode_start("") == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"scores": None}, "scores is missing"),
        ({"scores": [0.0]}, "scores has 1 entries for"),
        ({"scores": ["high"] * 9}, "no list of the right kind"),
        ({"tokens": "abc"}, "tokens is no list"),
        ({"tokens": [3, 4]}, "tokens is no list"),
        ({"token_type": [1]}, "token_type has 1 entries for"),
        ({"eos_token_id": -1}, "eos_token_id is no token"),
        ({"bos_token_id": 10**9}, "bos_token_id is no token"),
        ({"eos_token_id": True}, "eos_token_id is no token"),
        ({"tokens": ["<0xZZ>" if t == "<0x00>" else t for t in BYTES["tokens"]]}, "is no byte"),
    ],
)
def test_tables_that_do_not_fit_are_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(FttuiError, match=f"is not complete .*{sentence}"):
        _tokenizer(BYTES, **changes)


def test_a_model_with_such_a_vocabulary(tmp_path: Path) -> None:
    engine = load_engine(write_tiny_gguf(tmp_path / "pieces.gguf", pieces=BYTES))
    ids = engine.encode_chat([{"role": "user", "content": "The cat"}])
    assert ids == LLAMA.encode_start("[user] The cat ")
    assert engine.decode(ids) == "[user] The cat "
    record = {"messages": [{"role": "user", "content": "The cat"}, {"role": "assistant", "content": "sat"}]}
    tokens = len(LLAMA.encode("[assistant] sat ")) - len(LLAMA.encode("[assistant] ")) + 1
    assert engine.score([record]).tokens >= tokens
    assert engine.score([{"prompt": "The cat", "completion": " sat"}]).tokens == len(LLAMA.encode(" sat")) + 1


def test_a_model_without_a_chat_template_ends_answers_with_its_own_end_token(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "bare.gguf", pieces=BYTES, changes={"tokenizer.chat_template": None})
    engine = load_engine(path)
    asked = [{"role": "user", "content": "The cat"}]
    assert engine.decode(engine.encode_chat(asked)) == "### user\nThe cat\n### assistant\n"
    rendered = render_example(engine.template, {"messages": [*asked, {"role": "assistant", "content": "sat"}]})
    assert [rendered.text[start:end] for start, end in rendered.spans] == ["sat</s>"]


def test_a_token_of_a_million_characters_takes_no_time() -> None:
    changes = {"scores": [*BYTES["scores"], 0.0], "token_type": [*BYTES["types"], 1]}
    tokenizer = _tokenizer(BYTES, tokens=[*BYTES["tokens"], "a" * 1_000_000], **changes)
    assert tokenizer.encode("a cat") == LLAMA.encode("a cat")
