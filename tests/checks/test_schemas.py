"""Schemas of tools: ours says what jsonschema says, and no schema takes for ever."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fttui.checks.tools.schemas import LONGEST, schema_of
from fttui.checks.tools.schemas_plain import is_plain, mended, surely_matches

TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
NAMES = st.sampled_from(("a", "b", "c"))
LEAVES = st.one_of(
    st.just({}),
    st.builds(
        dict, type=st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, max_size=2, unique=True)
    ),
    st.builds(dict, enum=st.lists(st.sampled_from(("x", "y", 1, 1.0, True, None)), max_size=3)),
    st.builds(dict, type=st.just("integer"), minimum=st.integers(-2, 2)),
    st.builds(dict, const=st.sampled_from((1, "x"))),
    st.booleans(),
)


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.fixed_dictionaries(
            {"properties": st.dictionaries(NAMES, inner, max_size=3)},
            optional={
                "type": st.just("object"),
                "required": st.lists(NAMES, max_size=2, unique=True),
                "additionalProperties": inner,
            },
        ),
        st.fixed_dictionaries({"items": inner}, optional={"type": st.just("array")}),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)}),
    )


SCHEMAS = st.recursive(LEAVES, _deeper, max_leaves=6)
VALUES = st.recursive(
    st.sampled_from((None, True, 0, 1, 1.0, 1.5, "x", "z")),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


@given(SCHEMAS, VALUES)
def test_what_surely_matches_does(schema: Any, value: Any) -> None:
    assert is_plain(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    if surely_matches(schema, value):
        assert jsonschema.Draft202012Validator(schema).is_valid(value)


@settings(max_examples=60)
@given(st.dictionaries(NAMES, SCHEMAS, max_size=3), st.dictionaries(NAMES, VALUES, max_size=3))
def test_a_mismatch_is_one_for_jsonschema(properties: dict[str, Any], arguments: dict[str, Any]) -> None:
    parameters = {"type": "object", "properties": properties}
    schema = schema_of(parameters)
    assert schema.fault is None
    is_valid = jsonschema.Draft202012Validator(parameters).is_valid(arguments)
    assert (schema.mismatch(arguments) is None) == is_valid


KEYWORDS = st.sampled_from(("type", "properties", "items", "enum", "required", "anyOf", "minimum"))
NEARLY = st.recursive(
    st.sampled_from((None, 7, "object", "strin", True)),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYWORDS, inner),
    max_leaves=8,
)


@settings(max_examples=60)
@given(NEARLY)
def test_no_schema_of_any_draft_has_a_fault(parameters: Any) -> None:
    fault = schema_of(parameters).fault
    drafts = (jsonschema.Draft202012Validator, jsonschema.Draft7Validator, jsonschema.Draft4Validator)
    is_one = isinstance(parameters, dict) and any(draft(draft.META_SCHEMA).is_valid(parameters) for draft in drafts)
    if not is_one:
        assert fault is not None
    elif parameters.get("type") == "object" or not parameters:
        assert fault is None


@pytest.mark.parametrize(
    ("properties", "arguments", "path", "reason"),
    [
        ({"n": {"type": "integer"}}, {"n": "two"}, ("n",), "must be a whole number, is a string 'two'"),
        ({"n": {"type": ["integer", "null"]}}, {"n": 1.5}, ("n",), "must be a whole number or null, is a number 1.5"),
        ({"u": {"enum": ["c", "f"]}}, {"u": "k"}, ("u",), "must be one of 'c', 'f', is a string 'k'"),
        ({"o": {"required": ["x"]}}, {"o": {}}, ("o",), "lacks 'x'"),
        ({"l": {"items": {"type": "string"}}}, {"l": ["a", 1]}, ("l", 1), "must be a string, is a number 1"),
        ({"n": {"type": "integer", "minimum": 3}}, {"n": 1}, ("n",), "1 is less than the minimum of 3"),
        ({"p": {"pattern": "^[a-z]+$"}}, {"p": "A"}, ("p",), "does not match '^[a-z]+$'"),
    ],
)
def test_the_first_mismatch_is_said(properties: Any, arguments: Any, path: Any, reason: str) -> None:
    assert schema_of({"type": "object", "properties": properties}).mismatch(arguments) == (path, reason)


def test_keys_that_are_not_allowed_are_named() -> None:
    schema = schema_of({"type": "object", "properties": {"a": {}}, "additionalProperties": False})
    mismatch = schema.mismatch({"a": 1, "b": 2})
    assert mismatch is not None and mismatch.reason == "has keys that the schema does not know: 'b'"


CHAIN = {f"d{number}": {"allOf": [{"$ref": f"#/$defs/d{number + 1}"}] * 2} for number in range(40)} | {"d40": {}}


@pytest.mark.parametrize(
    ("parameters", "arguments"),
    [
        ({"properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": CHAIN}, {"a": "x"}),
        ({"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}}, {"a": 1}),
        ({"properties": {"a": {"$ref": "http://192.0.2.1/schema.json"}}}, {"a": 1}),
        ({"properties": {"a": {"$ref": "#/nowhere"}}}, {"a": 1}),
        ({"properties": {"a": {"pattern": "("}}}, {"a": "x"}),
        ({"properties": {"a": {"uniqueItems": True}}}, {"a": [[number] for number in range(20_000)]}),
        ({"patternProperties": {"^(a+)+$": {"type": "string"}}}, {"a" * 40 + "!": 1}),
    ],
)
def test_what_nobody_can_tell_is_no_mismatch(parameters: Any, arguments: Any) -> None:
    assert schema_of({"type": "object", **parameters}).mismatch(arguments) is None


def test_a_pattern_that_takes_for_ever_is_given_up() -> None:
    schema = schema_of({"type": "object", "properties": {"a": {"pattern": "^(a|aa)+$"}}})
    assert schema.mismatch({"a": "a" * 60 + "!"}) is None or schema.fault is None


def test_a_schema_too_long_to_look_into_is_let_be() -> None:
    assert schema_of({"type": "dict", "description": "x" * LONGEST}).fault is None


@pytest.mark.parametrize(
    ("parameters", "fault"),
    [
        (None, "is null"),
        ([], "is a list"),
        ({"type": "dict"}, "'dict'"),
        ({"properties": {}}, "has no type"),
        ({"type": "object", "properties": []}, "properties: must be an object"),
        ({"type": "object", "required": "a"}, "required: must be a list"),
        ({"type": "object", "properties": {"a": {"type": "str"}}}, "properties.a.type"),
    ],
)
def test_the_fault_is_said(parameters: Any, fault: str) -> None:
    assert fault in (schema_of(parameters).fault or "")


def test_older_drafts_are_schemas_too() -> None:
    four = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 3, "exclusiveMinimum": True}}}
    assert schema_of(four).fault is None
    assert schema_of(four).mismatch({"n": 3}) is not None


def test_types_of_other_languages_are_mended() -> None:
    foreign = {
        "type": "dict",
        "properties": {
            "a": {"type": "STRING"},
            "b": {"type": "list", "items": {"type": "float"}},
            "type": {"type": "bool"},
        },
    }
    before = copy.deepcopy(foreign)
    properties = mended(foreign)["properties"]
    assert foreign == before
    assert schema_of(mended(foreign)).fault is None
    assert properties == {
        "a": {"type": "string"},
        "b": {"type": "array", "items": {"type": "number"}},
        "type": {"type": "boolean"},
    }
