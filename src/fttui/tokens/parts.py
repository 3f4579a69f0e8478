"""What an example's tokens are spent on: each role, the tools, and what the format adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ROLES: Final = ("system", "developer", "user", "assistant", "tool", "function")
OTHER: Final = "other"
"""Messages with another role, or none."""
TOOLS: Final = "tools"
"""The definitions of tools, as the model reads them."""
PRIMING: Final = "priming"
"""What starts the answer, once an example."""
PARTS: Final = (*ROLES, OTHER, "prompt", "completion", TOOLS, PRIMING)
"""All parts, in the order to show them in."""

Parts = dict[str, list[int]]
"""A part → how often it occurs, its tokens, and the trained ones among them."""


def note(parts: Parts, part: str, tokens: int, trained: int = 0) -> None:
    """Add one message, or one of what else ``part`` names, with the tokens that the format adds to it."""
    own = parts.get(part)
    if own is None:
        own = parts[part] = [0, 0, 0]
    own[0] += 1
    own[1] += tokens
    own[2] += trained


def add_parts(parts: Parts, more: Mapping[str, list[int]]) -> None:
    """Add other examples' parts."""
    for part, numbers in more.items():
        own = parts.setdefault(part, [0, 0, 0])
        for place, number in enumerate(numbers):
            own[place] += number
