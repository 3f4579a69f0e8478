"""Which columns fit, what stands in them, and that the choice is remembered."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from fttui.core.paths import data_dir
from fttui.core.text import needs_escaped_editing
from fttui.ui.row_columns_store import keep_columns, load_columns
from fttui.ui.widgets.row_columns import COLUMNS, Layout, RowColumns, RowLine, pieces_of
from fttui.ui.widgets.row_header import SortedBy, header_text
from fttui.ui.widgets.row_marks import SIGNS, RowCells, signs_of
from hostile import STRINGS

EVERYTHING = RowColumns.of(COLUMNS)


def text_of(line: RowLine, layout: Layout) -> str:
    return " " + "".join(text for text, _ in pieces_of(line, layout))


def test_a_choice_keeps_the_number_first_and_the_preview_last() -> None:
    assert RowColumns.of(["preview", "tokens", "number", "tokens", "nonsense", 3]).names == (
        "number",
        "tokens",
        "preview",
    )
    assert RowColumns.of([]).names == ("number", "preview")


def test_toggling_puts_a_column_at_its_usual_place_and_takes_it_away_again() -> None:
    usual = RowColumns()
    assert usual.toggled("trained").names == ("number", "marks", "turns", "tokens", "trained", "preview")
    assert usual.toggled("trained").toggled("trained") == usual
    assert usual.toggled("preview") == usual.toggled("number") == usual


def test_narrow_lists_drop_the_less_important_first() -> None:
    shown = [
        {place.column.name for place in Layout.of(EVERYTHING, 1_000_000, width).places} for width in range(110, 20, -1)
    ]
    lost: list[str] = []
    for wider, narrower in pairwise(shown):
        assert narrower <= wider
        lost += wider - narrower
    assert lost == ["bytes", "trained", "note", "turns", "tags", "tokens"]
    assert shown[-1] == {"number", "marks", "preview"}


@given(
    st.lists(st.sampled_from(list(COLUMNS))),
    st.integers(0, 10_000_000),
    st.integers(0, 200),
    st.text(max_size=60),
    st.none() | st.integers(0, 10**13),
)
def test_a_line_fills_its_cells_exactly(names: list[str], row: int, width: int, text: str, figure: int | None) -> None:
    layout = Layout.of(RowColumns.of(names), 10_000_000, width)
    cells = RowCells(text, figure, tags=(text,), note=text, has_note=bool(text))
    line = text_of(RowLine(row, cells, figure, figure, figure), layout)
    assert cell_len(line) == layout.width == cell_len(header_text(layout, None))
    assert layout.width == width or layout.places[-1].width == 0


@pytest.mark.parametrize("name", STRINGS)
def test_hostile_tags_and_notes_are_safe(name: str) -> None:
    layout = Layout.of(EVERYTHING, 10, 140)
    hostile = STRINGS[name]
    line = text_of(RowLine(0, RowCells(hostile, 1, tags=(hostile, "b"), note=hostile)), layout)
    assert not needs_escaped_editing(line)
    assert "\n" not in line
    assert cell_len(line) == 140


def test_all_columns_and_their_titles() -> None:
    layout = Layout.of(EVERYTHING, 10, 120)
    cells = RowCells("Hello", 2, tags=("hard", "refund"), note="ask Eve", has_note=True)
    line = RowLine(11, cells, 212, 148, 1_234_567)
    assert header_text(layout, None).rstrip() == (
        "    #        turns  tokens  trained   bytes  tags            note                  preview"
    )
    assert text_of(line, layout).rstrip() == (
        "   12    #       2     212      148  1,235k  hard, refund    ask Eve               Hello"
    )


@pytest.mark.parametrize(
    ("sorted_by", "found"),
    [
        (SortedBy("tokens", descending=True), " ↓tokens "),
        (SortedBy("turns"), " ↑turns "),
        (SortedBy("line"), "   ↑# "),
        (SortedBy("tag"), " tags ↑ "),
        (SortedBy("preview"), " preview ↑"),
    ],
)
def test_the_header_says_what_the_rows_are_sorted_by(sorted_by: SortedBy, found: str) -> None:
    layout = Layout.of(EVERYTHING, 10, 120)
    text = header_text(layout, sorted_by)
    assert found in text
    assert len(text) == 120
    assert header_text(layout, SortedBy("role")) == header_text(layout, None)


def test_each_sign_has_its_own_cell_and_style() -> None:
    everything = RowCells("", 1, True, "", True, ("a",), True, "warning", True)
    assert signs_of(everything) == (
        ("•", "marked"),
        ("⚠", "warning"),
        ("✎", "changed"),
        ("#", "tag"),
        ("✓", "reviewed"),
    )
    assert [sign for sign, _ in signs_of(RowCells("", problem="not JSON", has_note=True))] == [" ", "✖", " ", "¶", " "]
    assert all(cell_len(sign) == 1 for sign, _ in signs_of(everything))
    assert all(sum(cell_len(sign) for sign, _ in signs_of(cells)) == SIGNS for cells in (RowCells(""), everything))
    assert signs_of(RowCells("", is_reviewed=True))[-1] == ("✓", "reviewed")


def test_a_cell_of_the_header_belongs_to_a_column() -> None:
    layout = Layout.of(RowColumns(), 10, 60)
    assert [layout.at(cell).name for cell in (0, 4, 6, 14, 22, 59) if layout.at(cell)] == [  # type: ignore[union-attr]
        "number",
        "number",
        "marks",
        "turns",
        "tokens",
        "preview",
    ]
    assert layout.at(60) is None


def test_the_choice_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTTUI_HOME", str(tmp_path))
    assert load_columns() == RowColumns()
    chosen = RowColumns().toggled("tags").toggled("turns")
    keep_columns(chosen)
    assert load_columns() == chosen
    view = data_dir() / "view.json"
    view.write_text('{"other": 1, "row_columns": ["tokens", 7, null, "gone"]}')
    assert load_columns().names == ("number", "tokens", "preview")
    keep_columns(chosen)
    assert '"other": 1' in view.read_text()


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b'{"row_columns": "tokens"}', b"[" * 60_000])
def test_a_strange_file_means_the_usual_columns(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FTTUI_HOME", str(tmp_path))
    data_dir().mkdir(parents=True)
    (data_dir() / "view.json").write_bytes(content)
    assert load_columns() == RowColumns()


def test_a_choice_that_cannot_be_kept_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FTTUI_HOME", str(tmp_path / "file"))
    keep_columns(RowColumns())
    assert load_columns() == RowColumns()
