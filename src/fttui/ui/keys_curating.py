"""The keys of what lies over the Examples screen: the list of changes, a difference, find and replace."""

from __future__ import annotations

from fttui.ui.actions import Action, Place

PLACES: tuple[Place, ...] = (
    Place("changes", "In the list of changes", inside=""),
    Place("diff", "In a difference", inside="changes"),
    Place("replace", "In find and replace", inside=""),
    Place("replacefield", "In find and replace: a field", inside="field"),
    Place("option", "On an option or a button", inside="replace"),
)


def _diff(name: str, keys: str, label: str, help_line: str, method: str) -> Action:
    return Action(f"diff.{name}", tuple(keys.split()), label, help_line, "diff", method, in_footer=False)


ACTIONS: tuple[Action, ...] = (
    Action("changes.go", ("enter",), "Go there", "Close the list and go to this example", "changes", "go"),
    Action("changes.revert", ("x",), "Revert", "Take this one change back; undo brings it again", "changes", "revert"),
    Action("changes.save", ("ctrl+s",), "Save", "Save the file with these changes", "changes", "save"),
    Action("changes.other", ("tab", "shift+tab"), "Other pane", "Move between list and difference", "changes", "other"),
    Action("changes.close", ("escape", "q"), "Close", "Close the list of changes", "changes", "close"),
    _diff("down", "down j", "Down", "Scroll down", "scroll(1)"),
    _diff("up", "up k", "Up", "Scroll up", "scroll(-1)"),
    _diff("page_down", "pagedown space", "Page down", "Scroll one page down", "page(1)"),
    _diff("page_up", "pageup", "Page up", "Scroll one page up", "page(-1)"),
    Action("replace.close", ("escape",), "Close", "Close without replacing anything", "replace", "close"),
    Action("replace.all", ("ctrl+r", "f5"), "Replace", "Replace all that is found, as one step", "replace", "all"),
    Action("option.next", ("tab", "down"), "Next", "Move to the next part", "replace", "app.focus_next"),
    Action(
        "option.previous", ("shift+tab", "up"), "Previous", "Move to the previous part", "replace", "app.focus_previous"
    ),
    Action("option.toggle", ("space", "enter"), "Toggle", "Turn the option on or off", "option", "toggle_button"),
)
