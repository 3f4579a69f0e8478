"""One card laid out as lines of cells, lazily: a message of a megabyte costs what is on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from fttui.core.text import safe
from fttui.ui.cards_model import Card
from fttui.ui.wrapping import TAB, wrap

SHOWN_LIMIT: Final = 256 * 1024
"""Characters of one text that the pane shows at most; the rest is for ``$EDITOR``."""
_CHUNK: Final = 4096
_SIDE_TITLES: Final = {"preferred": "✓ preferred", "non-preferred": "✗ non-preferred"}

LineKind = Literal["side", "title", "text", "note", "problem", "rest", "gap", "hole", "pair"]


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One line of the pane.

    Attributes:
        kind: What it shows; a hole is where the editor lies over the pane, a pair is two lines beside each other.
        text: Safe, at most as wide as the pane less its indent; a title's is shown with more.
        card: Index of its card; of a pair, that of the left one, or of the right one where the left has ended.
        glue: What stands between this line and the next in the text itself: a line end, a blank or nothing.
        halves: The two lines of a pair; None where one has ended.
    """

    kind: LineKind
    text: str
    card: int
    glue: str = "\n"
    halves: tuple[FlowLine | None, FlowLine | None] | None = None


@dataclass(frozen=True, slots=True)
class Hole:
    """Lines left free for the editor in place of a card's text."""

    card: int
    height: int


def lines_of(card: Card, index: int, width: int, hole: Hole | None, *, has_calls: bool) -> Iterator[FlowLine]:
    """The lines of ``card``, whose number is ``index``, in ``width`` cells."""
    yield FlowLine("title", card.title, index)
    if card.problem:
        for text in wrap(f"✖ {card.problem}", width):
            yield FlowLine("problem", text, index)
    if hole is not None and hole.card == index:
        for _ in range(hole.height):
            yield FlowLine("hole", "", index)
    elif card.body or not (card.notes or has_calls or card.kind in ("fold", "keys")):
        yield from _wrapped("text", card.body, index, width)
    for name, text in card.notes:
        yield from _wrapped("note", f"{name}: {text}", index, width)


def side_line(card: Card, index: int, before: Card | None) -> Iterator[FlowLine]:
    """What stands over the first card of an answer of a preference record."""
    if card.side and (before is None or before.side != card.side):
        yield FlowLine("side", _SIDE_TITLES[card.side], index)


def _wrapped(kind: LineKind, text: str, card: int, width: int) -> Iterator[FlowLine]:
    shown = text[:SHOWN_LIMIT]
    carry = ""  # the unfinished last line of a piece goes on in the next piece
    for piece, is_end in _pieces(shown):
        paragraph = carry + safe(piece).expandtabs(TAB)
        lines = wrap(paragraph, width)
        carry = "" if is_end else lines.pop()
        yield from _glued(kind, lines, paragraph, card)
    if len(shown) < len(text):
        more = f"… {len(text) - len(shown):,} more characters: E opens them in your editor"
        for line in wrap(more, width):
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
