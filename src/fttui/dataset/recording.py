"""What a document tells whoever keeps its edits safe, so that a crash loses none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from fttui.dataset.edits import Edit
from fttui.dataset.reader import Stamp
from fttui.dataset.rowset import RowSet
from fttui.dataset.spool import SpoolFile

StepKind: TypeAlias = Literal["step", "undo", "redo"]


class RecordedStep(NamedTuple):
    """One step of undo or redo, or one that can be undone: what was applied to the rows, in this order."""

    kind: StepKind
    edits: tuple[Edit, ...]


class Recorder(Protocol):
    """Keeps every edit before the screen shows it. No method raises: what cannot be written is tried again later.

    All methods are called by the thread that edits or saves, one at a time.
    """

    def added(self, first: int, lines: Sequence[bytes]) -> None:
        """Lines (with their endings) were put into source 0 with numbers from ``first``; kept until the next step."""

    def spool(self) -> SpoolFile:
        """A new file to put the lines of a bulk edit in; it belongs to the recorder."""

    def step(self, kind: StepKind, edits: Sequence[Edit]) -> None:
        """Rows were edited; written before this returns. Pieces name their source by the document's numbers."""

    def marks(self, rows: RowSet, change: Mapping[str, Any]) -> None:
        """Tags, a note or a reviewed mark were set on rows as they are numbered now."""

    def saving(self, stamp: Stamp, base: int, meanwhile: Sequence[RecordedStep]) -> None:
        """All rows are written and synced to a temporary file that is about to be renamed over the document's.

        Args:
            stamp: The temporary file's, which is the document's file's own after the rename.
            base: The number that its lines will have as a source.
            meanwhile: The steps made since the save began, again: they are not in the file. Their pieces are numbered
                as they will be after the save. When the file on disk has ``stamp``, a replay begins with these.
        """

    def saved(self) -> None:
        """The rename took place, and the document's rows come from the new file; `Document.path` says where."""

    def close(self, *, keep: bool) -> None:
        """No more edits come; with ``keep=False`` nothing is unsaved and what was recorded can go."""
