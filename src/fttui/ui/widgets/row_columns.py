"""The columns of the row list: which there are, which fit, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from fttui.core.text import one_line
from fttui.ui.widgets.row_marks import SIGNS, RowCells, signs_of
from fttui.ui.wrapping import fit

_LEAST_PREVIEW: Final = 16
"""Cells; before the preview gets less, the least important column is left out."""


class Column(NamedTuple):
    """A kind of column.

    Attributes:
        name: What it is called in the settings and in queries.
        title: What the header says.
        help: A line for the person who chooses columns.
        width: Cells; of the number and the preview, the least.
        rank: The highest is left out first where there is no room; 0 never is.
        is_right: Whether its text stands at the right, as figures do.
    """

    name: str
    title: str
    help: str
    width: int
    rank: int = 0
    is_right: bool = False


COLUMNS: Final[dict[str, Column]] = {
    column.name: column
    for column in (
        Column("number", "#", "Number of the line in the file", 4, is_right=True),
        Column("marks", "", "✖⚠ issue, ✎ changed, # tag, ¶ note, ✓ reviewed", SIGNS),
        Column("turns", "turns", "Number of messages", 6, rank=3, is_right=True),
        Column("tokens", "tokens", "Tokens of the example", 7, rank=1, is_right=True),
        Column("trained", "trained", "Tokens that are trained on", 8, rank=5, is_right=True),
        Column("bytes", "bytes", "Size of the line", 7, rank=6, is_right=True),
        Column("tags", "tags", "The example's tags", 14, rank=2),
        Column("note", "note", "The example's note", 20, rank=4),
        Column("preview", "preview", "The first user message", 0),
    )
}
_ALWAYS: Final = ("number", "preview")


@dataclass(frozen=True, slots=True)
class RowColumns:
    """Which columns are shown, in order. The number is always the first, the preview the last."""

    names: tuple[str, ...] = ("number", "marks", "turns", "tokens", "preview")

    @classmethod
    def of(cls, names: Iterable[object]) -> RowColumns:
        """The columns of ``names``, unknown and repeated ones left out; no data is too odd for it."""
        known = dict.fromkeys(name for name in names if isinstance(name, str) and name in COLUMNS)
        return cls(("number", *(name for name in known if name not in _ALWAYS), "preview"))

    def toggled(self, name: str) -> RowColumns:
        """With the column ``name``, at its usual place, or without it; the number and the preview stay."""
        if name in self.names:
            return RowColumns.of(other for other in self.names if other != name)
        usual = list(COLUMNS)
        before = [other for other in self.names if usual.index(other) < usual.index(name)]
        at = self.names.index(before[-1]) + 1 if before else 0
        return RowColumns.of((*self.names[:at], name, *self.names[at:]))


class RowLine(NamedTuple):
    """All that one line of the list depends on, but for the cursor; figures that are not known or not shown are None.

    ``row`` counts from 0; -1 when there is none.
    """

    row: int
    cells: RowCells
    tokens: int | None = None
    trained: int | None = None
    size: int | None = None


class Place(NamedTuple):
    """A column on the screen: ``gap`` blanks, then ``width`` cells."""

    column: Column
    gap: int
    width: int


@dataclass(frozen=True)
class Layout:
    """The columns that fit, from left to right; one cell for the cursor's bar stands before them."""

    places: tuple[Place, ...] = ()

    @cached_property
    def width(self) -> int:
        """Cells of a whole line."""
        return 1 + sum(place.gap + place.width for place in self.places)

    @classmethod
    def of(cls, columns: RowColumns, count: int, width: int) -> Layout:
        """The layout of ``count`` rows in ``width`` cells; the preview takes what the others leave."""
        number = max(COLUMNS["number"].width, len(f"{count:,}"))
        shown = [COLUMNS[name] for name in columns.names]
        while True:
            places = [Place(c, _gap(c), number if c.name == "number" else c.width) for c in shown]
            left = width - 1 - sum(place.gap + place.width for place in places)
            dropped = max(shown, key=lambda column: column.rank)
            if left >= _LEAST_PREVIEW or dropped.rank == 0:
                break
            shown.remove(dropped)
        last = places[-1]
        return cls((*places[:-1], Place(last.column, last.gap, max(0, left))))

    def __contains__(self, name: str) -> bool:
        """Whether the column is on the screen."""
        return any(place.column.name == name for place in self.places)

    def at(self, cell: int) -> Column | None:
        """The column in the cell of that number, counted from the left end of the line."""
        end = 1
        for place in self.places:
            end += place.gap + place.width
            if cell < end:
                return place.column
        return None


def _gap(column: Column) -> int:
    """Blanks before a column: what can be clipped has two, so that it does not run into figures."""
    return 0 if column.name == "number" else 1 if column.is_right or column.name == "marks" else 2


def pieces_of(line: RowLine, layout: Layout) -> Iterator[tuple[str, str]]:
    """The texts of a line with the name of the style of each; together they fill the layout's cells exactly."""
    for place in layout.places:
        name, width = place.column.name, place.width
        if name == "marks":
            yield " " * place.gap, ""
            yield from signs_of(line.cells)
        elif name == "preview":
            problem = line.cells.problem
            text = f"{problem} · {line.cells.preview}" if problem else line.cells.preview
            yield " " * place.gap + fit(one_line(text), width), "error" if problem else ""
        elif name in _TEXTS:
            text = ", ".join(line.cells.tags) if name == "tags" else line.cells.note
            yield " " * place.gap + fit(one_line(text, 200), width), name
        else:
            text = f"{line.row + 1:,}" if name == "number" else _figure_text(_figure(line, name), width)
            style = "number" if name == "number" else "figures"
            yield " " * place.gap + text.rjust(width), style


_TEXTS: Final = ("tags", "note")


def _figure(line: RowLine, name: str) -> int | None:
    if name == "turns":
        return line.cells.turns
    return line.tokens if name == "tokens" else line.trained if name == "trained" else line.size


def _figure_text(number: int | None, width: int) -> str:
    """``1,234``; what is too wide in millions or more, with as many figures as fit."""
    if number is None:
        return "–"
    text = f"{number:,}"
    for unit in "kMGT":
        if len(text) <= width:
            break
        number = round(number / 1000)
        text = f"{number:,}{unit}"
    return text
