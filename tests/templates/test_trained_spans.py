"""What of an example is trained on, under templates of different habits."""

from __future__ import annotations

from typing import Any

import pytest

from fttui.core.errors import FttuiError
from fttui.templates.chat_template import ChatTemplate
from fttui.templates.trained_spans import render_example
from tiny_gguf import CHATML

CHAT = ChatTemplate(CHATML, bos="<|im_start|>", eos="<|im_end|>")
LLAMA2 = ChatTemplate(
    "{% for m in messages %}{% if m.role == 'user' %}{{ bos_token + '[INST] ' + m.content + ' [/INST]' }}"
    "{% elif m.role == 'assistant' %}{{ ' ' + m.content | trim + ' ' + eos_token }}{% endif %}{% endfor %}",
    bos="<s>",
    eos="</s>",
)
FORGETFUL = ChatTemplate(  # drops the thoughts of earlier turns, as templates of reasoning models do
    "{% for m in messages %}<{{ m.role }}>"
    "{% if m.role == 'assistant' and not loop.last %}{{ m.content.split('</think>')[-1] }}"
    "{% else %}{{ m.content }}{% endif %}{{ eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}",
    bos="",
    eos="</s>",
)


def _trained(template: ChatTemplate, record: dict[str, Any]) -> list[str]:
    rendered = render_example(template, record)
    ends = [0, *(end for _, end in rendered.spans)]
    assert all(start >= end for (start, _), end in zip(rendered.spans, ends, strict=False))
    return [rendered.text[start:end] for start, end in rendered.spans]


def _chat(*turns: tuple[str, str] | dict[str, Any]) -> dict[str, Any]:
    return {"messages": [t if isinstance(t, dict) else {"role": t[0], "content": t[1]} for t in turns]}


def test_each_answer_with_its_end_token() -> None:
    record = _chat(("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "b"), ("assistant", "c\n"))
    assert _trained(CHAT, record) == ["b<|im_end|>", "c\n<|im_end|>"]
    assert render_example(CHAT, record).text.startswith("<|im_start|>system\ns<|im_end|>\n<|im_start|>user\na")


def test_the_template_of_the_file_may_add_a_system_message() -> None:
    record = _chat(("user", "a"), ("assistant", "b"))
    assert render_example(CHAT, record).text.startswith("<|im_start|>system\nBe brief.")
    assert _trained(CHAT, record) == ["b<|im_end|>"]


@pytest.mark.parametrize(("weight", "count"), [(0, 1), (1, 2), (None, 2)])
def test_weights_are_honoured(weight: int | None, count: int) -> None:
    first = {"role": "assistant", "content": "b", "weight": weight}
    record = _chat(("user", "a"), first, ("user", "a"), ("assistant", "d"))
    assert _trained(CHAT, record) == ["b<|im_end|>", "d<|im_end|>"][-count:]


def test_the_weight_is_not_written() -> None:
    echo = ChatTemplate("{{ messages | tojson }}", bos="", eos="")
    record = _chat(("user", "a"), {"role": "assistant", "content": "b", "weight": 1})
    assert "weight" not in render_example(echo, record).text


def test_nothing_is_trained_on_without_an_answer() -> None:
    assert _trained(CHAT, _chat(("user", "a"))) == []


def test_an_answer_that_repeats_the_question() -> None:
    assert _trained(CHAT, _chat(("user", "same"), ("assistant", "same"))) == ["same<|im_end|>"]


def test_an_example_that_begins_with_an_answer() -> None:
    record = _chat(("assistant", "Welcome."), ("user", "Hi"), ("assistant", "Yes?"))
    assert _trained(CHAT, record) == ["Welcome.<|im_end|>", "Yes?<|im_end|>"]


def test_end_tokens_inside_an_answer_do_not_end_it() -> None:
    record = _chat(("user", "a"), ("assistant", "write <|im_end|> at the end"))
    assert _trained(CHAT, record) == ["write <|im_end|> at the end<|im_end|>"]


def test_a_template_without_a_generation_prompt() -> None:
    record = _chat(("user", "a"), ("assistant", " b "), ("user", "c"), ("assistant", "d"))
    assert _trained(LLAMA2, record) == [" b </s>", " d </s>"]


def test_a_template_that_rewrites_earlier_turns() -> None:
    record = _chat(("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "<think>hm</think>d"))
    assert _trained(FORGETFUL, record) == ["b</s>", "<think>hm</think>d</s>"]
    with pytest.raises(FttuiError, match="leaves out an answer"):
        render_example(FORGETFUL, _chat(("user", "a"), ("assistant", "<think>hm</think>d"), ("user", "c")))


def test_a_plain_prompt_and_its_completion_are_plain_text() -> None:
    record = {"prompt": "2+2=", "completion": " 4"}
    assert _trained(CHAT, record) == [" 4<|im_end|>"]
    assert render_example(CHAT, record).text == "2+2= 4<|im_end|>"
    assert render_example(CHAT, {"prompt": "", "completion": ""}).spans == [(0, len("<|im_end|>"))]
    assert _trained(ChatTemplate("", bos="", eos=""), record) == [" 4"]


def test_prompts_and_completions_of_messages_are_turns_of_a_chat() -> None:
    question, answer = [{"role": "user", "content": "a"}], [{"role": "assistant", "content": "b"}]
    for record in ({"prompt": question, "completion": answer}, {"prompt": question, "completion": "b"}):
        assert _trained(CHAT, record) == ["b<|im_end|>"]
        assert "<|im_start|>user\na<|im_end|>" in render_example(CHAT, record).text


def test_messages_beside_a_prompt_win() -> None:
    record = {"prompt": "x", "completion": "y", **_chat(("user", "a"), ("assistant", "b"))}
    assert _trained(CHAT, record) == ["b<|im_end|>"]


def test_content_in_parts_is_one_text() -> None:
    parts = [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]
    record = _chat({"role": "user", "content": parts}, {"role": "assistant", "content": parts})
    assert _trained(CHAT, record) == ["one two<|im_end|>"]


def test_tool_calls_are_trained_on() -> None:
    call: Any = {"id": "1", "type": "function", "function": {"name": "look", "arguments": '{"city": "京都"}'}}
    record = _chat(("user", "a"), {"role": "assistant", "content": None, "tool_calls": [call]}, ("tool", "sunny"))
    written = '<tool_call>\n{"name": "look", "arguments": {"city": "京都"}}\n</tool_call><|im_end|>'
    assert _trained(CHAT, record) == [written]
    knows = ChatTemplate(
        "{% for m in messages %}{{ m.tool_calls | tojson if m.tool_calls }}|{% endfor %}", bos="", eos="|"
    )
    assert _trained(knows, record) == ['[{"id": "1", "type": "function", "function": '
                                       '{"name": "look", "arguments": {"city": "京都"}}}]|']  # fmt: skip
    call["function"]["arguments"] = "no JSON"
    assert _trained(knows, record)[0].endswith('"arguments": "no JSON"}}]|')


def test_a_developer_is_a_system_where_the_template_knows_none() -> None:
    record = _chat(("developer", "s"), ("user", "a"), ("assistant", "b"))
    assert render_example(CHAT, record).text.startswith("<|im_start|>system\ns<|im_end|>")


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ({}, "neither 'messages' nor"),
        ({"messages": "hello"}, "neither 'messages' nor"),
        (_chat({"content": "a"}), "no role"),
        ({"messages": [3]}, "no role"),
        (_chat({"role": "assistant", "content": 3}), "not text"),
        (_chat({"role": "assistant", "content": [3]}), "not text"),
    ],
)
def test_records_that_are_no_examples(record: dict[str, Any], sentence: str) -> None:
    with pytest.raises(FttuiError, match=sentence):
        render_example(CHAT, record)


@pytest.mark.parametrize("template", ["no tools", "tools"])
def test_a_function_call_is_trained_on_as_the_tool_call_that_it_is(template: str) -> None:
    writes = ChatTemplate(
        "{% for m in messages %}<{{ m.role }}>{{ m.content }}"
        "{% for c in m.tool_calls or [] %}{{ c.function.name }}{{ c.function.arguments | tojson }}{% endfor %}"
        "{{ eos_token }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}",
        bos="",
        eos="</s>",
    )
    function = {"name": "look", "arguments": '{"at": 1}'}
    old = _chat(("user", "a"), {"role": "assistant", "content": None, "function_call": function})
    new = _chat(("user", "a"), {"role": "assistant", "tool_calls": [{"type": "function", "function": function}]})
    chosen = {"no tools": CHAT, "tools": writes}[template]
    assert _trained(chosen, old) == _trained(chosen, new)
    assert "look" in _trained(chosen, old)[0]
