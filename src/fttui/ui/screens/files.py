"""The open files and those that were open lately: show, open, close, and say what each is for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from fttui.core.text import one_line
from fttui.dataset.recent import ROLES, RecentFile, Role
from fttui.ui.keys import BY_ID, bindings_for
from fttui.ui.open_files import OpenFile
from fttui.ui.screens.dialogs import Choice, Dialog, Prompt
from fttui.ui.tasks import task
from fttui.ui.widgets.table_list import Cell, Column, TableList, TableRow

if TYPE_CHECKING:
    from textual import getters

    from fttui.ui.files_app import FilesApp

COLUMNS = (
    Column("", 1),
    Column("file", 26),
    Column("for", 10),
    Column("examples", 10, right=True),
    Column("changes", 8, right=True),
    Column("in"),
)
EMPTY = "No file is open. o opens one."
MOST_RECENT = 12
_FOLLOW_S = 0.5
_HINTS = {
    "table.open": "shows",
    "files.role": "role",
    "files.close": "closes",
    "files.open": "opens another",
    "dialog.close": "back",
}
_ROLE_MEANS: dict[Role, str] = {
    "training": "training: priced, and what new jobs train on",
    "validation": "validation: offered to new jobs, never trained on",
    "test": "test: what evaluations ask, never trained on",
    "other": "other: neither priced nor trained on",
}


class FilesTable(TableList):
    """The list, with keys of its own."""

    WHERE: ClassVar[str] = "files"
    BINDINGS = bindings_for("files")


class FilesScreen(Dialog[None]):
    """A list over the screen; enter shows the file under the cursor."""

    DEFAULT_CSS = """
    FilesScreen {
        & > Vertical { width: 110; }
        FilesTable { height: auto; min-height: 3; max-height: 20; }
        .files--hint { height: 1; margin-top: 1; color: $text-muted; }
    }
    """

    if TYPE_CHECKING:
        app: getters.app[FilesApp]

    def __init__(self) -> None:
        super().__init__("Files")
        self._rows: list[TableRow] = []

    def body(self) -> ComposeResult:
        yield FilesTable(COLUMNS, empty=EMPTY)
        yield Static(self._hint(), classes="files--hint")

    def _hint(self) -> Content:
        keymap = self.app.keymap
        parts = [f"{keymap.label_of(BY_ID[name])} {word}" for name, word in _HINTS.items()]
        return Content("   ".join(parts))

    def on_mount(self) -> None:
        self._follow()
        table = self.query_one(FilesTable)
        table.focus()
        if self.app.services.files.active is not None:
            table.move_to(_key(self.app.services.files.active))
        self.set_interval(_FOLLOW_S, self._follow)

    def _follow(self) -> None:
        """Bring the list up to date: rows are found, edits made, roles said."""
        files = self.app.services.files
        now = time.time()
        rows = [open_row(file, is_shown=file is files.active) for file in files]
        rows += [recent_row(file, now) for file in self._recent()]
        if rows != self._rows:
            self._rows = rows
            self.query_one(FilesTable).set_rows(rows)

    def _recent(self) -> Iterator[RecentFile]:
        files = self.app.services.files
        closed = [file for file in files.recent.files() if files.find(file.path) is None]
        yield from closed[:MOST_RECENT]

    def _under_cursor(self) -> OpenFile | Path | None:
        """The open file of the row under the cursor, or the path of a recent one."""
        key = self.query_one(FilesTable).key
        if key is None:
            return None
        kind, _, rest = key.partition(":")
        if kind == "recent":
            return Path(rest)
        return next((file for file in self.app.services.files if _key(file) == key), None)

    @on(TableList.Selected)
    def _selected(self, event: TableList.Selected) -> None:
        event.stop()
        target = self._under_cursor()
        if isinstance(target, OpenFile):
            self.app.show_file(target)
            self.dismiss(None)
        elif target is not None:
            self.dismiss(None)  # what is asked about the file is asked over the screen that shows it
            self.app.open_file(target)

    @task(group="ask")
    async def action_open_path(self) -> None:
        """Ask for a path, and open it."""
        active = self.app.services.files.active
        folder = f"{active.path.absolute().parent}/" if active is not None and not active.needs_name else ""
        name = await self.app.push_screen_wait(Prompt("Open a file", value=folder, placeholder="a JSONL file"))
        if name and name.strip():
            self.dismiss(None)
            self.app.open_file(Path(name.strip()).expanduser())

    @task(group="ask")
    async def action_role(self) -> None:
        """Ask what the file is for."""
        target = self._under_cursor()
        if not isinstance(target, OpenFile):
            self.notify("Open the file first.", timeout=3, markup=False)
            return
        options = [(_ROLE_MEANS[role], role) for role in ROLES]
        choice = Choice[Role](f"What is {one_line(target.title, 30)} for?", options=options, current=target.role)
        role = await self.app.push_screen_wait(choice)
        if role is not None:
            self.app.set_role(target, role)
            self._follow()

    @task(group="ask")
    async def action_close_file(self) -> None:
        """Close the file under the cursor; a recent one is forgotten."""
        target = self._under_cursor()
        if isinstance(target, OpenFile):
            await self.app.close_file(target)
        elif target is not None:
            self.app.services.files.recent.forget(target)
        self._follow()


def _key(file: OpenFile) -> str:
    return f"open:{id(file)}"


def open_row(file: OpenFile, *, is_shown: bool) -> TableRow:
    """An open file: shown (●), name, role, examples, unsaved changes, folder."""
    document = file.document
    more = "" if document.is_indexed else "…"
    changes = f"●{file.unsaved:,}" if document.is_dirty else ""
    where = file.read_only_reason or str(file.path.absolute().parent)
    return TableRow(
        _key(file),
        (
            Cell("●" if is_shown else "", "good"),
            Cell(file.title),
            Cell(file.role),
            Cell(f"{len(document):,}{more}"),
            Cell(changes, "busy"),
            Cell(f"read-only: {where}" if file.is_read_only else where, "muted"),
        ),
    )


def recent_row(file: RecentFile, now: float) -> TableRow:
    """A file that was open: name, role, how long ago, folder."""
    cells = ("", file.path.name, file.role, age_text(now - file.opened), "", str(file.path.parent))
    return TableRow(f"recent:{file.path}", tuple(Cell(text, "muted") for text in cells))


def age_text(seconds: float) -> str:
    """``just now``, ``5 min ago``, ``3 h ago``, ``12 d ago``."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"
