"""Noticing that another program changed an open file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fttui.dataset.reader import Stamp, stamp_of
from fttui.dataset.sources import FileSource

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.ui.open_files import OpenFile

State = Literal["same", "changed", "gone"]


def state_on_disk(file: OpenFile) -> State:
    """Whether the file is still the one that was opened or saved last; asks the disk: in a thread."""
    ours = None if file.needs_name else _stamp_when_read(file.document)
    if ours is None or file.is_saving:
        return "same"
    now = stamp_of(file.path)
    if now == ours or file.is_saving or ours != _stamp_when_read(file.document):  # it was saved in this moment
        return "same"
    return "gone" if now is None else "changed"


def _stamp_when_read(document: Document) -> Stamp | None:
    source = document.source(document.base)
    return source.reader.stamp if isinstance(source, FileSource) else None
