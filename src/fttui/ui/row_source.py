"""The open document, its token counts and its marks, as the row list asks for them."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol

from textual.cache import LRUCache

from fttui.core.text import one_line
from fttui.formats.chat import messages_of, preview_of
from fttui.ui.cards import decode_line, where_broken
from fttui.ui.services import Services
from fttui.ui.widgets.row_list import RowCells

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.marks.marks import Marks
    from fttui.tokens.live import LiveTotals

_PREVIEW: Final = 400
_GONE: Final = RowCells("")
"""What is shown of a row that another thread has just removed, until the list follows."""

Issue = Literal["", "error", "warning"]


class Order(Protocol):
    """The rows in the order in which they are shown: what is used here of a view."""

    def __len__(self) -> int: ...
    def row_at(self, position: int) -> int: ...
    def position_of(self, row: int) -> int | None: ...


class _Text(NamedTuple):
    preview: str
    turns: int | None
    problem: str


class DocumentRows:
    """A `RowSource` over a document; counts and marks come from the services, as far as they are known.

    Args:
        document: Whose rows.
        services: Their counts and marks.
        view: Which rows in which order; None: all as they are in the file.
        selection: The rows that are marked now; asked at each drawing.
        issue: The worst issue of a row.
        issue_news: Another object whenever ``issue`` may say something else.
    """

    def __init__(
        self,
        document: Document,
        services: Services,
        view: Order | None = None,
        selection: Callable[[], Container[int]] = lambda: (),
        issue: Callable[[int], Issue] = lambda row: "",
        issue_news: Callable[[], object] = lambda: None,
    ) -> None:
        self._document = document
        self._services = services
        self._view = view
        self._selection = selection
        self._issue = issue
        self._issue_news = issue_news
        self._texts: LRUCache[tuple[int, int], _Text] = LRUCache(2048)
        self._state: tuple[object, ...] = ()
        self._revision = 0

    @property
    def revision(self) -> int:
        marks = self._marks
        state = (
            self._document.revision,
            None if marks is None else marks.revision,
            self._selection(),
            self._issue_news(),
        )
        if len(state) != len(self._state) or any(new is not old for new, old in zip(state, self._state, strict=True)):
            self._state = state
            self._revision += 1
        return self._revision

    def __len__(self) -> int:
        return len(self._document) if self._view is None else len(self._view)

    def row_at(self, position: int) -> int:
        return position if self._view is None else self._view.row_at(position)

    def position_of(self, row: int) -> int | None:
        if self._view is not None:
            return self._view.position_of(row)
        return row if 0 <= row < len(self._document) else None

    def cells(self, position: int) -> RowCells:
        """Parses a line that was not shown lately."""
        try:
            row = self.row_at(position)
            key = self._document.key(row)
            text = self._texts.get(key) or self._read(key)
        except IndexError:
            return _GONE
        marks = self._marks
        mark = None if marks is None else marks.of(row)
        return RowCells(
            text.preview,
            text.turns,
            key[0] != self._document.base,
            text.problem,
            row in self._selection(),
            () if mark is None else tuple(sorted(mark.tags)),
            mark is not None and mark.reviewed,
            self._issue(row),
            mark is not None and bool(mark.note),
            "" if mark is None else mark.note,
        )

    def _read(self, key: tuple[int, int]) -> _Text:
        raw, parsed = self._document.glance(key)  # thousands of kept records would be looked at for garbage in a key
        if parsed.error is not None:
            text = _Text(decode_line(raw[:_PREVIEW]), None, where_broken(parsed))
        else:
            record = parsed.value
            assert isinstance(record, dict)
            text = _text_of_chat(record) or _Text(preview_of(record), len(messages_of(record)), "")
        self._texts[key] = text
        return text

    @property
    def _totals(self) -> LiveTotals | None:
        """The counts, while they are this document's: the services speak of the file that is shown now."""
        return self._services.totals if self._services.document is self._document else None

    @property
    def _marks(self) -> Marks | None:
        return self._services.marks if self._services.document is self._document else None

    def tokens(self, position: int) -> int | None:
        totals = self._totals
        try:
            return None if totals is None else totals.tokens_of(self.row_at(position))
        except IndexError:
            return None

    def trained(self, position: int) -> int | None:
        totals = self._totals
        try:
            count = None if totals is None else totals.count_of(self.row_at(position))
        except IndexError:
            return None
        return None if count is None else count.trainable

    def size(self, position: int) -> int | None:
        try:
            return len(self._document.raw(self.row_at(position)))
        except IndexError:
            return None


def _text_of_chat(record: Mapping[str, Any]) -> _Text | None:
    """What `preview_of` and `messages_of` say of an ordinary chat, five times as fast; None for any other record."""
    messages = record.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if not isinstance(message, dict):
            return None
        if message.get("role") == "user":
            content = message.get("content")
            preview = one_line(content) if isinstance(content, str) else ""
            return _Text(preview, len(messages or ()), "") if preview else None
    return None
