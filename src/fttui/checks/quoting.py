"""Data quoted in a message: short, and in quotes."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 60


def quoted(text: str, longest: int = LONGEST) -> str:
    """The text in quotes, cut with an ellipsis; control characters as escapes."""
    return repr(text if len(text) <= longest else text[: longest - 1] + "…")
