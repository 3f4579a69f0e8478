"""Chat templates, run as transformers runs them."""

from __future__ import annotations

import re

import pytest

from fttui.core.errors import FttuiError
from fttui.templates.chat_template import ChatTemplate
from tiny_gguf import CHATML

HELLO = [{"role": "user", "content": "Hello <b>&</b> {{ 1 + 1 }}"}]


def _template(source: str) -> ChatTemplate:
    return ChatTemplate(source, bos="<s>", eos="</s>")


def test_messages_are_written_as_they_are() -> None:
    text = _template(CHATML).render(HELLO, add_generation_prompt=True)
    assert text == (
        "<|im_start|>system\nBe brief.<|im_end|>\n"
        "<|im_start|>user\nHello <b>&</b> {{ 1 + 1 }}<|im_end|>\n<|im_start|>assistant\n"
    )


def test_tokens_and_tools_are_known_to_the_template() -> None:
    source = "{{ bos_token }}{{ eos_token }}{% if tools %}{{ tools | tojson }}{% endif %}"
    tools = [{"type": "function", "name": "größe <x>"}]
    assert _template(source).render(HELLO, add_generation_prompt=False, tools=tools) == (
        '<s></s>[{"type": "function", "name": "größe <x>"}]'
    )
    assert _template(source).render(HELLO, add_generation_prompt=False) == "<s></s>"


def test_loop_controls_and_trimmed_blocks() -> None:
    source = "{% for n in range(9) %}\n    {% if n == 2 %}{% break %}{% endif %}\n{{ n }}\n{% endfor %}\n"
    assert _template(source).render([], add_generation_prompt=False) == "0\n1\n"


def test_the_date() -> None:
    source = "{{ strftime_now('%Y-%m-%d') }}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", _template(source).render([], add_generation_prompt=False))


def test_a_broken_template_is_told() -> None:
    with pytest.raises(FttuiError, match="chat template is broken"):
        _template("{% if %}")


@pytest.mark.parametrize(
    "source",
    [
        "{{ raise_exception('no system role') }}",
        "{{ messages[5].content }}",
        "{{ 1 / 0 }}",
        "{{ messages[0].content + 1 }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.append(1) }}",
        "{% for n in range(10**9) %}{% endfor %}",
    ],
)
def test_a_template_that_fails_or_breaks_out_is_stopped(source: str) -> None:
    with pytest.raises(FttuiError, match="does not take this conversation"):
        _template(source).render(HELLO, add_generation_prompt=False)


def test_what_a_template_refuses_is_in_the_sentence() -> None:
    with pytest.raises(FttuiError, match="no system role"):
        _template("{{ raise_exception('no system role') }}").render(HELLO, add_generation_prompt=False)
