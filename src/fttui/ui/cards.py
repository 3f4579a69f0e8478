"""An example as cards: what the conversation pane shows of one line, before it is laid out in lines of cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fttui.core.text import one_line, safe
from fttui.formats.chat import messages_of
from fttui.formats.lines import ParsedLine
from fttui.formats.slots import slots_of
from fttui.formats.style import dump_line

CardKind = Literal["message", "keys", "raw", "broken"]


@dataclass(frozen=True, slots=True)
class Card:
    """One block of the conversation.

    Attributes:
        kind: What it is: a message, the other keys of the example, or the line as it stands in the file.
        title: The role, or what the block is; safe.
        body: The text, exact: it is made safe when it is laid out.
        notes: What goes with it, as (name, text): ``("name", "Bob")``, ``("tool_calls", "[…]")``.
        right: A short word for the right end of the title line (``weight 0``).
        problem: What is wrong, with what to do; empty when nothing is.
        message: Index among the example's messages, or None.
    """

    kind: CardKind
    title: str
    body: str
    notes: tuple[tuple[str, str], ...] = ()
    right: str = ""
    problem: str = ""
    message: int | None = None


def decode_line(raw: bytes) -> str:
    """The text of a line; bytes that are no UTF-8 become lone surrogates, so that `encode_line` gives them back."""
    return raw.decode("utf-8", "surrogateescape")


def encode_line(text: str) -> bytes:
    """The inverse of `decode_line`; a surrogate that stands for no byte becomes three bytes, as Python writes it."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def where_broken(parsed: ParsedLine) -> str:
    """The reason of a broken line with its column, as one safe clause; empty for a good line."""
    if parsed.error is None:
        return ""
    reason, column = one_line(parsed.error.reason), parsed.error.column
    return reason if column is None or "column" in reason else f"{reason} (column {column:,})"


def cards_of(parsed: ParsedLine, raw: bytes, *, as_raw: bool = False) -> list[Card]:
    """The cards of one line. A broken line is one card, with its reason over the raw text."""
    if parsed.error is not None:
        problem = f"{where_broken(parsed)}. e edits the line."
        return [Card("broken", "broken line", decode_line(raw), problem=problem)]
    if as_raw:
        return [Card("raw", "line in the file", decode_line(raw), right=f"{len(raw):,} bytes")]
    record = parsed.value
    assert isinstance(record, dict)
    messages = messages_of(record)
    cards = [
        Card("message", safe(message.role), message.text, message.extras, _weight_text(message.weight), message=index)
        for index, message in enumerate(messages)
    ]
    others = _other_keys(record)
    if others or not cards:
        title = "other keys" if cards else "no messages in this example"
        cards.append(Card("keys", title, "" if others else "{}", others))
    return cards


def heading_of(row: int, cards: Sequence[Card], tokens: int | None) -> str:
    """What stands over the cards of ``row`` (from 0)."""
    if any(card.kind == "broken" for card in cards):
        return f"line {row + 1:,} · broken"
    parts = [f"example {row + 1:,}"]
    turns = sum(card.kind == "message" for card in cards)
    if turns:
        parts.append(f"{turns:,} message{'s' * (turns != 1)}")
    if tokens is not None:
        parts.append(f"{tokens:,} tokens")
    return " · ".join(parts)


def _weight_text(weight: int | None) -> str:
    return "" if weight is None else f"weight {weight}"


def _other_keys(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What is not shown as messages, with its JSON: ``tools``, and what stands beside ``input.messages``."""
    shown = {slot.path[0] for slot in slots_of(record)}
    others = [(key, value) for key, value in record.items() if key not in shown]
    inputs = record.get("input")
    if "input" in shown and isinstance(inputs, Mapping):
        others = [(f"input.{key}", value) for key, value in inputs.items() if key != "messages"] + others
    return tuple((key, json_text(value)) for key, value in others)


def json_text(value: Any) -> str:
    """``value`` as JSON for reading; deep nesting is cut short instead of failing."""
    try:
        return dump_line(value).decode("utf-8")
    except RecursionError:
        return "(nested too deeply to show here; r shows the line)"
