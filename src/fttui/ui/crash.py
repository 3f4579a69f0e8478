"""When a fault in fttui ends the app: the unsaved edits are kept beside the log, and one sentence says so."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from fttui.core.atomic import write_atomic
from fttui.core.log import log_file
from fttui.core.paths import data_dir, make

if TYPE_CHECKING:
    from fttui.dataset.document import Document

log = logging.getLogger(__name__)


def keep_unsaved(document: Document | None) -> Path | None:
    """Write the document as a save would, to a new file under the data folder; None when there is nothing to keep."""
    if document is None or not document.is_dirty:
        return None
    folder = data_dir() / "kept"
    try:
        make(folder)
        number = 1
        while (path := folder / f"{document.path.stem}-{number}{document.path.suffix}").exists():
            number += 1
        write_atomic(path, document.lines(), mode=0o600)
    except OSError:
        log.exception("the unsaved edits could not be kept")
        return None
    return path


def explain_crash(error: BaseException | None, kept: Path | None = None) -> str:
    """One sentence for a fault of ours: its name, where the details are, where the edits are."""
    name = type(error).__name__ if error is not None else "unknown"
    saved = f" Your unsaved edits are in {kept}." if kept is not None else ""
    return f"Something went wrong inside fttui ({name}). The details are in {log_file()}.{saved}"
