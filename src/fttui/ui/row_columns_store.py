"""The choice of columns, remembered from session to session in ``view.json``."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any, Final

from fttui.core.atomic import write_atomic
from fttui.core.paths import data_dir, make
from fttui.ui.widgets.row_columns import RowColumns

log = logging.getLogger(__name__)

_KEY: Final = "row_columns"
_MOST_BYTES: Final = 1 << 16


def load_columns() -> RowColumns:
    """The columns chosen last; the usual ones when there is no choice or none that can be read."""
    names = _read().get(_KEY)
    return RowColumns.of(names) if isinstance(names, list) else RowColumns()


def keep_columns(columns: RowColumns) -> None:
    """Remember a choice. Where that is not possible it holds for this session: not worth stopping anybody."""
    view = _read() | {_KEY: list(columns.names)}
    try:
        make(data_dir())
        write_atomic(_path(), [json.dumps(view, indent=1).encode() + b"\n"], mode=0o600)
    except OSError as error:
        log.warning("the choice of columns was not kept: %s", error)


def _path() -> Path:
    return data_dir() / "view.json"


def _read() -> dict[str, Any]:
    """What the file says; {} for anything that is not ours."""
    try:
        with _path().open("rb") as file:
            view = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return view if isinstance(view, dict) else {}
