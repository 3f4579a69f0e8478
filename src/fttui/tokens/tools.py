"""Tokens of an example's tools, by the rule of openai-cookbook ("Token counts for tool calls"), for nested schemas too.

OpenAI turns a tool into a short declaration before the model reads it, so that its JSON is not what counts. The rule
covers flat properties; here a property's own properties (of objects, and of the items of lists) count in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_FUNCTION: Final = {"o200k_base": 7, "cl100k_base": 10}
_PROPERTIES: Final = 3
_PROPERTY: Final = 3
_ENUM: Final = -3
_ENUM_ITEM: Final = 3
_END: Final = 12


def count_tools(tools: Any, encoding: str, count: Callable[[str], int]) -> int:
    """Tokens of a ``tools`` list (or of the older ``functions`` list); ``count`` gives those of a string."""
    if not isinstance(tools, list) or not tools:
        return 0
    total = _END
    for tool in tools:
        function = tool.get("function", tool) if isinstance(tool, Mapping) else None
        if isinstance(function, Mapping):
            total += _FUNCTION[encoding] + count(f"{_text(function, 'name')}:{_description(function)}")
            total += sum(_schema(schema, count) for schema in _objects(function.get("parameters")))
    return total


def _schema(schema: Mapping[str, Any], count: Callable[[str], int]) -> int:
    """Tokens of one object's own properties."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        return 0
    total = _PROPERTIES
    for name, detail in properties.items():
        detail = detail if isinstance(detail, Mapping) else {}
        total += _PROPERTY + count(f"{name}:{_type(detail)}:{_description(detail)}")
        choices = detail.get("enum")
        if isinstance(choices, list):
            total += _ENUM + sum(_ENUM_ITEM + count(str(choice)) for choice in choices)
    return total


def _objects(schema: Any) -> Iterator[Mapping[str, Any]]:
    """``schema`` and every object schema inside it."""
    pending = [schema]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, Mapping):
            yield item
            properties = item.get("properties")
            if isinstance(properties, Mapping):
                pending.extend(properties.values())
            pending.extend(item[key] for key in ("items", "anyOf", "oneOf", "allOf") if key in item)


def _text(mapping: Mapping[str, Any], key: str) -> str:
    value = mapping.get(key)
    return value if isinstance(value, str) else ""


def _description(mapping: Mapping[str, Any]) -> str:
    return _text(mapping, "description").removesuffix(".")


def _type(schema: Mapping[str, Any]) -> str:
    """``string``; a list of types as a declaration writes it: ``string | null``."""
    value = schema.get("type")
    if isinstance(value, list):
        return " | ".join(str(item) for item in value)
    return value if isinstance(value, str) else ""
