"""Tool calls found in what a model writes, however the text is cut into pieces."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hostile
from fttui.local.tool_calls import ToolCall, ToolCallReader

NAMES = frozenset({"weather", "time"})
CALL = '<tool_call>\n{"name": "weather", "arguments": {"city": "Oslo"}}\n</tool_call>'


def read(text: str, *cuts: int, parallel: bool = True) -> list[str | tuple[str, str]]:
    """The answer, texts joined and calls as pairs, after the text came in pieces."""
    reader = ToolCallReader(NAMES, parallel=parallel)
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    parts = [part for a, b in pairwise(places) for part in reader.add(text[a:b])]
    joined: list[str | tuple[str, str]] = []
    for part in [*parts, *reader.finish()]:
        if isinstance(part, ToolCall):
            assert part.id.startswith("call_")
            joined.append((part.name, part.arguments))
        elif joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


OSLO = ("weather", '{"city": "Oslo"}')
CALLS = {
    "tagged": (CALL, [OSLO]),
    "with words before": (f"Let me see.\n{CALL}", ["Let me see.", OSLO]),
    "with words behind": (f"{CALL}\n Done. ", [OSLO, "Done."]),
    "two": (f"{CALL}\n{CALL}\n", [OSLO, OSLO]),
    "a list in the tags": (
        '<tool_call>[{"name": "a", "arguments": {}}, {"name": "b"}]</tool_call>',
        [("a", "{}"), ("b", "{}")],
    ),
    "never closed": (CALL.removesuffix("</tool_call>"), [OSLO]),
    "a tag in a string": (
        '<tool_call>{"name": "time", "arguments": {"a": "</tool_call>"}}</tool_call> Well.',
        [("time", '{"a": "</tool_call>"}'), "Well."],
    ),
    "one after a broken one": (
        f'<tool_call>{{"name</tool_call>{CALL}',
        ['<tool_call>{"name</tool_call>', OSLO],
    ),
    "a broken line": ('<tool_call>{"name": "x", "arguments": {"a": "1\n2"}}</tool_call>', [("x", '{"a": "1\\n2"}')]),
    "bare": ('{"name": "weather", "parameters": {"city": "Oslo"}}', [OSLO]),
    "bare, two": ('{"name": "time"}; {"name": "weather", "parameters": {"city": "Oslo"}}', [("time", "{}"), OSLO]),
    "bare list": ('[{"name": "time", "arguments": {}}]', [("time", "{}")]),
    "arguments as text": ('<tool_call>{"name": "time", "arguments": "{}"}</tool_call>', [("time", "{}")]),
    "half a letter": ('<tool_call>{"name": "x", "arguments": {"a": "ë\\ud83d"}}</tool_call>', [("x", '{"a": "ë�"}')]),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_calls_are_found(name: str) -> None:
    text, expected = CALLS[name]
    assert read(text) == expected


NO_CALLS = {
    "plain": "Hello, world. ",
    "blanks": " \n ",
    "broken": '<tool_call>{"name": "weather", </tool_call> and on',
    "no name": '<tool_call>{"arguments": {}}</tool_call>',
    "name is a number": '<tool_call>{"name": 7}</tool_call>',
    "arguments are a number": '<tool_call>{"name": "time", "arguments": 7}</tool_call>',
    "empty tags": "<tool_call></tool_call>",
    "half a tag": "a < b <tool_c",
    "closing tags without end": '<tool_call>{"name": "' + "</tool_call>" * 3000,
    "another function": '{"name": "Ada", "parameters": {}}',
    "json": '{"city": "Oslo"}',
    "a list of numbers": "[1, 2, 3] are numbers",
    "not a number": '<tool_call>{"name": "time", "arguments": {"x": NaN}}</tool_call>',
    "infinite": '<tool_call>{"name": "time", "arguments": {"x": 1e400}}</tool_call>',
    "long number": '<tool_call>{"name": "time", "arguments": {"x": ' + "9" * 5000 + "}}</tool_call>",
    "deep": "<tool_call>" + "[" * 10_000 + "</tool_call>",
    "deep and bare": '{"name":' * 10_000,
    **{name: text for name, text in hostile.STRINGS.items() if text},
}


@pytest.mark.parametrize("name", NO_CALLS)
def test_what_is_no_call_stays_as_it_is(name: str) -> None:
    assert read(NO_CALLS[name], 1, 5, 12) == [NO_CALLS[name]]


def test_only_the_first_call_counts_without_parallel_calls() -> None:
    assert read(f"Wait. {CALL} {CALL} Done.", parallel=False) == ["Wait.", OSLO]


PIECES = st.sampled_from(
    [CALL, "<tool_call>", "</tool_call>", "<tool_", " ", "\n", "Hi", "{", '{"name": "time"}', ";", "[", "]", "<"]
)


@given(st.lists(PIECES, max_size=8).map("".join), st.lists(st.integers(0, 400), max_size=6))
def test_a_stream_says_the_same_as_the_whole(text: str, cuts: list[int]) -> None:
    assert read(text, *cuts) == read(text)


@given(
    st.dictionaries(
        st.text() | PIECES, PIECES | st.integers() | st.text() | st.none() | st.lists(st.booleans()), max_size=5
    )
)
def test_arguments_come_through_as_they_were(arguments: dict[str, object]) -> None:
    body = json.dumps({"name": "time", "arguments": arguments})
    for text in (f"<tool_call>{body}</tool_call>", body):
        (call,) = read(text)
        assert isinstance(call, tuple)
        assert (call[0], json.loads(call[1])) == ("time", arguments)
