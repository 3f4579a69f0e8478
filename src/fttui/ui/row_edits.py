"""What the editing keys do to the document: one row changes, or the order of rows, and it is said where to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fttui.core.errors import InputError
from fttui.formats.chat import (
    messages_of,
    new_example,
    with_message_added,
    with_message_role,
    with_message_text,
    without_message,
)
from fttui.formats.lines import parse_line
from fttui.ui.cards import Card, decode_line, encode_line, where_broken
from fttui.ui.example_edits import with_other_weight

if TYPE_CHECKING:
    from fttui.dataset.document import Document


@dataclass(frozen=True, slots=True)
class Spot:
    """Where to look after an edit: the row, its message, and whether rows moved (else only this one changed)."""

    row: int
    message: int | None = None
    moved: bool = False


class RowEdits:
    """The edits of one document. `InputError` says, in a sentence, why something cannot be done."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def record(self, row: int) -> Mapping[str, Any]:
        """The example in a row.

        Raises:
            InputError: When the row is broken, or there is none.
        """
        if not 0 <= row < len(self._document):
            raise InputError("There is no example yet.", hint="i adds one.")
        parsed = self._document.parsed(row)
        if parsed.error is not None:
            raise InputError(f"Line {row + 1:,} is broken: {parsed.error.reason}.", hint="e edits the line.")
        assert isinstance(parsed.value, dict)
        return parsed.value

    def check_editable(self, row: int, card: Card) -> None:
        """Say beforehand, with an `InputError`, that the card cannot take another text."""
        if card.message is not None:
            with_message_text(self.record(row), card.message, card.body + ".")

    def drafted(self, row: int, card: Card, text: str) -> tuple[Mapping[str, Any] | None, str]:
        """The record as it would be with ``text`` in ``card``, or None and why that is no example."""
        if card.message is not None:
            return with_message_text(self.record(row), card.message, text), ""
        parsed = parse_line(encode_line(_one_line(text)))
        return parsed.value, where_broken(parsed)

    def set_text(self, row: int, card: Card, text: str) -> Spot | None:
        """Put ``text`` where ``card`` has its body: into a message, or in place of the line. None: nothing changed."""
        if text == card.body:
            return None
        if card.message is None:
            self._document.replace_raw(row, encode_line(_one_line(text)))
            return Spot(row)
        self._document.replace(row, with_message_text(self.record(row), card.message, text))
        return Spot(row, card.message)

    def add_message(self, row: int, index: int, role: str) -> Spot:
        """Insert an empty message at ``index``."""
        self._document.replace(row, with_message_added(self.record(row), index, role, ""))
        return Spot(row, index)

    def delete_message(self, row: int, index: int) -> Spot:
        """Delete message ``index``; the cursor goes to the one that took its place."""
        record = without_message(self.record(row), index)
        self._document.replace(row, record)
        return Spot(row, max(0, min(index, len(messages_of(record)) - 1)))

    def set_role(self, row: int, index: int, role: str) -> Spot:
        """Give message ``index`` another role."""
        self._document.replace(row, with_message_role(self.record(row), index, role))
        return Spot(row, index)

    def toggle_weight(self, row: int, index: int) -> Spot:
        """Train on message ``index`` or leave it out."""
        record = with_other_weight(self.record(row), index)
        if record is None:
            raise InputError("Only an assistant's message has a weight.")
        self._document.replace(row, record)
        return Spot(row, index)

    def add_example(self, row: int, record: Mapping[str, Any] | None = None) -> Spot:
        """Insert an example, an empty one unless ``record`` is given, below ``row``."""
        at = min(row + 1, len(self._document))
        record = new_example() if record is None else record
        self._document.insert(at, record)
        roles = [message.role for message in messages_of(record)]
        return Spot(at, roles.index("user") if "user" in roles else None, moved=True)

    def duplicate(self, row: int) -> Spot:
        """Insert a copy of the row, broken or not, below it; the cursor goes to the copy."""
        self._check(row)
        self._document.duplicate(row)
        return Spot(row + 1, moved=True)

    def delete_example(self, row: int) -> Spot:
        """Delete the row."""
        self._check(row)
        self._document.delete(row)
        return Spot(max(0, min(row, len(self._document) - 1)), moved=True)

    def undo(self) -> Spot:
        """Take back the last edit."""
        row = self._document.undo()
        if row is None:
            raise InputError("There is nothing to undo.")
        return Spot(row, moved=True)

    def redo(self) -> Spot:
        """Do the last undone edit again."""
        row = self._document.redo()
        if row is None:
            raise InputError("There is nothing to redo.")
        return Spot(row, moved=True)

    def as_json(self, row: int) -> str:
        """The line for a clipboard, which takes no half characters."""
        self._check(row)
        return decode_line(self._document.raw(row)).encode("utf-8", "replace").decode("utf-8")

    def _check(self, row: int) -> None:
        if not 0 <= row < len(self._document):
            raise InputError("There is no example yet.", hint="i adds one.")


def _one_line(text: str) -> str:
    """A line of the file has no line ends; between JSON's tokens a blank means the same."""
    return text.replace("\r\n", " ").replace("\n", " ")
