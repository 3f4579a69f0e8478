"""Cards laid out as the lines of a pane, only as far as somebody has scrolled; the answers of a pair side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice, zip_longest
from typing import Final

from fttui.ui.cards_lines import SHOWN_LIMIT, FlowLine, Hole, LineKind, lines_of, side_line
from fttui.ui.cards_model import Card
from fttui.ui.wrapping import fit

__all__ = ["BETWEEN", "INDENT", "SHOWN_LIMIT", "SIDE_BY_SIDE", "CardFlow", "FlowLine", "Hole", "LineKind"]

INDENT: Final = 2
SIDE_BY_SIDE: Final = 72
"""Cells of a pane from which on two answers stand beside each other."""
BETWEEN: Final = " │"
"""What parts them; the right one is indented too."""


class CardFlow:
    """The lines of ``cards`` at ``width`` cells, made as they are asked for."""

    def __init__(self, cards: Sequence[Card], width: int, hole: Hole | None = None) -> None:
        self.cards = cards
        self.lines: list[FlowLine] = []
        self.starts: dict[int, int] = {}
        """First line of each card that has been reached."""
        self.is_complete = False
        self.half: Final = (width - 2 * INDENT - len(BETWEEN)) // 2
        """Cells for the text of each of two lines beside each other."""
        self._ends: dict[int, int] = {}
        self._width = max(8, width - INDENT)
        self._hole = hole
        # the editor has the whole width: while an answer is edited, the two stand one after the other
        is_editing_answer = hole is not None and bool(cards[hole.card].side)
        self._is_wide = width >= SIDE_BY_SIDE and not is_editing_answer
        self._more = self._flow()

    def reach_line(self, count: int) -> None:
        """Lay out until there are ``count`` lines, or all."""
        missing = count - len(self.lines)
        if missing > 0 and not self.is_complete:
            self._take(missing)

    def reach_card(self, card: int) -> int:
        """Lay out card ``card`` and its neighbour's title; the line of its own first line."""
        while not self._is_past(card) and not self.is_complete:
            self._take(64)
        return self.starts.get(card, 0)

    def reach_end(self) -> None:
        """Lay out everything."""
        while not self.is_complete:
            self._take(4096)

    def end_of(self, card: int) -> int:
        """The line behind the last of card ``card``, which must have been reached, without the gap."""
        return self._ends.get(card, len(self.lines))

    def card_at(self, line: int, x: int) -> int:
        """The card that is shown at cell ``x`` of a line."""
        found = self.lines[line]
        if found.halves is not None and x >= INDENT + self.half + len(BETWEEN):
            right = found.halves[1]
            return found.card if right is None else right.card
        return found.card

    def text_between(self, selected: Iterator[tuple[FlowLine, int, int | None]]) -> str:
        """The text of (line, start, end) pieces with soft line breaks undone."""
        pieces: list[str] = []
        for line, start, end in selected:
            whole = end is None or end >= len(line.text)
            pieces += [line.text[start:end], line.glue if whole else ""]
        return "".join(pieces[:-1]) if pieces else ""

    def _is_past(self, card: int) -> bool:
        """Whether all lines of a card are laid out."""
        if card not in self.starts:
            return card >= len(self.cards)
        return self.lines[-1].card > card and (not self.cards[card].side or not self.lines[-1].halves)

    def _take(self, count: int) -> None:
        before = len(self.lines)
        for line in islice(self._more, count):
            at = len(self.lines)
            for shown in (line,) if line.halves is None else line.halves:
                if shown is not None:
                    self.starts.setdefault(shown.card, at)
                    if shown.kind != "gap":
                        self._ends[shown.card] = at + 1
            self.lines.append(line)
        self.is_complete = len(self.lines) < before + count

    def _flow(self) -> Iterator[FlowLine]:
        numbered = list(enumerate(self.cards))
        is_first = True
        for is_answer, group in groupby(numbered, key=lambda item: bool(item[1].side) and self._is_wide):
            block = list(group)
            if not is_first:
                yield FlowLine("gap", "", block[0][0] - 1)
            is_first = False
            yield from self._beside(block) if is_answer else self._below(block, self._width)

    def _below(self, block: Sequence[tuple[int, Card]], width: int) -> Iterator[FlowLine]:
        """Cards one after the other."""
        before: Card | None = None
        for index, card in block:
            if before is not None:
                yield FlowLine("gap", "", index - 1)
            yield from side_line(card, index, before)
            follower = self.cards[index + 1] if index + 1 < len(self.cards) else None
            has_calls = follower is not None and follower.kind == "call" and follower.message == card.message
            yield from lines_of(card, index, width, self._hole, has_calls=has_calls)
            before = card

    def _beside(self, block: Sequence[tuple[int, Card]]) -> Iterator[FlowLine]:
        """The preferred answer's cards on the left, the other's on the right."""
        left = self._below([item for item in block if item[1].side == "preferred"], self.half)
        right = self._below([item for item in block if item[1].side != "preferred"], self.half)
        last = block[0][0]
        for one, other in zip_longest(left, right):
            shown = one or other
            last = shown.card if shown is not None else last
            text = fit("" if one is None else one.text, self.half) + BETWEEN + " " * INDENT
            yield FlowLine("pair", text + ("" if other is None else other.text), last, halves=(one, other))
