"""The keys of dialogs, and of the lists to choose from."""

from __future__ import annotations

from fttui.ui.actions import Action, Place

# A dialog hides everything under it, so no key of the app or of a screen is heard inside.
PLACES: tuple[Place, ...] = (
    Place("dialog", "In a dialog", inside=""),
    Place("help", "In the help", inside=""),
    Place("jump", "In jump mode", inside=""),
    Place("list", "In a list to choose from", inside="dialog"),
)

ACTIONS: tuple[Action, ...] = (
    Action("help.close", ("escape", "question_mark", "f1", "q"), "Close", "Close the help", "help", "close"),
    Action("jump.close", ("escape", "ctrl+o"), "Close", "Stay where you are", "jump", "close"),
    Action("dialog.yes", ("y",), "Yes", "Do what the dialog asks about", "dialog", "answer('yes')", in_footer=False),
    Action("dialog.save", ("s",), "Save", "Save first, then go on", "dialog", "answer('save')", in_footer=False),
    Action("dialog.discard", ("d",), "Discard", "Go on without saving", "dialog", "answer('discard')", in_footer=False),
    Action("dialog.no", ("n",), "No", "Do nothing", "dialog", "answer('no')", in_footer=False),
    Action("dialog.close", ("escape",), "Close", "Close without doing anything", "dialog", "close", in_footer=False),
    Action(
        "dialog.next", ("tab", "right"), "Next", "Move to the next part", "dialog", "app.focus_next", in_footer=False
    ),
    Action(
        "dialog.previous",
        ("shift+tab", "left"),
        "Previous",
        "Move to the previous part",
        "dialog",
        "app.focus_previous",
        in_footer=False,
    ),
    Action("list.down", ("down", "j"), "Down", "Go one line down", "list", "cursor_down", in_footer=False),
    Action("list.up", ("up", "k"), "Up", "Go one line up", "list", "cursor_up", in_footer=False),
    Action("list.page_down", ("pagedown",), "Page down", "Go one page down", "list", "page_down", in_footer=False),
    Action("list.page_up", ("pageup",), "Page up", "Go one page up", "list", "page_up", in_footer=False),
    Action("list.first", ("home", "g"), "First", "Go to the first line", "list", "first", in_footer=False),
    Action("list.last", ("end", "G"), "Last", "Go to the last line", "list", "last", in_footer=False),
    Action("list.choose", ("enter", "space"), "Choose", "Take this one", "list", "select", in_footer=False),
)
