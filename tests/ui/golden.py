"""Text goldens: what the screen of a running app says, kept as readable files.

``FTTUI_UPDATE_GOLDENS=1`` writes them anew.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any

from textual.app import App

GOLDENS = Path(__file__).parent / "goldens"


def screen_text(app: App[Any]) -> str:
    """The characters of the active screen, one line a row, blanks at the ends of rows removed."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"


def golden(app: App[Any], name: str) -> None:
    """Compare the screen of ``app`` with ``goldens/<name>.txt``.

    Raises:
        AssertionError: With the difference, line by line.
    """
    path = GOLDENS / f"{name}.txt"
    shown = screen_text(app)
    if os.environ.get("FTTUI_UPDATE_GOLDENS") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
        return
    assert path.exists(), f"{path} is missing; FTTUI_UPDATE_GOLDENS=1 writes it.\n{shown}"
    wanted = path.read_text(encoding="utf-8")
    if shown != wanted:
        difference = difflib.unified_diff(wanted.splitlines(), shown.splitlines(), str(path), "screen", lineterm="")
        raise AssertionError("\n".join(difference))
