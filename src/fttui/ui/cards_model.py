"""One block of the conversation pane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from fttui.formats.slots import Path

CardKind: TypeAlias = Literal["message", "call", "key", "fold", "keys", "raw", "broken"]
Holds: TypeAlias = Literal["text", "json", "json text", "loose json", "line", "bytes"]
Side: TypeAlias = Literal["", "preferred", "non-preferred"]

LAID_OUT_LIMIT: Final = 256 * 1024
"""Characters above which JSON is shown as it stands: as many as can be edited in place."""


@dataclass(frozen=True, slots=True)
class Card:
    """One block of the conversation.

    Attributes:
        kind: What it is: a message, a tool call, a key of the example beside its messages, the fold that those are in,
            a record without messages, the line as JSON, or the bytes of a broken line.
        title: The role, or what the block is; safe.
        body: The text that is shown and edited: exact, or JSON laid out; it is made safe when it is laid out in cells.
        notes: What goes with it, as (name, text): ``("name", "Bob")``, ``("image", "PNG 640×480, 12,034 bytes")``.
        right: A short word for the right end of the title line (``weight 0``).
        problem: What is wrong, with what to do; empty when nothing is.
        message: Index among the example's messages, or None; a call has the index of its message.
        call: Index among the message's tool calls, or None.
        side: Which of the two answers of a preference record it belongs to.
        holds: What ``body`` stands for: a text; a JSON value; a text that must be JSON, or may be; the line of the
            file as JSON, or its bytes.
        path: Where in the record that stands, for all but a message's text and a line.
        inside: What a fold holds, made when it is opened.
    """

    kind: CardKind
    title: str
    body: str
    notes: tuple[tuple[str, str], ...] = ()
    right: str = ""
    problem: str = ""
    message: int | None = None
    call: int | None = None
    side: Side = ""
    holds: Holds = "text"
    path: Path = ()
    inside: Callable[[], Sequence[Card]] | None = field(default=None, compare=False, repr=False)
