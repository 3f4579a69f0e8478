"""The roles of a message, and the one that a wrong name stands for."""

from __future__ import annotations

from typing import Any, Final

from fttui.checks.words import meant_by

ROLES: Final = ("system", "developer", "user", "assistant", "tool", "function")
KEYS: Final = frozenset(("role", "content", "name"))
KEYS_OF: Final = {
    **dict.fromkeys(ROLES, KEYS),
    "assistant": KEYS | {"weight", "tool_calls", "function_call", "refusal"},
    "tool": KEYS | {"tool_call_id"},
}
"""The keys that a message of a role may have."""
_OTHER_NAMES: Final[dict[str, str | None]] = {
    "human": "user", "gpt": "assistant", "chatgpt": "assistant", "model": "assistant", "bot": "assistant",
    "ai": "assistant", "chatbot": "assistant", "sys": "system", "function_call": None,
}  # fmt: skip


def known_role(role: str) -> str | None:
    """The known role that a wrong one stands for, if that is plain."""
    if role in ROLES:
        return role
    return _OTHER_NAMES[name] if (name := role.strip().lower()) in _OTHER_NAMES else meant_by(role, ROLES, 0.75)


def role_of(message: Any) -> str | None:
    """The role that a message has or is meant to have; None when that is not plain, or when it is no message."""
    role = message.get("role") if isinstance(message, dict) else None
    return known_role(role) if isinstance(role, str) else None
