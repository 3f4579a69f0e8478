"""The definitions of tools as text, for the many chat templates that say nothing of tools (SmolLM2's is one)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fttui.core.errors import FttuiError
from fttui.templates.chat_template import ChatTemplate

_TEXT: Final = """\
You can call these tools:
<tools>
{definitions}
</tools>
A call is written as
<tool_call>
{{"name": the tool's name, "arguments": an object}}
</tool_call>"""
"""As Hermes models read them. The calls are those that `conversation.plain_messages` writes."""


def with_tools(
    messages: Sequence[Mapping[str, Any]], tools: Sequence[Any] | None, template: ChatTemplate
) -> tuple[list[dict[str, Any]], tuple[Any, ...] | None]:
    """Messages that tell of the tools, and the tools that are left for the template to tell of.

    A template that knows tools gets them. For any other their definitions end the system message, which is put in front
    where there is none; where the template takes no system message, they begin the first question. Examples and
    requests go through here alike, so that a model is asked as it was trained.

    Args:
        messages: As `conversation.plain_messages` gives them. What is added is at their front.

    Raises:
        FttuiError: The tools are none.
    """
    told = [dict(message) for message in messages]
    if not tools or template.knows("tools"):
        return told, tuple(tools) if tools else None
    text = _written(tools)
    asked = next((message for message in told if message["role"] == "user"), None)
    if asked is not None and not _takes_system(template, text):
        asked["content"] = _joined(text, asked["content"])
    elif told and told[0]["role"] in ("system", "developer"):
        told[0]["content"] = _joined(told[0]["content"], text)
    else:
        told.insert(0, {"role": "system", "content": text})
    return told, None


def _written(tools: Sequence[Any]) -> str:
    try:
        lines = [json.dumps(_definition(tool), ensure_ascii=False) for tool in tools]
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, 10,000 levels
        raise FttuiError("The definition of a tool cannot be written as JSON.") from error
    return _TEXT.format(definitions="\n".join(lines))


def _definition(tool: Any) -> dict[str, Any]:
    """A definition with the same keys in the same order, whatever of it was given; ``strict`` is not for models."""
    function = tool.get("function", tool) if isinstance(tool, Mapping) else None
    if not isinstance(function, Mapping):
        raise FttuiError("The definition of a tool is not an object.")
    parameters = function.get("parameters") or {"type": "object", "properties": {}}
    told = {"name": function.get("name"), "description": function.get("description") or "", "parameters": parameters}
    return {"type": "function", "function": told}


def _takes_system(template: ChatTemplate, text: str) -> bool:
    """Whether the model gets to read a system message: some templates refuse it, some leave it out."""
    conversation = [{"role": "system", "content": text}, {"role": "user", "content": "Hi"}]
    try:
        return text in template.render(conversation, add_generation_prompt=True)
    except FttuiError:
        return False


def _joined(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)
