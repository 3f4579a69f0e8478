"""Good records of every kind, and ways to spoil them, as tests of the checks share them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st

from fttui.checks.table import rules
from fttui.formats.kinds import Kind, kind_of_record
from fttui.formats.lines import parse_line
from fttui.formats.slots import Path

_CALL: Final = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
_TOOL: Final = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
_ASK: Final = [{"role": "user", "content": "What is the capital of Norway?"}]

GOOD: Final[tuple[tuple[Kind, dict[str, Any]], ...]] = (
    (
        "chat",
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "What is the capital of Norway?"},
                {"role": "assistant", "content": "Oslo."},
            ]
        },
    ),
    (
        "chat",
        {
            "messages": [
                {"role": "user", "content": "Is it cold in Oslo?", "name": "ada"},
                {"role": "assistant", "content": None, "tool_calls": [_CALL]},
                {"role": "tool", "tool_call_id": "call_1", "content": '{"celsius": -4}'},
                {"role": "assistant", "content": "Yes, four below zero.", "weight": 1},
            ],
            "tools": [_TOOL],
            "parallel_tool_calls": False,
        },
    ),
    (
        "chat",
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "What is this?"},
                        {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
                    ],
                },
                {"role": "assistant", "content": "A cat."},
            ]
        },
    ),
    (
        "preference",
        {
            "input": {"messages": _ASK, "tools": [], "parallel_tool_calls": True},
            "preferred_output": [{"role": "assistant", "content": "Oslo."}],
            "non_preferred_output": [{"role": "assistant", "content": "Bergen."}],
        },
    ),
    ("reinforcement", {"messages": _ASK, "reference_answer": "Oslo", "level": 2}),
    ("completion", {"prompt": "The capital of Norway is ->", "completion": " Oslo END"}),
    (
        "gemini",
        {
            "systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]},
            "contents": [
                {"role": "user", "parts": [{"text": "What is the capital of Norway?"}]},
                {"role": "model", "parts": [{"text": "Oslo."}]},
            ],
        },
    ),
    (
        "bedrock",
        {
            "schemaVersion": "bedrock-conversation-2024",
            "system": [{"text": "Be brief."}],
            "messages": [
                {"role": "user", "content": [{"text": "What is the capital of Norway?"}]},
                {"role": "assistant", "content": [{"text": "Oslo."}]},
            ],
        },
    ),
)
"""Kinds, each with a record of it."""

ODD: Final = (
    None, True, 0, 1, -1.5, "", "  ", "x", "1", "assitant", "human", "developer", "function", "{'a': 1}", '{"a": 1}',
    '"{\\"a\\": 1}"', "data:image/gif;base64,AAAA", "half \ud83d", [], {}, [None], ["x"], [[]], {"role": "user"},
    {"type": "text", "text": "x"}, [{"role": "gpt", "content": "x"}],
    {"name": "weather", "arguments": {"city": "Oslo"}},
)  # fmt: skip
"""Values that stand where others belong."""
KEYS: Final = (
    "role", "Role", "content", "messages", "mesages", "tool_calls", "function_call", "functions", "tools", "name",
    "weight", "refusal", "prompt", "Completion", "chosen", "rejected", "preferred_completion", "extra", "value", "from",
)  # fmt: skip
"""Names for keys that are added, or that others are renamed to."""


def paths_in(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of everything in a value, itself left out."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from paths_in(item, (*path, key))


@cache
def failing() -> tuple[tuple[Kind, dict[str, Any]], ...]:
    """The records of all lines by which rules show how they are broken, each with a kind that its rule is for."""
    found: list[tuple[Kind, dict[str, Any]]] = []
    for rule in rules().values():
        for line in rule.failing:
            record = parse_line(line.encode("utf-8", "surrogatepass")).value
            if isinstance(record, dict) and rule.scope != "file":
                kind = kind_of_record(record)
                found.append((kind if not rule.kinds or kind in rule.kinds else sorted(rule.kinds)[0], record))
    return tuple(found)


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[Kind, dict[str, Any]]:
    """A record with a few things set, removed, doubled, renamed or added, and the kind that it was.

    It was a good one, or one that shows how a rule is broken: what fixes do meets what other fixes do.
    """
    kind, seed = draw(st.sampled_from(GOOD) | st.sampled_from(failing()))
    record = copy.deepcopy(seed)
    for _ in range(draw(st.integers(1, 4))):
        places = [path for path in paths_in(record) if path]
        if places:
            _spoil(draw, record, draw(st.sampled_from(places)))
    return kind, record


def _spoil(draw: st.DrawFn, record: dict[str, Any], path: Path) -> None:
    holder: Any = record
    for step in path[:-1]:
        holder = holder[step]
    last: Any = path[-1]
    how = draw(st.sampled_from(("set", "remove", "double", "rename", "add")))
    if how == "set":
        holder[last] = copy.deepcopy(draw(st.sampled_from(ODD)))
    elif how == "remove":
        del holder[last]
    elif isinstance(holder, list):
        holder.insert(last, copy.deepcopy(holder[last]))
    elif how == "rename":
        holder[draw(st.sampled_from(KEYS))] = holder.pop(last)
    else:
        holder[draw(st.sampled_from(KEYS))] = copy.deepcopy(draw(st.sampled_from(ODD)))
