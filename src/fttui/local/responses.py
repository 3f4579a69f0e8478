"""JSON in and out, and OpenAI's list pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response


def dump_json(value: object) -> bytes:
    """``value`` as ASCII JSON: lone surrogates in someone's data survive as escapes, NaN is refused."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")


class JsonResponse(Response):
    """A JSON body."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return dump_json(content)


def list_page(items: Sequence[Mapping[str, Any]], *, has_more: bool) -> JsonResponse:
    """One page of a list, in the order given."""
    return JsonResponse(
        {
            "object": "list",
            "data": list(items),
            "first_id": items[0]["id"] if items else None,
            "last_id": items[-1]["id"] if items else None,
            "has_more": has_more,
        }
    )
