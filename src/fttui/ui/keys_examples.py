"""The keys of the Examples screen: the rows, the conversation, the message editor, and what holds for all of them."""

from __future__ import annotations

from fttui.ui.actions import Action, Place

PLACES: tuple[Place, ...] = (
    Place("examples", "Examples"),
    Place("rows", "Examples: the rows", inside="examples"),
    Place("conversation", "Examples: the conversation", inside="examples"),
    Place("editor", "Examples: editing a text", inside="text"),
    Place("find", "Examples: finding", inside="field"),
)


def _key(
    name: str, keys: str, label: str, help_line: str, where: str, method: str, *, in_footer: bool = False
) -> Action:
    return Action(name, tuple(keys.split()), label, help_line, where, method, in_footer=in_footer)


def _example(name: str, keys: str, label: str, help_line: str, method: str, *, in_footer: bool = False) -> Action:
    return _key(name, keys, label, help_line, "examples", method, in_footer=in_footer)


_EXAMPLES = (
    _example("message.edit", "e", "Edit", "Edit the message, or the broken line, in place", "edit", in_footer=True),
    _example("find.open", "slash", "Find", "Find text in the file", "find", in_footer=True),
    _example("find.next", "n", "Next match", "Go to the next line with what was found last", "find_next(1)"),
    _example("find.previous", "N", "Previous match", "Go to the previous line with it", "find_next(-1)"),
    _example("row.goto", "g colon", "Go to line", "Go to a line by its number", "goto"),
    _example("edit.undo", "u", "Undo", "Take back the last change", "undo", in_footer=True),
    _example("edit.redo", "ctrl+r", "Redo", "Do again what was taken back", "redo"),
    _example("row.raw", "r", "Raw", "Show the line as it stands in the file, or its messages", "raw", in_footer=True),
    _example("message.add", "a", "Add message", "Add a message after this one", "add_message(1)"),
    _example("message.add_before", "A", "Add before", "Add a message before this one", "add_message(0)"),
    _example("message.role", "t", "Role", "Give the message another role", "change_role"),
    _example("message.weight", "w", "Weight", "Train on this answer or leave it out (weight 1 or 0)", "toggle_weight"),
    _example("message.outside", "E", "$EDITOR", "Edit the message, or the raw line, in your own editor", "outside"),
    _example("example.add", "i", "New example", "Add an empty example below this one", "add_example"),
    _example("example.duplicate", "D", "Duplicate", "Add a copy of this example below it", "duplicate"),
    _example("example.copy", "y", "Copy", "Copy the example as JSON", "copy_example"),
    _example("example.try", "p", "Try it", "Ask this example in the playground", "try_example", in_footer=True),
    _example("file.save_as", "S", "Save as", "Save under another name and go on with that file", "save_as"),
    _example("pane.other", "tab shift+tab", "Other pane", "Move between rows and conversation", "other_pane"),
)

_ROWS = (
    _key("row.open", "enter right", "Open", "Go into the conversation", "rows", "open", in_footer=True),
    _key(
        "example.delete",
        "d delete",
        "Delete",
        "Delete the example; undo brings it back",
        "rows",
        "screen.delete_example",
        in_footer=True,
    ),
    _key("row.down", "down j", "Down", "Next row", "rows", "move(1)"),
    _key("row.up", "up k", "Up", "Previous row", "rows", "move(-1)"),
    _key("row.page_down", "pagedown space", "Page down", "One page down", "rows", "page(1)"),
    _key("row.page_up", "pageup", "Page up", "One page up", "rows", "page(-1)"),
    _key("row.first", "home", "First", "First row", "rows", "first"),
    _key("row.last", "end G", "Last", "Last row", "rows", "last"),
)


def _card(name: str, keys: str, label: str, help_line: str, method: str, *, in_footer: bool = False) -> Action:
    return _key(name, keys, label, help_line, "conversation", method, in_footer=in_footer)


_CONVERSATION = (
    _card("conversation.edit", "enter", "Edit", "Edit this message in place", "screen.edit"),
    _card("conversation.back", "escape left", "Rows", "Back to the rows", "screen.leave", in_footer=True),
    _card(
        "message.delete",
        "d delete",
        "Delete",
        "Delete the message; undo brings it back",
        "screen.delete_message",
        in_footer=True,
    ),
    _card("message.next", "down j", "Next", "Next message; a long one is scrolled through first", "move(1)"),
    _card("message.previous", "up k", "Previous", "Previous message", "move(-1)"),
    _card("conversation.page_down", "pagedown space", "Page down", "One page down", "page(1)"),
    _card("conversation.page_up", "pageup", "Page up", "One page up", "page(-1)"),
    _card("conversation.first", "home", "First", "First message", "first"),
    _card("conversation.last", "end G", "Last", "Last message", "last"),
    _card("row.next", "right_square_bracket", "Next example", "Next example, staying in it", "screen.step(1)"),
    _card("row.previous", "left_square_bracket", "Previous example", "Previous example", "screen.step(-1)"),
)


def _typing(name: str, keys: str, label: str, help_line: str, method: str, *, in_footer: bool = True) -> Action:
    return _key(name, keys, label, help_line, "editor", method, in_footer=in_footer)


_EDITOR = (
    _typing("editor.done", "escape", "Done", "Keep the text and leave the editor", "screen.commit"),
    _typing("editor.save", "ctrl+s", "Save", "Keep the text and save the file", "screen.save_draft"),
    _typing("editor.outside", "f4", "$EDITOR", "Go on in your own editor", "screen.outside"),
    _typing("editor.quit", "ctrl+q", "Quit", "Keep the text and leave fttui", "screen.quit_draft", in_footer=False),
)

_FIND = (_key("find.close", "escape", "Back", "Stop finding, and go back", "find", "screen.find_back", in_footer=True),)

ACTIONS: tuple[Action, ...] = _EXAMPLES + _ROWS + _CONVERSATION + _EDITOR + _FIND
