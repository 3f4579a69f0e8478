"""Choosing the columns of the row list."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from fttui.ui.screens.dialogs import ChoiceList, Dialog
from fttui.ui.widgets.row_columns import COLUMNS, RowColumns

_FIXED = ("number", "preview")


class ColumnsDialog(Dialog[RowColumns]):
    """A line a column; enter or space turns it on or off, escape takes what is chosen."""

    def __init__(self, columns: RowColumns) -> None:
        super().__init__("Columns", "Enter or space shows a column or hides it; esc is done.")
        self._columns = columns

    def body(self) -> ComposeResult:
        yield ChoiceList(*self._options(), markup=False)

    def on_mount(self) -> None:
        choices = self.query_one(ChoiceList)
        choices.highlighted = 0
        choices.focus()

    def _options(self) -> list[Option]:
        names = [name for name in COLUMNS if name not in _FIXED]
        return [
            Option(
                Content.assemble(
                    ("✓ " if name in self._columns.names else "  "),
                    (f"{COLUMNS[name].title or name:<9}", "bold"),
                    COLUMNS[name].help,
                ),
                id=name,
            )
            for name in names
        ]

    @on(OptionList.OptionSelected)
    def _toggle(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._columns = self._columns.toggled(event.option_id or "")
        choices = self.query_one(ChoiceList)
        at = choices.highlighted
        choices.set_options(self._options())
        choices.highlighted = at

    def action_close(self) -> None:
        self.dismiss(self._columns)
