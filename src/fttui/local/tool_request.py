"""The tools of a chat request, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fttui.local.errors import ApiError, bad_request
from fttui.local.sampling_request import flag

_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MOST_TOOLS: Final = 128


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """What the model may call."""

    definitions: tuple[dict[str, Any], ...]
    parallel: bool
    """False: one call an answer at most."""

    @property
    def names(self) -> frozenset[str]:
        """Of the functions."""
        return frozenset(tool["function"]["name"] for tool in self.definitions)

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> ToolRequest | None:
        """The tools that the model is to be told about; None when there are none, or it must not call them.

        Raises:
            ApiError: 400, naming the parameter that is wrong, or beyond this server.
        """
        definitions = _definitions(body.get("tools"))
        parallel = flag(body, "parallel_tool_calls")
        choice = body.get("tool_choice")
        if choice is not None and not definitions:
            raise bad_request(
                "'tool_choice' is only allowed when 'tools' are specified.", "tool_choice", "invalid_value"
            )
        if choice not in (None, "auto", "none"):
            raise _unsupported_choice(choice)
        if not definitions or choice == "none":
            return None
        return cls(definitions, parallel or body.get("parallel_tool_calls") is None)


def _unsupported_choice(choice: Any) -> ApiError:
    message = (
        'The local server supports \'tool_choice\' "auto" and "none": its models cannot be made to call a tool. '
        "Say in a message that one must be called."
    )
    is_choice = choice == "required" or isinstance(choice, dict)
    return bad_request(message, "tool_choice", "unsupported_parameter" if is_choice else "invalid_value")


def _definitions(value: Any) -> tuple[dict[str, Any], ...]:
    if value is None or value == []:
        return ()
    if not isinstance(value, list):
        raise bad_request("'tools' must be a list of objects.", "tools", "invalid_type")
    if len(value) > _MOST_TOOLS:
        raise bad_request(f"'tools' may hold {_MOST_TOOLS} tools at most.", "tools", "invalid_value")
    return tuple(_definition(tool, f"tools[{position}]") for position, tool in enumerate(value))


def _definition(value: Any, param: str) -> dict[str, Any]:
    """A tool as the model is told about it, without what only OpenAI's own servers understand (``strict``)."""
    if not isinstance(value, dict):
        raise bad_request(f"'{param}' must be an object.", param, "invalid_type")
    if value.get("type") != "function":
        message = f"'{param}.type' must be 'function': the local server's models call nothing else."
        raise bad_request(message, f"{param}.type", "invalid_value")
    function = value.get("function")
    if not isinstance(function, dict):
        raise bad_request(f"'{param}.function' must be an object.", f"{param}.function", "invalid_type")
    name, label = function.get("name"), f"{param}.function.name"
    if not isinstance(name, str):
        raise bad_request(f"Missing required parameter: '{label}'.", label, "missing_required_parameter")
    if not _NAME.fullmatch(name):
        message = f"'{label}' must be 1 to 64 letters, digits, underscores and hyphens."
        raise bad_request(message, label, "invalid_value")
    described = _optional(function, "description", str, param)
    parameters = _optional(function, "parameters", dict, param)
    told = {"name": name, "description": described or "", "parameters": parameters or _NO_PARAMETERS}
    return {"type": "function", "function": told}


_NO_PARAMETERS: Final[Mapping[str, Any]] = {"type": "object", "properties": {}}


def _optional(function: Mapping[str, Any], key: str, kind: type, param: str) -> Any:
    value = function.get(key)
    if value is not None and not isinstance(value, kind):
        label, wanted = f"{param}.function.{key}", "a string" if kind is str else "an object"
        raise bad_request(f"'{label}' must be {wanted}.", label, "invalid_type")
    return value
