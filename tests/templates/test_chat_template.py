"""Chat templates, run as transformers runs them."""

from __future__ import annotations

import json
import re

import pytest

from fttui.core.errors import FttuiError
from fttui.templates import allowance
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


LONG = [{"role": "user", "content": "word " * 20_000}]
BIG = "{% set ns = namespace(x='x' * 1000) %}"


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% set r = range(99999) %}{% for a in r %}{% for b in r if false %}{% endfor %}{% endfor %}",
        "{% macro f(n) %}{{ f(n - 1) if n }}{{ f(n - 1) if n }}{% endmacro %}{{ f(60) }}",
        "{% for a in [[1, [2]], [3]] recursive %}{{ loop([a, a]) }}{% endfor %}",
        "{{ 'x' * 10**10 }}",
        "{{ 10 ** 100000 }}",
        "{{ [0] * 10**10 }}",
        BIG + "{% for a in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        BIG + "{% for a in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        BIG + "{% for a in range(99) %}{% set ns.x = ns.x.replace('x', ns.x) %}{% endfor %}",
        BIG + "{% for a in range(99) %}{% set ns.x = ns.x | replace('', ns.x) %}{% endfor %}",
        BIG + "{% for a in range(99) %}{% set ns.x = ns.x.join(ns.x) %}{% endfor %}",
        BIG + "{% for a in range(99) %}{% set ns.x = ns.x | list | join(ns.x) %}{% endfor %}",
        BIG + "{% for a in range(99) %}{% set ns.x = '%s%s' % (ns.x, ns.x) %}{% endfor %}",
        BIG + "{% for a in range(99) %}{% set ns.x = '{0}{0}{0}'.format(ns.x) %}{% endfor %}",
        BIG + "{% for a in range(99) %}{% set x %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = x %}{% endfor %}",
        BIG + "{% for a in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x[:] }}",
        BIG + "{% for a in range(99) %}{% set ns.x = {'a': ns.x, 'b': ns.x} %}{% endfor %}{{ ns.x | tojson }}",
        BIG + "{% for a in range(99) %}{% set ns.x = dict(a=ns.x, b=ns.x) %}{% endfor %}{{ ns.x }}",
        BIG + "{% for a in range(99999) %}{{ ns.x }}{% endfor %}",
        BIG + "{% set ns.l = [] %}{% for a in range(99999) %}{% set ns.l = ns.l + [ns.x[1:] ~ a] %}{% endfor %}",
        BIG + "{% set l = [ns.x] * 9999 %}{% for a in range(9999) %}{{ l | string | length }}{% endfor %}",
        "{{ 'x'.ljust(10**10) }}",
        "{{ '\t' .expandtabs(10**10) }}",
        "{{ '{:>9999999999}'.format(1) }}",
        "{{ '{:>{}}'.format(1, 10**10) }}",
        "{{ '%9999999999d' % 1 }}",
        "{{ '%*d' % (10**10, 1) }}",
        "{{ strftime_now('%9999999999d') }}",
        "{{ messages | tojson(indent=10**10) }}",
        "{{ 'a\nb' | indent(10**10) }}",
        "{{ (1).to_bytes(10**10) }}",
        "{{ {}.fromkeys(range(99999)) }}",
        "{{ messages[0].content.translate({}) }}",
        "{{ 'x' | center(10**10) }}",
        "{{ lipsum(10**6) }}",
        "{{ '((' | float }}" + "{{ [" * 4000,
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{% if 1 %}" * 3000 + "{% endif %}" * 3000,
        "x" * 101_000,
        "{{ messages[0].content.encode().join }}{{ messages.__class__ }}{{ range(9).__class__() }}",
        "{% include 'x' %}",
        "{% block a %}{{ self.a() }}{{ self.a() }}{% endblock %}",
        "{{ 1 | round(30000000, 'floor') }}",
        "{{ ([[0] * 1000] * 20000) | sum(start=[]) | length }}",
        "{{ ([[0] * 99] * 99) | sum(start=[]) | length }}",
        "{% set n = ('f' * 1500000) | int(0, 16) %}{{ n % (('e' * 750000) | int(0, 16)) }}",
        "{% set n = ('f' * 1500000) | int(0, 16) %}{{ n // (('e' * 750000) | int(0, 16)) }}",
        "{{ 2 ** 4000 * 2 ** 4000 }}",
        "{{ ('1' * 10000000) | float }}",
        BIG + "{% macro w() %}{% set ns.x = varargs * 1000 %}{% endmacro %}"
        "{% for a in range(4) %}{{ w(ns.x) }}{% endfor %}{{ ns.x == ns.x[:] }}",
        BIG + "{% for a in range(99) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {}[ns.x] }}",
        BIG + "{% for a in range(99) %}{% set ns.x = [0, ''] | map('d', ns.x, true) | list %}{% endfor %}"
        "{{ ns.x == ns.x[:] }}",
        BIG + "{% for a in range(99) %}{% set ns.x = dict([('a', ns.x), ('b', ns.x)]).items() %}{% endfor %}{{ ns.x }}",
        "{{ (['a' * 10000] * 100000) | sort | length }}",
        "{{ (['a' * 10000] * 100000) | unique | list | length }}",
        "{{ ([0] * 200000) | sort(attribute='a,' * 1000000) | length }}",
        "{% set x = 'x' * 8000000 %}{% for a in range(9999) %}{{ (x ~ 'y') in [x ~ 'z'] * 9 }}{% endfor %}",
        "{{ ('a' * 9000000).strip('b' * 9000000 ~ 'a') }}",
        "{{ ('a' * 9000000) | trim('b' * 9000000 ~ 'a') }}",
        "{{ ('a' * 9000000).rfind('ab' ~ 'a' * 4000000) }}",
        "{{ ('a ' * 9000000).split() | length }}",
        "{{ 'x'.join(range(19000000) | map('string')) }}",
        "{{ range(19000000) | list | length }}",
        "{% macro m() %}{% endmacro %}{{ m(*range(19000000)) }}",
        "{{ {'a': 1}.keys() - range(19000000) }}",
        "{% set ns = namespace(x=[0] * 200000) %}{% for a in range(300) %}{% set ns.x = [ns.x] %}{% endfor %}"
        "{{ ns.x | tojson(indent=16) | length }}",
    ],
)
def test_a_template_that_runs_for_ever_or_fills_the_memory_is_stopped(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "_MOST_SECONDS", 0.1)
    with pytest.raises(FttuiError, match=r"template (is broken|does not take this conversation)") as refused:
        _template(source).render(HELLO, add_generation_prompt=False)
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("{{ 'x' | center(9) }}", "'center'"),
        ("{{ 'x'.zfill(9) }}", "'zfill'"),
        ("{% import 'x' as y %}", "import"),
        ("{{ 1 is callable }}", "'callable'"),
        ("{{ cycler(1) }}", "'cycler'"),
        ("{% macro m() %}{{ varargs }}{% endmacro %}", "'varargs'"),
        ("{{ [[0]] | sum(start=[]) }}", "'sum'"),
    ],
)
def test_what_no_chat_template_uses_is_refused_by_name(source: str, name: str) -> None:
    with pytest.raises(FttuiError, match=name):
        _template(source).render(HELLO, add_generation_prompt=False)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ '%9999999999d' is odd }}", "False"),
        (
            BIG + "{% for a in range(99) %}{% set ns.x = namespace(a=ns.x, b=ns.x) %}{% endfor %}{{ ns.x }}",
            "<Namespace>",
        ),
    ],
)
def test_what_would_make_very_much_elsewhere_is_short_here(source: str, text: str) -> None:
    assert _template(source).render(HELLO, add_generation_prompt=False) == text


def test_what_is_stopped_says_why() -> None:
    with pytest.raises(FttuiError, match="conversation: it runs too long or makes too much text"):
        _template("{% for a in range(10**9) %}{% endfor %}").render([], add_generation_prompt=False)


def test_long_conversations_are_no_reason_to_stop() -> None:
    source = (
        "{% set ns = namespace(out='') %}{% for m in messages %}{% set text = m.content | trim %}"
        "{% if '</think>' in text %}{% set text = text.split('</think>')[-1].lstrip('\\n') %}{% endif %}"
        "{% set ns.out = text.replace('word', 'WORD') + eos_token %}{{ m.role ~ ': ' ~ ns.out }}{% endfor %}"
    )
    assert len(_template(source).render(LONG * 40, add_generation_prompt=False)) > 4_000_000


def test_what_templates_use_is_there() -> None:
    source = (
        "{% set system = messages[0]['content'] if messages[0]['role'] == 'system' else '' %}"
        "{% set rest = messages[1:] if system else messages %}"
        "{{ rest | selectattr('role', 'equalto', 'user') | map(attribute='content') | list | join('; ') }}|"
        "{{ 'a\\nb\\n' | indent(2, true) }}|{{ '%s-%03d' % ('x', 7) }}|{{ '{}={:.1f}'.format('y', 2) }}|"
        "{% for key, value in {'b': 1, 'a': [2, 3]} | dictsort %}{{ key }}{{ value | tojson }}"
        "{{ loop.last }}{% endfor %}|"
        "{{ [1] + [2] }}{{ 'ab' * 2 }}{{ 7 % 4 }}{{ 'a' ~ 1 ~ none }}|{{ ' x '.strip().upper() | default('y') }}|"
        "{% macro m(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}|{{ (1, 'x') }}|{{ 'abc'[::-1] }}|{{ missing }}"
    )
    assert _template(source).render([{"role": "system", "content": "s"}, *HELLO], add_generation_prompt=False) == (
        "Hello <b>&</b> {{ 1 + 1 }}|  a\n  b\n|x-007|y=2.0|a[2, 3]Falseb1True|[1, 2]abab3a1None|X|12|(1, 'x')|cba|"
    )


TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"properties": {"city": {"type": "string"}}}}}]
CALLS = [
    {"role": "system", "content": " Be brief. "},
    {"role": "user", "content": "Weather?"},
    {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "look", "arguments": {"city": "京都"}}}]},
    {"role": "tool", "content": "sunny"},
    {"role": "assistant", "content": "<think>hm</think>\n\nSunny."},
]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (  # as Llama 3.1
            "{{- bos_token }}{%- if not date_string is defined %}{%- set date_string = '26 Jul 2024' %}{%- endif %}"
            "{%- if messages[0]['role'] == 'system' %}{%- set system_message = messages[0]['content']|trim %}"
            "{%- set messages = messages[1:] %}{%- endif %}{{- date_string ~ '|' + system_message }}"
            "{%- for t in tools %}{{- t | tojson(indent=4) | length }}{%- endfor %}"
            "{%- for message in messages %}{%- if 'tool_calls' in message %}"
            "{%- if not message.tool_calls|length == 1 %}{{- raise_exception('one') }}{%- endif %}"
            "{%- set tool_call = message.tool_calls[0].function %}{%- for name, value in tool_call.arguments | items %}"
            "{{- name + '=' + value + ('' if loop.last else ', ') }}{%- endfor %}"
            "{%- elif message.role == 'tool' or message.role == 'ipython' %}"
            "{%- if message.content is mapping or (message.content is iterable and message.content is not string) %}"
            "{{- message.content | tojson }}{%- else %}{{- '<' + message.content + '>' }}{%- endif %}{%- endif %}"
            "{%- endfor %}",
            f"<s>26 Jul 2024|Be brief.{len(json.dumps(TOOLS[0], indent=4))}city=京都<sunny>",
        ),
        (  # as Mistral
            "{%- set user_messages = messages | selectattr('role', 'equalto', 'user') | list %}"
            "{%- set ns = namespace(index=0) %}{%- for message in messages[1:] | rejectattr('role', 'in', ['tool']) %}"
            "{%- if message.tool_calls is not defined and (message['role'] == 'user') != (ns.index % 2 == 0) %}"
            "{{- raise_exception('alternate') }}{%- endif %}"
            "{%- if message.tool_calls is defined and message.tool_calls is not none %}{{- '[TOOL_CALLS] [' }}"
            "{%- for call in message.tool_calls %}{%- set out = call.function | tojson %}{{- out[:-1] + '}' }}"
            "{%- endfor %}{%- else %}{%- set ns.index = ns.index + 1 %}{%- endif %}"
            "{%- if message == user_messages[-1] %}{{- '[INST]' + message['content'] + '[/INST]' }}{%- endif %}"
            "{%- if ns.index > 1 %}{%- break %}{%- endif %}{%- endfor %}{{- eos_token }}",
            '[INST]Weather?[/INST][TOOL_CALLS] [{"name": "look", "arguments": {"city": "京都"}}</s>',
        ),
        (  # as Qwen 3
            "{%- set ns = namespace(multi=true, last=messages|length - 1) %}{%- for message in messages[::-1] %}"
            "{%- set index = (messages|length - 1) - loop.index0 %}{%- if ns.multi and message.role == 'user' and not("
            "message.content.startswith('<r>') and message.content.endswith('</r>')) %}"
            "{%- set ns.multi = false %}{%- set ns.last = index %}{%- endif %}{%- endfor %}"
            "{%- for message in messages %}{%- if loop.index0 > ns.last and '</think>' in message.content %}"
            "{%- set thought = message.content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}"
            "{{- thought + ':' + message.content.split('</think>')[-1].lstrip('\\n') }}{%- endif %}"
            "{%- if message.role == 'tool' and (loop.first or loop.previtem.role != 'tool') %}{{- '<r>' }}{%- endif %}"
            "{%- endfor %}{%- if enable_thinking is defined and enable_thinking is false %}no{%- endif %}{{ ns.last }}",
            "<r>hm:Sunny.1",
        ),
        (  # as Hermes 3
            "{%- macro kind(spec) %}{%- if spec.type == 'array' %}{{- 'list[' + kind(spec['items']) + ']' }}"
            "{%- else %}{{- {'string': 'str'}[spec.type] }}{%- endif %}{%- endmacro %}{%- for tool in tools %}"
            "{%- set tool = tool.function %}{{- tool.name + '(' }}"
            "{%- for name, spec in tool.parameters.properties.items() %}{{- name + ': ' + kind(spec) }}"
            "{%- if not loop.last %}, {% endif %}{%- endfor %}{{- ')' }}"
            "{%- if tool.get('description') %}x{% endif %}{%- endfor %}",
            "look(city: str)",
        ),
        (  # as SmolLM 3, and macros in a list
            "{%- for message in messages %}{%- if message.role == 'assistant' %}{% generation %}"
            "{{- message.content | replace('<think>', '') }}{% endgeneration %}{%- endif %}{%- endfor %}"
            "{%- macro plus(a, b=1) %}{{ a | int + b }}{% endmacro %}{{ [plus][0](*[2, 3]) }}",
            "hm</think>\n\nSunny.5",
        ),
    ],
)
def test_templates_as_real_models_have_them(source: str, text: str) -> None:
    assert _template(source).render(CALLS, add_generation_prompt=True, tools=TOOLS) == text
