"""The part of JSON Schema that nearly all tools use, without the validator: is it right, do arguments surely match.

Both say no when they are not sure; then the validator, a hundred times slower, has a look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

TYPES: Final = {
    "object": "an object", "array": "a list", "string": "a string", "integer": "a whole number", "number": "a number",
    "boolean": "true or false", "null": "null",
}  # fmt: skip
"""The types of JSON Schema, and what they are in words."""

_OTHER_TYPES: Final = {
    "dict": "object", "map": "object", "list": "array", "tuple": "array", "set": "array", "str": "string",
    "text": "string", "char": "string", "int": "integer", "long": "integer", "float": "number", "double": "number",
    "bool": "boolean", "none": "null",
}  # fmt: skip
"""What tools in other languages call them."""

_DEEPEST: Final = 30


def is_plain(schema: Any, depth: int = 0) -> bool:
    """Whether it is surely a JSON Schema, and has only keys that are known here."""
    if type(schema) is not dict or depth > _DEEPEST:
        return schema is True or schema is False
    return all(key in _KEYS and _KEYS[key](value, depth + 1) for key, value in schema.items())


def surely_matches(schema: Any, value: Any) -> bool:
    """Whether the value matches a schema that is plain; False also where it may."""
    if schema is True:
        return True
    if schema is False:
        return False
    kind = schema.get("type")
    if kind is not None and not (_is(kind, value) if type(kind) is str else any(_is(name, value) for name in kind)):
        return False
    # 1, 1.0 and true are equal to Python
    if "enum" in schema and not (type(value) is str and value in schema["enum"]):
        return False
    if not _UNSURE.isdisjoint(schema):
        return False
    if type(value) is dict:
        return _object_matches(schema, value)
    if type(value) is list and "items" in schema:
        return all(surely_matches(schema["items"], item) for item in value)
    return True


def _object_matches(schema: Mapping[str, Any], value: dict[str, Any]) -> bool:
    known = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    if not all(key in value for key in schema.get("required", ())):
        return False
    return all(surely_matches(known.get(key, others), item) for key, item in value.items())


def _is(name: str, value: Any) -> bool:
    if name == "integer":
        return type(value) is int
    if name == "number":
        return type(value) in (int, float)
    return type(value) is _PYTHON[name]


_PYTHON: Final[dict[str, type]] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)
}  # fmt: skip


def mended(schema: Any, depth: int = 0) -> Any:
    """A copy in which every type has its name in JSON Schema: ``dict``, ``STRING`` and ``int`` are common."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return schema
    copy = dict(schema)
    kind = copy.get("type")
    if isinstance(kind, str):
        copy["type"] = _type_meant(kind)
    elif isinstance(kind, list):
        copy["type"] = [_type_meant(name) if isinstance(name, str) else name for name in kind]
    elif kind is None and isinstance(copy.get("properties"), dict):
        copy = {"type": "object", **{key: value for key, value in copy.items() if key != "type"}}
    for key in ("items", "additionalProperties"):
        if key in copy:
            copy[key] = mended(copy[key], depth + 1)
    for key in ("properties", "$defs", "definitions"):
        if isinstance(copy.get(key), dict):
            copy[key] = {name: mended(item, depth + 1) for name, item in copy[key].items()}
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(copy.get(key), list):
            copy[key] = [mended(item, depth + 1) for item in copy[key]]
    return copy


def _type_meant(name: str) -> str:
    plain = name.strip().lower()
    return plain if plain in TYPES else _OTHER_TYPES.get(plain, name)


def _is_type(value: Any, depth: int) -> bool:
    if type(value) is str:
        return value in TYPES
    return (
        type(value) is list
        and bool(value)
        and all(type(name) is str and name in TYPES for name in value)
        and len(set(value)) == len(value)
    )


def _is_text(value: Any, depth: int) -> bool:
    return type(value) is str


def _is_anything(value: Any, depth: int) -> bool:
    return True


def _is_truth(value: Any, depth: int) -> bool:
    return type(value) is bool


def _is_number(value: Any, depth: int) -> bool:
    return type(value) in (int, float)


def _is_count(value: Any, depth: int) -> bool:
    return type(value) is int and value >= 0


def _is_list(value: Any, depth: int) -> bool:
    return type(value) is list


def _is_names(value: Any, depth: int) -> bool:
    return type(value) is list and all(type(name) is str for name in value) and len(set(value)) == len(value)


def _is_properties(value: Any, depth: int) -> bool:
    return type(value) is dict and all(is_plain(item, depth) for item in value.values())


def _is_schemas(value: Any, depth: int) -> bool:
    return type(value) is list and bool(value) and all(is_plain(item, depth) for item in value)


# what can make a value not match, and is not looked at here
_UNSURE: Final = frozenset((
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems",
    "uniqueItems", "pattern", "const", "anyOf", "oneOf", "allOf",
))  # fmt: skip

_KEYS: Final[dict[str, Callable[[Any, int], bool]]] = {
    "type": _is_type,
    "description": _is_text,
    "title": _is_text,
    "format": _is_text,
    "pattern": _is_text,
    "$schema": _is_text,
    "$comment": _is_text,
    "const": _is_anything,
    "default": _is_anything,
    "uniqueItems": _is_truth,
    "example": _is_anything,
    "examples": _is_list,
    "enum": _is_list,
    "properties": _is_properties,
    "required": _is_names,
    "items": is_plain,
    "additionalProperties": is_plain,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _is_count),
    **dict.fromkeys(("anyOf", "oneOf", "allOf"), _is_schemas),
}
