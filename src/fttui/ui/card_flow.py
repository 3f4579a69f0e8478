"""Cards laid out as lines of cells, lazily: only as far as somebody has scrolled.

A message of a megabyte costs what is on the screen, not what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from fttui.core.text import safe
from fttui.ui.cards import Card
from fttui.ui.wrapping import TAB, wrap

SHOWN_LIMIT: Final = 256 * 1024
"""Characters of one text that the pane shows at most; the rest is for ``$EDITOR``."""
_CHUNK: Final = 4096
INDENT: Final = 2

LineKind = Literal["title", "text", "note", "problem", "rest", "gap", "hole"]


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One line of the pane.

    Attributes:
        kind: What it shows; a hole is where the editor lies over the pane.
        text: Safe, at most as wide as the pane less its indent.
        card: Index of its card.
        glue: What stands between this line and the next in the text itself: a line end, a blank or nothing.
    """

    kind: LineKind
    text: str
    card: int
    glue: str = "\n"


@dataclass(frozen=True, slots=True)
class Hole:
    """Lines left free for the editor in place of a card's text."""

    card: int
    height: int


class CardFlow:
    """The lines of ``cards`` at ``width`` cells, made as they are asked for."""

    def __init__(self, cards: Sequence[Card], width: int, hole: Hole | None = None) -> None:
        self.cards = cards
        self.lines: list[FlowLine] = []
        self.starts: dict[int, int] = {}
        """First line of each card that has been reached."""
        self.is_complete = False
        self._width = max(8, width - INDENT)
        self._hole = hole
        self._more = self._flow()

    def reach_line(self, count: int) -> None:
        """Lay out until there are ``count`` lines, or all."""
        missing = count - len(self.lines)
        if missing > 0 and not self.is_complete:
            self._take(missing)

    def reach_card(self, card: int) -> int:
        """Lay out card ``card`` and its neighbour's title; the line of its own title."""
        while card + 1 not in self.starts and not self.is_complete:
            self._take(64)
        return self.starts.get(card, 0)

    def reach_end(self) -> None:
        """Lay out everything."""
        while not self.is_complete:
            self._take(4096)

    def end_of(self, card: int) -> int:
        """The line behind the last of card ``card``, which must have been reached, without the gap."""
        return self.starts[card + 1] - 1 if card + 1 in self.starts else len(self.lines)

    def text_between(self, selected: Iterator[tuple[FlowLine, int, int | None]]) -> str:
        """The text of (line, start, end) pieces with soft line breaks undone."""
        pieces: list[str] = []
        for line, start, end in selected:
            whole = end is None or end >= len(line.text)
            pieces += [line.text[start:end], line.glue if whole else ""]
        return "".join(pieces[:-1]) if pieces else ""

    def _take(self, count: int) -> None:
        before = len(self.lines)
        for line in islice(self._more, count):
            if line.card not in self.starts:
                self.starts[line.card] = len(self.lines)
            self.lines.append(line)
        self.is_complete = len(self.lines) < before + count

    def _flow(self) -> Iterator[FlowLine]:
        for index, card in enumerate(self.cards):
            if index:
                yield FlowLine("gap", "", index - 1)
            yield FlowLine("title", card.title, index)
            if card.problem:
                for text in wrap(f"✖ {card.problem}", self._width):
                    yield FlowLine("problem", text, index)
            if self._hole is not None and self._hole.card == index:
                for _ in range(self._hole.height):
                    yield FlowLine("hole", "", index)
            elif card.body or not card.notes:
                yield from self._wrapped("text", card.body, index)
            for name, text in card.notes:
                yield from self._wrapped("note", f"{name}: {text}", index)

    def _wrapped(self, kind: LineKind, text: str, card: int) -> Iterator[FlowLine]:
        shown = text[:SHOWN_LIMIT]
        carry = ""  # the unfinished last line of a piece goes on in the next piece
        for piece, is_end in _pieces(shown):
            paragraph = carry + safe(piece).expandtabs(TAB)
            lines = wrap(paragraph, self._width)
            carry = "" if is_end else lines.pop()
            yield from _glued(kind, lines, paragraph, card)
        if len(shown) < len(text):
            more = f"… {len(text) - len(shown):,} more characters: E opens them in your editor"
            for line in wrap(more, self._width):
                yield FlowLine("rest", line, card)


def _glued(kind: LineKind, lines: Sequence[str], paragraph: str, card: int) -> Iterator[FlowLine]:
    """``lines``, wrapped from ``paragraph``, each with what stands between it and the next."""
    at = 0
    for line in lines:
        at += len(line)
        glue = "\n" if at >= len(paragraph) else " " if paragraph[at] == " " else ""
        at += len(glue)
        yield FlowLine(kind, line, card, glue)


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """(piece, does the paragraph end here): paragraphs, the long ones in pieces so that none is wrapped whole."""
    start = 0
    while True:
        end = text.find("\n", start)
        stop = len(text) if end == -1 else end
        while stop - start > _CHUNK:
            cut = text.rfind(" ", start + _CHUNK // 2, start + _CHUNK)
            cut = cut if cut != -1 else start + _CHUNK
            yield text[start:cut], False
            start = cut
        is_crlf = end != -1 and text.startswith("\r", stop - 1) and stop > start
        yield text[start : stop - 1 if is_crlf else stop], True
        if end == -1:
            return
        start = end + 1
