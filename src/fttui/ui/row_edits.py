"""What the editing keys do to the document: one row changes, or the order of rows, and it is said where to look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fttui.core.errors import InputError
from fttui.core.text import one_line
from fttui.dataset.style import FileStyle
from fttui.formats.calls import calls_of
from fttui.formats.chat import (
    messages_of,
    new_example,
    with_message_added,
    with_message_moved,
    with_message_role,
    with_message_split,
    with_message_text,
    with_messages_merged,
    with_tool_call,
    without_message,
    without_tool_call,
)
from fttui.formats.checking import Mistake
from fttui.formats.lines import decode_line, parse_exact, parse_line
from fttui.formats.slots import slots_of
from fttui.ui.cards import Card
from fttui.ui.cards_message import whole_call_card
from fttui.ui.cards_text import is_line, line_with, mistake_in, record_with
from fttui.ui.example_edits import next_role, with_other_weight

if TYPE_CHECKING:
    from fttui.dataset.document import Document

_SAMPLE: Final = 64
"""Rows that show how the file spells JSON."""


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
            raise InputError("There is no example yet.", hint="n adds one.")
        parsed = self._document.parsed(row)
        if parsed.error is not None:
            raise InputError(f"Line {row + 1:,} is broken: {parsed.error.reason}.", hint="e edits the line.")
        assert isinstance(parsed.value, dict)
        return parsed.value

    def editable(self, row: int) -> Mapping[str, Any]:
        """The example in a row with its numbers as they are spelt, to be written back changed.

        Raises:
            InputError: When the row is broken, or a key stands in it twice, of which one would be dropped.
        """
        self.record(row)
        parsed = parse_exact(self._document.raw(row))
        if parsed.error is not None:  # the disk failed just now
            raise InputError(f"Line {row + 1:,} is broken: {parsed.error.reason}.", hint="e edits the line.")
        if parsed.repeated:
            key = one_line(parsed.repeated[0], 60)
            raise InputError(
                f"Line {row + 1:,} has the key “{key}” twice: an edit here would drop one of the two.",
                hint="r shows the whole line, and e edits it there.",
            )
        assert isinstance(parsed.value, dict)
        return parsed.value

    # --- texts of cards -------------------------------------------------------------------------------------------
    def check_editable(self, row: int, card: Card) -> None:
        """Say beforehand, with an `InputError`, that the card cannot take another text."""
        if card.kind == "fold":
            raise InputError("These keys are folded away.", hint="Open the fold, and edit one of them.")
        if not is_line(card):
            record_with(self.editable(row), card, card.body + ".")

    def mistake(self, card: Card, text: str) -> Mistake | None:
        """Why ``text`` is not what the card holds, with line and column; None when it can be put there as it is."""
        return mistake_in(card, text)

    def drafted(self, row: int, card: Card, text: str) -> tuple[Mapping[str, Any] | None, str]:
        """The record as it would be with ``text`` in ``card``, or None and why that is no example."""
        mistake = mistake_in(card, text)
        if mistake is not None:
            return None, one_line(mistake.reason)
        if not is_line(card):
            return record_with(self.editable(row), card, text), ""
        return parse_line(self._line_with(row, card, text)).value, ""

    def set_text(self, row: int, card: Card, text: str) -> Spot | None:
        """Put ``text`` where ``card`` has its body. None: nothing changed.

        `mistake` tells beforehand what is wrong with it. A text with a mistake is not refused, so that nothing typed
        is lost: the row is a broken one then, or a tool call has arguments that are no JSON.
        """
        if text == card.body:
            return None
        if is_line(card):
            self._document.replace_raw(row, self._line_with(row, card, text))
        else:
            self._document.replace(row, record_with(self.editable(row), card, text))
        return Spot(row, card.message)

    def _line_with(self, row: int, card: Card, text: str) -> bytes:
        return line_with(self._document.raw(row), card, text, FileStyle(self._sample_lines).of_file())

    def _sample_lines(self) -> Iterator[bytes]:
        for row in range(min(len(self._document), _SAMPLE)):
            yield self._document.raw(row)

    # --- tool calls -----------------------------------------------------------------------------------------------
    def whole_call(self, row: int, card: Card) -> Card:
        """The tool call of a card with its name and id, as JSON: to be edited in place of the arguments alone.

        Raises:
            InputError: When the card is no tool call.
        """
        slots = slots_of(self.editable(row))
        if card.message is None or card.call is None or card.message >= len(slots):
            raise InputError("This is no tool call.")
        slot = slots[card.message]
        return whole_call_card(calls_of(slot.value)[card.call], slot, card.message, card.call)

    def set_tool_call(self, row: int, message: int, call: int, value: Any) -> Spot:
        """Put another call in the place of one."""
        self._document.replace(row, with_tool_call(self.editable(row), message, call, value))
        return Spot(row, message)

    def delete_tool_call(self, row: int, message: int, call: int) -> Spot:
        """Delete one tool call of a message."""
        self._document.replace(row, without_tool_call(self.editable(row), message, call))
        return Spot(row, message)

    # --- messages -------------------------------------------------------------------------------------------------
    def move_message(self, row: int, index: int, to: int) -> Spot:
        """Move message ``index`` so that it is number ``to``."""
        self._document.replace(row, with_message_moved(self.editable(row), index, to))
        return Spot(row, to)

    def split_message(self, row: int, index: int, at: int, role: str | None = None, *, text: str | None = None) -> Spot:
        """Part message ``index`` before character ``at`` of its text; the cursor goes to the new message.

        Args:
            role: Of the new message; the one that most likely follows unless given.
            text: What was typed in the message until now, if it is open in the editor.
        """
        record = self.editable(row)
        if text is not None:
            record = with_message_text(record, index, text)
        role = next_role(record, index + 1) if role is None else role
        self._document.replace(row, with_message_split(record, index, at, role))
        return Spot(row, index + 1)

    def merge_messages(self, row: int, index: int) -> Spot:
        """Make one message of message ``index`` and the next."""
        self._document.replace(row, with_messages_merged(self.editable(row), index))
        return Spot(row, index)

    def add_message(self, row: int, index: int, role: str) -> Spot:
        """Insert an empty message at ``index``."""
        self._document.replace(row, with_message_added(self.editable(row), index, role, ""))
        return Spot(row, index)

    def delete_message(self, row: int, index: int) -> Spot:
        """Delete message ``index``; the cursor goes to the one that took its place."""
        record = without_message(self.editable(row), index)
        self._document.replace(row, record)
        return Spot(row, max(0, min(index, len(messages_of(record)) - 1)))

    def set_role(self, row: int, index: int, role: str) -> Spot:
        """Give message ``index`` another role."""
        self._document.replace(row, with_message_role(self.editable(row), index, role))
        return Spot(row, index)

    def toggle_weight(self, row: int, index: int) -> Spot:
        """Train on message ``index`` or leave it out."""
        self._document.replace(row, with_other_weight(self.editable(row), index))
        return Spot(row, index)

    # --- examples -------------------------------------------------------------------------------------------------
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

    def move_example(self, row: int, to: int) -> Spot:
        """Move the row so that it is row ``to``, as far as there are rows."""
        self._check(row)
        to = max(0, min(to, len(self._document) - 1))
        self._document.move(row, to)
        return Spot(to, moved=True)

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
            raise InputError("There is no example yet.", hint="n adds one.")
