"""An example as its model sees it, broken into lines of the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from fttui.core.text import one_line, safe
from fttui.ui.wrapping import TAB

if TYPE_CHECKING:
    from fttui.tokens.models import TokenRule
    from fttui.tokens.openai_format import PartKind
    from fttui.tokens.seen import Piece, Seen


class Run(NamedTuple):
    """What lies on one line of one token; every other token ``is_odd``, so that one sees where each begins."""

    text: str
    kind: PartKind
    is_odd: bool


def heading(seen: Seen, rule: TokenRule, line: int) -> str:
    """Which example it is, for which model, and its numbers."""
    tokens, trained = seen.tokens.total, seen.tokens.trainable
    return (
        f"line {line:,} · {tokens:,} tokens, {trained:,} trained, {tokens - trained:,} masked · "
        f"{one_line(rule.model)}, as {seen.form} writes it · {rule.how}"
    )


def screen_lines(pieces: Sequence[Piece], width: int) -> list[list[Run]]:
    """Lines of at most ``width`` cells; broken where the text is, and wherever a line is full."""
    lines: list[list[Run]] = [[]]
    used = 0
    for number, piece in enumerate(pieces):
        is_odd = number % 2 == 1
        for text, ends in _paragraphs(_shown(piece)):
            for part in _parts(text, width, used):
                size = cell_len(part)
                if used and used + size > width:
                    lines.append([])
                    used = 0
                lines[-1].append(Run(part, piece.kind, is_odd))
                used += size
            if ends:
                lines.append([])
                used = 0
    if not lines[-1]:
        lines.pop()
    return lines


def _shown(piece: Piece) -> str:
    """The text made safe; what would not be seen has a sign, but for what is no part of the example."""
    text = safe(piece.text.replace("\r", "␍"))
    if piece.kind == "label":
        return text
    return text.replace("\t", "⇥".ljust(TAB)).replace("\n", "⏎\n")


def _paragraphs(text: str) -> Iterator[tuple[str, bool]]:
    *ended, rest = text.split("\n")
    yield from ((paragraph, True) for paragraph in ended)
    if rest:
        yield rest, False


def _parts(text: str, width: int, used: int) -> Iterator[str]:
    """``text`` in parts that fit in a line, the first one behind ``used`` cells where most of it does."""
    if cell_len(text) <= max(width - used, min(width, 16)):
        if text:
            yield text
        return
    part, size, room = "", 0, width - used
    for character in text:
        cells = cell_len(character)
        if size + cells > room and part:
            yield part
            part, size, room = "", 0, width
        part += character
        size += cells
    if part:
        yield part
