"""An example as cards: what the conversation pane shows of one line, before it is laid out in lines of cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fttui.core.text import one_line
from fttui.formats.layout import lay_out
from fttui.formats.lines import ParsedLine, decode_line, encode_line
from fttui.formats.slots import grader_keys, slots_of
from fttui.formats.style import dump_line
from fttui.ui.cards_keys import fold_of, key_cards, unfolded
from fttui.ui.cards_message import message_cards
from fttui.ui.cards_model import LAID_OUT_LIMIT, Card

__all__ = [
    "Card",
    "cards_of",
    "decode_line",
    "encode_line",
    "heading_of",
    "json_text",
    "unfolded",
    "where_broken",
]


def where_broken(parsed: ParsedLine) -> str:
    """The reason of a broken line with its column, as one safe clause; empty for a good line."""
    if parsed.error is None:
        return ""
    reason, column = one_line(parsed.error.reason), parsed.error.column
    return reason if column is None or "column" in reason else f"{reason} (column {column:,})"


def cards_of(parsed: ParsedLine, raw: bytes, *, as_raw: bool = False) -> list[Card]:
    """The cards of one line. A broken line is one card, with its reason over the very bytes.

    A good line is its messages, each with its tool calls; what a grader reads; and a fold with the other keys. With
    ``as_raw`` it is one card with the line as indented JSON.
    """
    if parsed.error is not None:
        problem = f"{where_broken(parsed)}. e edits the line."
        return [Card("broken", "broken line", decode_line(raw), problem=problem, holds="bytes")]
    if as_raw:
        return [raw_card(raw)]
    record = parsed.value
    assert isinstance(record, dict)
    cards = [card for index, slot in enumerate(slots_of(record)) for card in message_cards(slot, index)]
    graded = grader_keys(record)
    cards += key_cards(raw, [(key,) for key in graded], right="for the grader", strings_as_text=True)
    others = [path for path in _other_keys(record) if path[0] not in graded]
    if not cards:
        inside = key_cards(raw, others)
        return [Card("keys", "no messages in this example", "" if inside else "{}", holds="line"), *inside]
    return [*cards, fold_of(record, raw, others)] if others else cards


def raw_card(raw: bytes) -> Card:
    """The line of a good example as indented JSON; a very long one as it stands."""
    text = decode_line(raw)
    size = f"{len(raw):,} bytes"
    if len(text) > LAID_OUT_LIMIT:
        return Card("raw", "line in the file", text, right=size, holds="bytes")
    return Card("raw", "line in the file, laid out", lay_out(text), right=size, holds="line")


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


def _other_keys(record: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Where that stands which is not shown as messages: ``tools``, and what stands beside ``input.messages``."""
    shown = {slot.path[0] for slot in slots_of(record)}
    others: list[tuple[str, ...]] = [(key,) for key in record if key not in shown]
    inputs = record.get("input")
    if "input" in shown and isinstance(inputs, Mapping):
        return [*(("input", key) for key in inputs if key != "messages"), *others]
    return others


def json_text(value: Any) -> str:
    """``value`` as JSON for reading; deep nesting is cut short instead of failing."""
    try:
        return dump_line(value).decode("utf-8")
    except RecursionError:
        return "(nested too deeply to show here; r shows the line)"
