"""The part of the JSON schema of SARIF 2.1.0 that our logs need, written after the standard (appendix and chapter 3).

It allows nothing but what is listed, as the whole schema does, which is a tenth of a megabyte.
"""

from __future__ import annotations

from typing import Any, Final

_INDEX: Final = {"type": "integer", "minimum": -1, "maximum": 2**31 - 1}
_FROM_1: Final = {"type": "integer", "minimum": 1}
_BAG: Final = {
    "type": "object",
    "properties": {"tags": {"type": "array", "uniqueItems": True, "items": {"type": "string"}}},
}
_LEVEL: Final = {"enum": ["none", "note", "warning", "error"]}


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {**properties, "properties": _BAG},
        "required": list(required),
    }


def _list(items: dict[str, Any], *, unique: bool = False, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "uniqueItems": unique, "minItems": least}


_MESSAGE: Final = {
    **_object({"text": {"type": "string"}, "markdown": {"type": "string"}, "id": {"type": "string"}}),
    "anyOf": [{"required": ["text"]}, {"required": ["id"]}],
}
_STRING_FORMS: Final = _object({"text": {"type": "string"}, "markdown": {"type": "string"}}, "text")
_ARTIFACT_LOCATION: Final = _object(
    {"uri": {"type": "string", "format": "uri-reference"}, "uriBaseId": {"type": "string"}, "index": _INDEX}
)
_REGION: Final = _object(
    {"startLine": _FROM_1, "startColumn": _FROM_1, "endLine": _FROM_1, "endColumn": _FROM_1},
)
_LOCATION: Final = _object(
    {
        "physicalLocation": _object({"artifactLocation": _ARTIFACT_LOCATION, "region": _REGION}),
        "logicalLocations": _list(
            _object({"name": {"type": "string"}, "fullyQualifiedName": {"type": "string"}, "kind": {"type": "string"}}),
            unique=True,
        ),
    }
)
_RULE: Final = _object(
    {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "shortDescription": _STRING_FORMS,
        "fullDescription": _STRING_FORMS,
        "help": _STRING_FORMS,
        "helpUri": {"type": "string", "format": "uri"},
        "defaultConfiguration": _object({"level": _LEVEL, "enabled": {"type": "boolean"}}),
    },
    "id",
)
_DRIVER: Final = _object(
    {
        "name": {"type": "string"},
        "semanticVersion": {"type": "string"},
        "informationUri": {"type": "string", "format": "uri"},
        "rules": _list(_RULE, unique=True),
    },
    "name",
)
_RESULT: Final = _object(
    {
        "ruleId": {"type": "string"},
        "ruleIndex": _INDEX,
        "level": _LEVEL,
        "message": _MESSAGE,
        "locations": _list(_LOCATION),
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "message",
)
_NOTIFICATION: Final = _object({"level": _LEVEL, "message": _MESSAGE}, "message")
_ARTIFACT: Final = _object(
    {
        "location": _ARTIFACT_LOCATION,
        "length": {"type": "integer", "minimum": -1},
        "roles": _list({"enum": ["analysisTarget", "modified", "unmodified"]}, unique=True),
    }
)
_RUN: Final = _object(
    {
        "tool": _object({"driver": _DRIVER}, "driver"),
        "artifacts": _list(_ARTIFACT, unique=True),
        "results": _list(_RESULT),
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "invocations": _list(
            _object(
                {"executionSuccessful": {"type": "boolean"}, "toolExecutionNotifications": _list(_NOTIFICATION)},
                "executionSuccessful",
            )
        ),
    },
    "tool",
)

SCHEMA: Final = _object(
    {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"enum": ["2.1.0"]},
        "runs": _list(_RUN),
    },
    "version",
    "runs",
)
