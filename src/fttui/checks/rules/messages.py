"""Rules about the messages of a conversation: roles, order, content, weight."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final

from fttui.checks.model import Example, Found, Path
from fttui.checks.table import check, fix

ROLES: Final = ("system", "developer", "user", "assistant", "tool", "function")
_OTHER_NAMES: Final = {"human": "user", "gpt": "assistant", "model": "assistant", "bot": "assistant", "ai": "assistant"}


@check("role-unknown")
def unknown_role(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        role = message.get("role")
        if isinstance(role, str) and role not in ROLES:
            meant = _meant(role)
            ask = f": did you mean {meant!r}?" if meant else f"; known are {', '.join(ROLES)}"
            yield Found(f"the role {role!r} is unknown{ask}", (*path, "role"), is_fixable=bool(meant))


@fix("role-unknown")
def write_known_role(record: dict[str, Any], path: Path) -> None:
    message: Any = record
    for key in path[:-1]:
        message = message[key]
    message["role"] = _meant(message["role"]) or message["role"]


def _meant(role: str) -> str | None:
    """The known role that a wrong one stands for, if that is plain."""
    name = role.strip().lower()
    if name in ROLES:
        return name
    near = get_close_matches(name, ROLES, 1, 0.75)
    return _OTHER_NAMES.get(name) or (near[0] if near else None)
