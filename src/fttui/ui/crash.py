"""When a fault in fttui ends the app: the unsaved edits are kept, and one sentence says where."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fttui.core.atomic import write_atomic
from fttui.core.log import log_file
from fttui.core.paths import data_dir, make
from fttui.core.text import one_line

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.ui.open_files import OpenFile

log = logging.getLogger(__name__)


def keep_unsaved(files: Iterable[OpenFile]) -> tuple[list[str], list[Path]]:
    """See that no unsaved edit is lost: the journal has it, or else the rows are written as a save would.

    Returns:
        Names of the files whose edits the next start offers, and the files that were written instead.
    """
    journalled: list[str] = []
    kept: list[Path] = []
    for file in files:
        if not file.document.is_dirty:
            continue
        if file.has_journal and not file.trouble:
            journalled.append(one_line(file.title, 80))
        elif (path := _write(file.document, file.title)) is not None:
            kept.append(path)
    return journalled, kept


def _write(document: Document, title: str) -> Path | None:
    folder = data_dir() / "kept"
    try:
        make(folder)
        number = 1
        name = Path(title)
        while (path := folder / f"{name.stem}-{number}{name.suffix}").exists():
            number += 1
        write_atomic(path, document.lines(), mode=0o600)
    except OSError:
        log.exception("the unsaved edits could not be kept")
        return None
    return path


def explain_crash(error: BaseException | None, journalled: Sequence[str] = (), kept: Sequence[Path] = ()) -> str:
    """What to know of a fault of ours: its name, where the details are, where the edits are."""
    name = type(error).__name__ if error is not None else "unknown"
    text = f"Something went wrong inside fttui ({name}). The details are in {log_file()}."
    if journalled:
        text += f" Your unsaved edits are safe: the next start with {' and '.join(journalled)} offers them."
    if kept:
        text += f" Your unsaved edits are in {' and '.join(map(str, kept))}."
    return text
