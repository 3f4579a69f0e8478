"""JSON with exact numbers for money: `json` alone would round a Decimal to a binary float."""

from __future__ import annotations

import json
import re
import secrets
from decimal import Decimal
from typing import Any


def dump_exact(document: Any) -> str:
    """``document`` as one line of ASCII JSON in which a Decimal is a number, digit by digit."""
    mark = secrets.token_hex(16)  # no string of the document can hold it

    def encode(value: Any) -> str:
        if isinstance(value, Decimal):
            return f"{mark}{value.normalize():f}{mark}"
        raise TypeError(f"no JSON for {type(value).__name__}")

    text = json.dumps(document, default=encode, allow_nan=False)
    return re.sub(f'"{mark}([-.0-9]+){mark}"', r"\1", text)
