"""A card's text, edited, back in its place: pure functions over records and lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fttui.core.errors import InputError
from fttui.formats.chat import with_message_text
from fttui.formats.checking import Mistake, mistake_in_record, read_value
from fttui.formats.layout import on_one_line, without_line_ends
from fttui.formats.lines import decode_line, encode_line
from fttui.formats.numbers import Verbatim
from fttui.formats.slots import value_at, with_value_at
from fttui.formats.style import JsonStyle
from fttui.ui.cards_model import Card


def is_line(card: Card) -> bool:
    """Whether the card stands for the whole line."""
    return card.holds in ("line", "bytes")


def mistake_in(card: Card, text: str) -> Mistake | None:
    """What keeps ``text`` from being what ``card`` holds: where the cursor should go, and why. None: it is right.

    A text of a message, and what a tool answered, can be anything.
    """
    if is_line(card):
        return mistake_in_record(text)
    if card.holds in ("json", "json text"):
        return read_value(text)[1]
    return None


def record_with(record: Mapping[str, Any], card: Card, text: str) -> dict[str, Any]:
    """The record with ``text`` in the place of the card's.

    JSON is written as the text before was spelt. A text with a mistake in it is put there all the same: arguments are
    a string, which can hold anything; in the place of a value it makes the line a broken one, which is shown as such.

    Raises:
        InputError: The record has no such place.
    """
    if card.kind == "message" and card.holds == "text":
        assert card.message is not None
        return with_message_text(record, card.message, text)
    try:
        assert card.path
        return dict(with_value_at(record, card.path, _value(record, card, text)))
    except (KeyError, IndexError, TypeError) as error:
        raise InputError("The example has changed: this part of it is not there any more.") from error


def line_with(raw: bytes, card: Card, text: str, style: JsonStyle) -> bytes:
    """The line with the edited ``text`` of a card that stands for all of it, JSON or not; ``style`` is the file's."""
    if card.holds == "bytes" and "\n" not in text:
        return encode_line(text)
    if mistake_in_record(text) is None:
        return encode_line(on_one_line(text, decode_line(raw), style))
    return encode_line(without_line_ends(text))


def _value(record: Mapping[str, Any], card: Card, text: str) -> Any:
    if card.holds == "text":
        return text
    value, mistake = read_value(text)
    if card.holds == "json":
        return value if mistake is None else Verbatim(without_line_ends(text))
    if mistake is not None:
        return text
    before = value_at(record, card.path)
    is_spread = not isinstance(before, str) or "\n" in before
    return text if is_spread else on_one_line(text, before)
