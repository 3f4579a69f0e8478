"""Well-formed records of each kind, of which benchmarks/check.py tells what one costs."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any, Final

from fttui.formats.kinds import Kind

_SENTENCE: Final = "the order invoice parcel shows that every customer asks for a refund before a ticket is closed"
_WORDS: Final = _SENTENCE.split()
_TOOLS: Final = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather in a city",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "description": "The city"},
                    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                },
                "required": ["city"],
                "additionalProperties": False,
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "search",
            "description": "Search the web",
            "parameters": {
                "type": "object",
                "properties": {"query": {"type": "string"}, "most": {"type": "integer"}},
                "required": ["query"],
            },
        },
    },
]


def _text(words: int, number: int) -> str:
    return " ".join(random.Random(number + words).choices(_WORDS, k=words)) + f" {number}"


def _said(role: str, words: int, number: int, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": _text(words, number), **more}


def _chat(number: int) -> dict[str, Any]:
    return {"messages": [_said("system", 6, 0), _said("user", 12, number), _said("assistant", 30, number)]}


def _weights(number: int) -> dict[str, Any]:
    first = [_said("user", 12, number), _said("assistant", 30, number, weight=0)]
    return {"messages": [*first, _said("user", 12, number + 1), _said("assistant", 30, number + 1, weight=1)]}


def _parts(number: int) -> dict[str, Any]:
    asked = {"role": "user", "content": [{"type": "text", "text": _text(12, number)}]}
    return {"messages": [asked, _said("assistant", 30, number)]}


def _tools(number: int) -> dict[str, Any]:
    call_id = f"call_{number:08d}"
    function = {"name": "get_weather", "arguments": json.dumps({"city": f"Town {number}", "unit": "celsius"})}
    messages = [
        _said("system", 6, 0),
        _said("user", 12, number),
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": call_id, "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": call_id, "content": json.dumps({"degrees": number % 40})},
        _said("assistant", 15, number),
    ]
    return {"messages": messages, "tools": _TOOLS, "parallel_tool_calls": False}


def _own_tools(number: int) -> dict[str, Any]:
    """With tools that no other record has."""
    record = _tools(number)
    tools = json.loads(json.dumps(_TOOLS))
    for tool in tools:
        tool["function"]["parameters"]["properties"]["page"] = {"type": "integer", "description": f"Page {number}"}
    return {**record, "tools": tools}


def _preference(number: int) -> dict[str, Any]:
    return {
        "input": {"messages": [_said("system", 6, 0), _said("user", 12, number)]},
        "preferred_output": [_said("assistant", 20, number)],
        "non_preferred_output": [_said("assistant", 20, number + 1)],
    }


def _reinforcement(number: int) -> dict[str, Any]:
    return {"messages": [_said("user", 30, number)], "reference_answer": str(number)}


def _completion(number: int) -> dict[str, Any]:
    return {"prompt": f"{_text(20, number)}\n\n###\n\n", "completion": f" {_text(20, number)} END"}


KINDS: Final[dict[str, tuple[Kind, Callable[[int], dict[str, Any]]]]] = {
    "chat": ("chat", _chat),
    "weights": ("chat", _weights),
    "parts": ("chat", _parts),
    "tools": ("chat", _tools),
    "own tools": ("chat", _own_tools),
    "preference": ("preference", _preference),
    "reinforcement": ("reinforcement", _reinforcement),
    "completion": ("completion", _completion),
}
"""By name, the kind of a file, and what makes its records."""
