"""The engine as the server sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine import NumpyEngine, load_engine
from fttui.local.engines.protocol import Engine, Sampling
from fttui.local.engines.threads import automatic_threads, usable_cpus
from fttui.local.tool_request import ToolRequest
from fttui.templates.trained_spans import render_example
from tiny_gguf import CONTEXT_LENGTH, MODEL_ID, write_tiny_gguf


def _text(engine: NumpyEngine, ids: list[int]) -> str:
    names = {1: "<|im_start|>", 2: "<|im_end|>"}
    return "".join(names.get(i) or engine.tokenizer.bytes_of(i).decode() for i in ids)


def test_it_is_an_engine(engine: NumpyEngine) -> None:
    as_protocol: Engine = engine  # mypy holds the rest of the contract
    assert as_protocol.model_id == MODEL_ID
    assert as_protocol.context_length == CONTEXT_LENGTH


def test_a_conversation_is_written_by_the_template_of_the_file(engine: NumpyEngine) -> None:
    ids = engine.encode_chat([{"role": "system", "content": "Hi."}, {"role": "user", "content": "You?"}])
    expected = "<|im_start|>system\nHi.<|im_end|>\n<|im_start|>user\nYou?<|im_end|>\n<|im_start|>assistant\n"
    assert _text(engine, ids) == expected


def test_the_default_system_message_of_the_template_is_kept(engine: NumpyEngine) -> None:
    text = _text(engine, engine.encode_chat([{"role": "user", "content": "You?"}]))
    assert text.startswith("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n")


def test_a_file_without_a_template_gets_chatml(tmp_path: Path) -> None:
    bare = load_engine(write_tiny_gguf(tmp_path / "bare.gguf", changes={"tokenizer.chat_template": None}))
    text = _text(bare, bare.encode_chat([{"role": "user", "content": "You?"}]))
    assert text == "<|im_start|>user\nYou?<|im_end|>\n<|im_start|>assistant\n"


def test_a_conversation_the_template_refuses(tmp_path: Path) -> None:
    source = "{% if messages[0].role != 'user' %}{{ raise_exception('user first, please') }}{% endif %}"
    strict = load_engine(write_tiny_gguf(tmp_path / "strict.gguf", changes={"tokenizer.chat_template": source}))
    with pytest.raises(FttuiError, match="does not take this conversation: user first, please"):
        strict.encode_chat([{"role": "system", "content": "a"}])


def test_an_adapter_of_another_engine_is_a_mistake_of_ours(engine: NumpyEngine) -> None:
    class Other:
        rank = 1
        alpha = 1.0

    with pytest.raises(TypeError, match="another engine"):
        engine.decoder().add([1, 2], Sampling(max_tokens=1), Other())


@pytest.mark.parametrize(("cpus", "training", "answers"), [(1, 1, 1), (2, 2, 1), (4, 4, 3), (64, 8, 8)])
def test_automatic_threads(cpus: int, training: int, answers: int) -> None:
    assert automatic_threads("training", cpus) == training
    assert automatic_threads("answers", cpus) == answers


@pytest.mark.parametrize(
    ("content", "most"), [("max 100000", None), ("100000 100000", 1), ("50000 100000", 1), ("?", None)]
)
def test_a_containers_quota_counts(tmp_path: Path, content: str, most: int | None) -> None:
    quota = tmp_path / "cpu.max"
    unlimited = usable_cpus(quota)
    assert unlimited >= 1
    quota.write_text(content)
    assert usable_cpus(quota) == (unlimited if most is None else most)


def test_tools_are_read_alike_in_training_and_when_asked(engine: NumpyEngine) -> None:
    given = {"name": "look", "parameters": {"type": "object", "properties": {}}}
    example = {"type": "function", "function": {**given, "strict": True}}
    sent = {"tools": [example], "tool_choice": "auto"}
    asked = [{"role": "user", "content": "Hi"}]
    told = ToolRequest.read(sent)
    assert told is not None
    prompt = engine.encode_chat(asked, told.definitions)
    record = {"messages": [*asked, {"role": "assistant", "content": "b"}], "tools": [example]}
    rendered = render_example(engine.template, record)
    ((start, _),) = rendered.spans
    assert prompt == engine.encode_text(rendered.text[:start])
    assert "<tools>" in rendered.text[:start]
