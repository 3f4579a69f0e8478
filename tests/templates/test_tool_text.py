"""Tools under templates that say nothing of tools."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.core.errors import FttuiError
from fttui.templates.chat_template import ChatTemplate
from fttui.templates.known import template_of
from fttui.templates.tool_text import with_tools
from fttui.templates.trained_spans import render_example
from tiny_gguf import CHATML

PLAIN = ChatTemplate(CHATML, bos="<|im_start|>", eos="<|im_end|>")
FUNCTION: dict[str, Any] = {
    "name": "look",
    "description": "Sieht {nach}.",
    "parameters": {"type": "object", "properties": {"größe": {"type": "string"}}},
}
TOOLS: list[Any] = [{"type": "function", "function": FUNCTION}]
TEXT = """\
You can call these tools:
<tools>
{"type": "function", "function": {"name": "look", "description": "Sieht {nach}.", "parameters": \
{"type": "object", "properties": {"größe": {"type": "string"}}}}}
</tools>
A call is written as
<tool_call>
{"name": the tool's name, "arguments": an object}
</tool_call>"""
ASKED: dict[str, Any] = {"role": "user", "content": "a"}
CALLING: dict[str, Any] = {
    "role": "assistant",
    "tool_calls": [{"type": "function", "function": {"name": "look", "arguments": '{"größe": "x"}'}}],
}
NO_SYSTEM = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "<{{ m.role }}>{{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
)


def _trained(record: dict[str, Any], template: ChatTemplate = PLAIN) -> list[str]:
    rendered = render_example(template, record)
    return [rendered.text[start:end] for start, end in rendered.spans]


def test_they_are_told_of_in_a_system_message() -> None:
    text = render_example(PLAIN, {"messages": [ASKED, CALLING], "tools": TOOLS}).text
    assert text.startswith(f"<|im_start|>system\n{TEXT}<|im_end|>\n<|im_start|>user\na<|im_end|>\n")


@pytest.mark.parametrize("role", ["system", "developer"])
@pytest.mark.parametrize(("said", "read"), [("Be kind.", f"Be kind.\n\n{TEXT}"), ("", TEXT)])
def test_they_end_the_system_message_that_is_there(role: str, said: str, read: str) -> None:
    record = {"messages": [{"role": role, "content": said}, ASKED, CALLING], "tools": TOOLS}
    assert render_example(PLAIN, record).text.startswith(f"<|im_start|>system\n{read}<|im_end|>\n<|im_start|>user\na")


answers = st.fixed_dictionaries(
    {"role": st.just("assistant"), "content": st.sampled_from(["b", "look", "<tools>"])},
    optional={"weight": st.sampled_from([0, 1])},
)
others = st.fixed_dictionaries({"role": st.sampled_from(["user", "tool", "system"]), "content": st.just("c")})


@given(messages=st.lists(answers | others | st.just(CALLING), min_size=1, max_size=6))
def test_the_same_is_trained_on_with_tools_and_without(messages: list[dict[str, Any]]) -> None:
    chatml = template_of("").template()
    assert _trained({"messages": messages, "tools": TOOLS}, chatml) == _trained({"messages": messages}, chatml)


def test_where_no_system_message_is_taken_they_begin_the_first_question() -> None:
    for source in (NO_SYSTEM, NO_SYSTEM.replace("{{ raise_exception('no system') }}", "{% continue %}")):
        template = ChatTemplate(source, bos="", eos="</s>")
        record = {"messages": [ASKED, CALLING, ASKED], "tools": TOOLS}
        assert render_example(template, record).text.startswith(f"<user>{TEXT}\n\na</s><assistant>")
        assert _trained(record, template) == _trained({"messages": [ASKED, CALLING, ASKED]}, template)


def test_a_template_that_knows_tools_tells_of_them_itself() -> None:
    template = ChatTemplate("{{ tools }}", bos="", eos="")
    assert with_tools([ASKED], TOOLS, template) == ([ASKED], tuple(TOOLS))
    assert with_tools([ASKED], [], template) == with_tools([ASKED], None, PLAIN) == ([ASKED], None)


def test_a_definition_reads_alike_however_it_was_given() -> None:
    expected = with_tools([ASKED], TOOLS, PLAIN)
    turned = dict(reversed(FUNCTION.items()))
    for tool in ({"function": {**turned, "strict": True}, "type": "function"}, {"type": "function", **FUNCTION}):
        assert with_tools([ASKED], [tool], PLAIN) == expected
    bare = with_tools([ASKED], [{"type": "function", "function": {"name": "f"}}], PLAIN)[0][0]["content"]
    assert '{"name": "f", "description": "", "parameters": {"type": "object", "properties": {}}}' in bare


def test_the_messages_given_stay_as_they_are() -> None:
    given_messages = [{"role": "system", "content": "s"}, ASKED]
    with_tools(given_messages, TOOLS, PLAIN)
    assert given_messages[0]["content"] == "s"


@pytest.mark.parametrize("tool", [7, None, "look", [], {"function": 3}, {"parameters": 10**5000}])
def test_what_is_no_definition(tool: Any) -> None:
    with pytest.raises(FttuiError, match="The definition of a tool"):
        with_tools([ASKED], [tool], PLAIN)


def test_a_definition_nested_too_deeply() -> None:
    nested: Any = {}
    for _ in range(200_000):
        nested = {"a": nested}
    try:
        with pytest.raises(FttuiError, match="cannot be written"):
            with_tools([ASKED], [{"name": "f", "parameters": nested}], PLAIN)
    finally:
        while nested:  # or taking it apart would be as deep
            nested = nested.pop("a")
