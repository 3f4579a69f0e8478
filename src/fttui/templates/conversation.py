"""Training records as the plain messages that chat templates take."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fttui.core.errors import FttuiError
from fttui.templates.chat_template import ChatTemplate
from fttui.templates.tool_text import with_tools


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages ready for a template, which of them are trained on, and the tools that the template tells of."""

    messages: tuple[dict[str, Any], ...]
    trained: frozenset[int]
    """Positions of the assistant messages whose weight is not 0."""
    tools: tuple[Mapping[str, Any], ...] | None


def is_plain_completion(record: Mapping[str, Any]) -> bool:
    """Whether a record is of the legacy shape: a prompt and its completion, both plain text, no conversation."""
    texts = record.get("prompt"), record.get("completion")
    return all(isinstance(text, str) for text in texts) and not isinstance(record.get("messages"), list)


def conversation_of(record: Mapping[str, Any], template: ChatTemplate) -> Conversation:
    """A chat record, or a prompt/completion record whose sides are messages: a question and its answer.

    Where only one side is messages, the other is a turn of the same chat (`is_plain_completion` tells when none is).

    Raises:
        FttuiError: The record is neither.
    """
    messages = record.get("messages")
    if isinstance(messages, list):
        raw = messages
    elif "prompt" in record and "completion" in record:
        raw = [*_turns(record["prompt"], "user"), *_turns(record["completion"], "assistant")]
    else:
        raise FttuiError("An example has neither 'messages' nor 'prompt' and 'completion'.")
    tools = record.get("tools")
    told, left = with_tools(plain_messages(raw, template), tools if isinstance(tools, list) else None, template)
    added = len(told) - len(raw)  # in front
    trained = frozenset(i for i, m in enumerate(raw, added) if m.get("role") == "assistant" and m.get("weight") != 0)
    return Conversation(tuple(told), trained, left)


def plain_messages(messages: Sequence[Any], template: ChatTemplate) -> list[dict[str, Any]]:
    """Messages of the OpenAI shape as templates expect them.

    Content is always a string. What a template knows nothing of is put in a form that it takes: a ``developer`` message
    becomes a ``system`` message, tool calls become text in ``<tool_call>`` tags (as SmolLM2 and Hermes write them).

    Raises:
        FttuiError: A message is not one.
    """
    return [_plain(message, template) for message in messages]


def _plain(message: Any, template: ChatTemplate) -> dict[str, Any]:
    if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
        raise FttuiError("A message of an example has no role.")
    plain = {key: value for key, value in message.items() if key != "weight" and value is not None}
    plain["content"] = _text(message.get("content"))
    if plain["role"] == "developer" and not template.knows("developer"):
        plain["role"] = "system"
    call = plain.pop("function_call", None)  # as tools were called before there were several at once
    if call and not plain.get("tool_calls"):
        plain["tool_calls"] = [{"type": "function", "function": call}]
    calls = plain.get("tool_calls")
    if calls and template.knows("tool_calls"):
        plain["tool_calls"] = [_with_arguments_read(call) for call in calls]
    elif calls:
        plain["content"] += "".join(_tool_call(call) for call in plain.pop("tool_calls"))
    return plain


def _text(content: Any) -> str:
    """The text of a string, of a list of content parts, or of nothing."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, Mapping) for part in content):
        return "".join(str(part.get("text", "")) for part in content)
    raise FttuiError("A message of an example has content that is not text.")


def _with_arguments_read(call: Any) -> Any:
    """A tool call whose arguments are an object: templates write them as JSON, and would write a string in quotes."""
    if not isinstance(call, Mapping) or not isinstance(call.get("function"), Mapping):
        return call
    function = call["function"]
    return {**call, "function": {**function, "arguments": _arguments_of(function)}}


def _arguments_of(function: Mapping[str, Any]) -> Any:
    arguments = function.get("arguments", "{}")
    if isinstance(arguments, str):
        with contextlib.suppress(ValueError, RecursionError):  # no JSON: then the text itself is what is to be written
            return json.loads(arguments)
    return arguments


def _tool_call(call: Any) -> str:
    function = call.get("function", {}) if isinstance(call, Mapping) else {}
    arguments = _arguments_of(function)
    body = json.dumps({"name": function.get("name", ""), "arguments": arguments}, ensure_ascii=False)
    return f"<tool_call>\n{body}\n</tool_call>"


def _turns(value: Any, role: str) -> list[Any]:
    return value if isinstance(value, list) else [{"role": role, "content": value}]
