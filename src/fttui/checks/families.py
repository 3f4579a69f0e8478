"""Whether a record is of another kind than its file, so that the rules of that kind have nothing to say about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fttui.formats.kinds import Kind, kind_of_record, tool_of

# these have `messages` alike: what is wrong in a message says more than that the record looks like another kind
_CONVERSATIONS: Final = frozenset(("chat", "reinforcement", "bedrock"))


def strange_kind(record: Mapping[str, Any], kind: Kind) -> Kind | None:
    """The kind of a record that cannot be meant for a file of the ``kind``; None when it can, or when nobody knows."""
    own = kind_of_record(record)
    if own == kind or kind == "other" or {own, kind} <= _CONVERSATIONS:
        return None
    if own == "other" and (not tool_of(record) or (kind == "preference" and "chosen" in record)):
        return None
    return own
