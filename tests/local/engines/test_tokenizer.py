"""Text to tokens and back, a token at a time."""

from __future__ import annotations

import pytest

from fttui.local.engines.numpy_engine import NumpyEngine
from fttui.local.engines.numpy_engine.tokenizer import StreamDecoder

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


def test_a_begin_token_where_the_model_wants_one(tmp_path, engine: NumpyEngine) -> None:
    from fttui.local.engines.numpy_engine import load_engine
    from tiny_gguf import CHATML, write_tiny_gguf

    message = [{"role": "system", "content": "x"}]
    plain = engine.encode_chat(message)
    changes = {"tokenizer.chat_template": "{{ bos_token }}" + CHATML}
    in_template = load_engine(write_tiny_gguf(tmp_path / "t.gguf", changes=changes)).encode_chat(message)
    assert in_template == [1, *plain]


def test_tokens_beyond_the_vocabulary_give_no_text(engine: NumpyEngine) -> None:
    assert engine.tokenizer.bytes_of(10_000_000) == b""
