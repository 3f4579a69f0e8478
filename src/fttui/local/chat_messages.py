"""The messages of a chat request, checked, and made plain for the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fttui.local.errors import bad_request
from fttui.local.examples import ROLES, is_text_parts

_KEPT: Final = ("role", "content", "name", "tool_calls", "tool_call_id", "function_call", "refusal", "weight")
"""Of a message; anything else that a client writes is not the model's business."""


def read_messages(value: Any) -> list[dict[str, Any]]:
    """The messages of a request, each content one string.

    Raises:
        ApiError: 400, naming the message and the key that is wrong.
    """
    if not isinstance(value, list) or not value:
        raise bad_request("'messages' must be a list with messages in it.", "messages", "invalid_type")
    return [_message(item, f"messages[{position}]") for position, item in enumerate(value)]


def plain_text(messages: Sequence[Mapping[str, Any]]) -> str:
    """The texts of a conversation, one behind the other: what a model reads that knows no chat."""
    return "\n".join(message["content"] for message in messages if message["content"])


def _message(value: Any, param: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad_request(f"'{param}' must be an object.", param, "invalid_type")
    role = value.get("role")
    if role not in ROLES:
        raise bad_request(f"'{param}.role' must be one of {', '.join(ROLES)}.", f"{param}.role", "invalid_value")
    name = value.get("name")
    if name is not None and not isinstance(name, str):
        raise bad_request(f"'{param}.name' must be a string.", f"{param}.name", "invalid_type")
    message = {key: value[key] for key in _KEPT if value.get(key) is not None}
    message["content"] = _text_of(value.get("content"), f"{param}.content", may_be_absent=role == "assistant")
    if role == "tool":
        _required_string(value, "tool_call_id", param)
    if role == "assistant" and "tool_calls" in message:
        message["tool_calls"] = _tool_calls(message["tool_calls"], f"{param}.tool_calls")
    elif "tool_calls" in message:
        raise bad_request(
            f"'{param}.tool_calls' belongs to assistant messages.", f"{param}.tool_calls", "invalid_value"
        )
    return message


def _text_of(content: Any, param: str, *, may_be_absent: bool) -> str:
    if isinstance(content, str):
        return content
    if content is None and may_be_absent:
        return ""
    if isinstance(content, list):
        if is_text_parts(content):
            return "".join(part["text"] for part in content)
        raise bad_request(f"'{param}' may hold text parts only: this model reads nothing else.", param, "invalid_value")
    raise bad_request(f"'{param}' must be a string or a list of text parts.", param, "invalid_type")


def _tool_calls(value: Any, param: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value:
        raise bad_request(f"'{param}' must be a list with tool calls in it.", param, "invalid_type")
    return [_tool_call(call, f"{param}[{position}]") for position, call in enumerate(value)]


def _tool_call(value: Any, param: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad_request(f"'{param}' must be an object.", param, "invalid_type")
    if value.get("type", "function") != "function":
        raise bad_request(f"'{param}.type' must be 'function'.", f"{param}.type", "invalid_value")
    function = value.get("function")
    if not isinstance(function, dict):
        raise bad_request(f"'{param}.function' must be an object.", f"{param}.function", "invalid_type")
    return {
        "id": _required_string(value, "id", param),
        "type": "function",
        "function": {key: _required_string(function, key, f"{param}.function") for key in ("name", "arguments")},
    }


def _required_string(owner: Mapping[str, Any], key: str, param: str) -> str:
    value = owner.get(key)
    if value is None:
        label = f"{param}.{key}"
        raise bad_request(f"Missing required parameter: '{label}'.", label, "missing_required_parameter")
    if not isinstance(value, str):
        raise bad_request(f"'{param}.{key}' must be a string.", f"{param}.{key}", "invalid_type")
    return value
