"""The keys of the open files: everywhere, and in the list of them."""

from __future__ import annotations

from fttui.ui.actions import GLOBAL, Action, Place

PLACES: tuple[Place, ...] = (Place("files", "In the list of files", inside="table"),)


def _global(name: str, keys: str, label: str, help_line: str, method: str) -> Action:
    return Action(name, tuple(keys.split()), label, help_line, GLOBAL, method, in_footer=False)


def _files(name: str, keys: str, label: str, help_line: str, method: str) -> Action:
    return Action(name, tuple(keys.split()), label, help_line, "files", method, in_footer=False)


ACTIONS: tuple[Action, ...] = (
    _global("files.show", "f2", "Files", "Show the open and the recent files", "app.files"),
    _global("files.next", "ctrl+n", "Next file", "Show the next open file", "app.next_file"),
    _global("files.reload", "f5", "Reload", "Read the open file anew from the disk", "app.reload_file"),
    _files("files.role", "r", "Role", "Say what the file is for: training, validation, test, other", "screen.role"),
    _files("files.close", "x delete", "Close", "Close the file, or forget a recent one", "screen.close_file"),
    _files("files.open", "o", "Open", "Open another file", "screen.open_path"),
)
