"""The schemas of tools: whether they are ones, and what in the arguments of a call does not match."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import islice
from typing import Any, Final, NamedTuple

import orjson

from fttui.checks.model import Path, show_path
from fttui.checks.tools.schemas_plain import TYPES, is_plain, surely_matches
from fttui.checks.words import quoted, type_name

LONGEST: Final = 64 * 1024
"""Longer schemas and arguments (characters of JSON) are not looked into: a strange one could take minutes."""

_KEPT: Final = 256
_MOST_STEPS: Final = 10_000
"""Keywords that are looked at in one go: a few dozen references that name each other twice would take for ever."""
_MOST_STEPS_OF_DRAFT: Final = 200_000
_MOST_UNIQUE: Final = 500
"""Items of a longer list are not compared each with each."""
_PATTERN_SECONDS: Final = 0.02
_SHOWN: Final = 100


class Mismatch(NamedTuple):
    """What does not match: where in the arguments, and what is wrong there, as a clause."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Schema:
    """A schema that was read once for many calls.

    Attributes:
        fault: Why it is none, as a clause; None: it is one.
        plain: The schema, where our own quick reader understands all of it.
        whole: The schema, where there is something to match with.
        draft: The draft of JSON Schema that it keeps to.
    """

    fault: str | None
    plain: Mapping[str, Any] | None = None
    whole: Mapping[str, Any] | None = None
    draft: str = "2020-12"

    def is_surely_met_by(self, arguments: dict[str, Any]) -> bool:
        """Whether the arguments match as far as a quick look can tell; False also where they may."""
        return self.whole is None or (self.plain is not None and surely_matches(self.plain, arguments))

    def mismatch(self, arguments: dict[str, Any]) -> Mismatch | None:
        """The first thing in the arguments that does not match; None where all does, or nobody can tell."""
        if self.is_surely_met_by(arguments) or self._validator is None:
            return None
        try:
            _budget.left = _MOST_STEPS
            error = next(iter(self._validator.iter_errors(arguments)), None)
        except Exception:  # a schema is a stranger's program: references to nowhere, endless ones, wrong patterns
            return None
        return None if error is None else Mismatch(tuple(error.absolute_path), _reason(error))

    @cached_property
    def _validator(self) -> Any:
        """What knows all of JSON Schema; made when it is needed, which it is not for most schemas."""
        return _validator(self.draft, self.whole) if self.whole is not None else None


NO_SCHEMA: Final = Schema(None)


def schema_of(parameters: Any) -> Schema:
    """The schema under ``parameters`` of a function, whatever stands there; the last few hundred are kept ready."""
    try:
        text = orjson.dumps(parameters)
    except (TypeError, RecursionError):
        text = json.dumps(parameters).encode()
    return _compiled(text) if len(text) <= LONGEST else NO_SCHEMA


@lru_cache(maxsize=_KEPT)
def _compiled(text: bytes) -> Schema:
    try:
        schema = orjson.loads(text)
    except ValueError:
        schema = json.loads(text)
    if not isinstance(schema, dict):
        return Schema(f"is {type_name(schema)}, not a JSON Schema object")
    if not schema:
        return NO_SCHEMA
    fault = _type_fault(schema)
    if is_plain(schema):
        return Schema(fault, schema, None if fault else schema)
    reason = None
    for draft in _DRAFTS:
        reason = _draft_fault(draft, schema)
        if reason is None:
            return Schema(fault, None, None if fault else schema, draft)
    return Schema(fault or _draft_fault(_DRAFTS[0], schema) or reason)


def _type_fault(schema: Mapping[str, Any]) -> str | None:
    """Arguments are an object: a schema of anything else can never be met."""
    kind = schema.get("type")
    if kind == "object" or (kind is None and not schema.keys() & {"properties", "required"}):
        return None
    if kind is None:
        return "has no type; it must be 'object'"
    shown = quoted(kind) if isinstance(kind, str) else type_name(kind)
    return f"has the type {shown}; it must be 'object'"


# --- JSON Schema, whole --------------------------------------------------------------------------------------------

_DRAFTS: Final = ("2020-12", "7", "4")
"""What is a schema by any of these is one: OpenAI names no draft."""


class _Budget:
    left = 0


_budget = _Budget()


@cache
def _class(draft: str) -> Any:
    """The validator of a draft, without what lets a schema take for ever."""
    import jsonschema.validators as known
    from jsonschema.exceptions import ValidationError

    drafts: Any = {
        "2020-12": known.Draft202012Validator,
        "7": known.Draft7Validator,
        "4": known.Draft4Validator,
    }
    base = drafts[draft]

    def pattern(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if isinstance(instance, str) and isinstance(wanted, str) and not _has_pattern(wanted, instance):
            yield ValidationError(f"does not match {quoted(wanted)}")

    def unique(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if not isinstance(instance, list) or len(instance) <= _MOST_UNIQUE:
            yield from base.VALIDATORS["uniqueItems"](validator, wanted, instance, schema) or ()

    keywords = {**base.VALIDATORS, "pattern": pattern, "uniqueItems": unique}
    extend: Any = known.extend
    return extend(base, {name: _counted(keyword) for name, keyword in keywords.items()})


def _counted(keyword: Any) -> Any:
    def look(validator: Any, wanted: Any, instance: Any, schema: Any) -> Any:
        _budget.left -= 1
        if _budget.left < 0:
            raise RecursionError("the schema takes too long")
        return keyword(validator, wanted, instance, schema)

    return look


def _validator(draft: str, schema: Mapping[str, Any]) -> Any:
    """None for a schema with patterns for keys: nothing stops those that take for ever."""
    if _has_key(schema, "patternProperties"):
        return None
    from referencing import Registry

    # a registry of our own: the usual one would fetch what a reference names from the network
    return _class(draft)(schema, registry=Registry())


def _draft_fault(draft: str, schema: Mapping[str, Any]) -> str | None:
    from jsonschema.exceptions import best_match

    rules = _class(draft)
    try:
        _budget.left = _MOST_STEPS_OF_DRAFT
        error: Any = best_match(rules(rules.META_SCHEMA).iter_errors(schema))
    except Exception:  # nested deeper than the validator can follow: nobody can tell
        return None
    if error is None:
        return None
    where = show_path(tuple(error.absolute_path))
    return f"is no JSON Schema: {where + ': ' if where else ''}{_reason(error)}"


def _has_key(value: Any, key: str) -> bool:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            if key in item:
                return True
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    return False


def _has_pattern(pattern: str, text: str) -> bool:
    """Whether a pattern is in the text; True when it is none, or takes too long to tell."""
    import regex

    try:
        return regex.search(pattern, text, timeout=_PATTERN_SECONDS) is not None
    except (regex.error, TimeoutError, RecursionError, MemoryError):
        return True


def _reason(error: Any) -> str:
    """The error of the validator in our words, as a short clause."""
    wanted, value = error.validator_value, error.instance
    if error.validator == "type":
        names = [wanted] if isinstance(wanted, str) else wanted
        return f"must be {' or '.join(map(_type_word, names))}, is {type_name(value)}{_shown(value)}"
    if error.validator == "required" and isinstance(value, dict):
        return f"lacks {_list(key for key in wanted if key not in value)}"
    if error.validator == "enum":
        return f"must be one of {_list(wanted)}, is {type_name(value)}{_shown(value)}"
    if error.validator == "additionalProperties" and isinstance(value, dict):
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        return f"has keys that the schema does not know: {_list(key for key in value if key not in known)}"
    return _cut(error.message)


def _type_word(name: Any) -> str:
    return TYPES.get(name, str(name)) if isinstance(name, str) else "another type"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f" {quoted(value)}"
    return f" {value!r}" if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 else ""


def _list(values: Iterable[Any]) -> str:
    texts = [quoted(value) if isinstance(value, str) else _cut(repr(value)) for value in islice(values, 5)]
    return ", ".join(texts[:4]) + (", …" if len(texts) > 4 else "")


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
