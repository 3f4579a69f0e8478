"""The keys of the Examples screen: the rows, the conversation, the message editor, and what holds for all of them."""

from __future__ import annotations

from fttui.ui.actions import Action, Place

PLACES: tuple[Place, ...] = (
    Place("examples", "Examples"),
    Place("rows", "Examples: the rows", inside="examples"),
    Place("conversation", "Examples: the conversation", inside="examples"),
    Place("editor", "Examples: editing a text", inside="text"),
    Place("find", "Examples: finding", inside="field"),
    Place("review", "Examples: reviewing", inside="examples"),
)


def _key(
    name: str, keys: str, label: str, help_line: str, where: str, method: str, *, in_footer: bool = False
) -> Action:
    return Action(name, tuple(keys.split()), label, help_line, where, method, in_footer=in_footer)


def _example(name: str, keys: str, label: str, help_line: str, method: str, *, in_footer: bool = False) -> Action:
    return _key(name, keys, label, help_line, "examples", method, in_footer=in_footer)


_EXAMPLES = (
    _example(
        "message.edit", "e", "Edit", "Edit the message, tool call, keys or broken line in place", "edit", in_footer=True
    ),
    _example("find.open", "slash", "Find", "Show only examples that a query finds", "find", in_footer=True),
    _example("row.mark", "space", "Mark", "Mark the example for what comes next, and go down", "mark", in_footer=True),
    _example("row.goto", "g colon", "Go to line", "Go to a line by its number", "goto"),
    _example("edit.undo", "u", "Undo", "Take back the last change", "undo", in_footer=True),
    _example("edit.redo", "ctrl+r", "Redo", "Do again what was taken back", "redo"),
    _example("edit.again", "full_stop", "Again", "Do the last tag, role, weight or review again, here", "again"),
    _example("row.raw", "r", "Raw", "Show the line as JSON, or its messages", "raw", in_footer=True),
    _example("message.add", "a", "Add message", "Add a message after this one", "add_message(1)"),
    _example("message.add_before", "A", "Add before", "Add a message before this one", "add_message(0)"),
    _example("message.role", "t", "Role", "Give the message another role", "change_role"),
    _example("message.weight", "w", "Weight", "Train on this answer or leave it out (weight 1 or 0)", "toggle_weight"),
    _example("message.outside", "E", "$EDITOR", "Edit the message, or the raw line, in your own editor", "outside"),
    _example("example.add", "n", "New example", "Add an empty example below this one", "add_example"),
    _example(
        "example.duplicate", "D", "Duplicate", "Add a copy below it, of this example or the marked ones", "duplicate"
    ),
    _example("example.copy", "y", "Copy", "Copy the example, or the marked ones, as JSON", "copy_example"),
    _example("example.tag", "T", "Tags", "Tag this example or the marked ones", "tag"),
    _example("example.note", "N", "Note", "Write a note to this example, kept beside the file", "note"),
    _example("example.reviewed", "v", "Reviewed", "Mark as reviewed, or not: this one or the marked ones", "reviewed"),
    _example(
        "example.elsewhere",
        "M",
        "Move to file",
        "Move this example or the marked ones to another open file",
        "move_elsewhere",
    ),
    _example("example.try", "p", "Try it", "Ask this example in the playground", "try_example"),
    _example("review.begin", "F", "Review", "Review one example after the other: accept, fix or drop", "review"),
    _example("replace.open", "R", "Replace", "Find and replace in the texts of messages", "replace"),
    _example("changes.open", "L", "Changes", "List all changes since the file was saved, with differences", "changes"),
    _example("row.diff", "equals_sign", "Difference", "Show how this example differs from the saved one", "diff"),
    _example("issue.next", "i", "Next issue", "Go to the next error or warning", "next_of('issue', 1)"),
    _example(
        "issue.previous", "alt+i", "Previous issue", "Go to the previous error or warning", "next_of('issue', -1)"
    ),
    _example("changed.next", "c", "Next changed", "Go to the next changed example", "next_of('changed', 1)"),
    _example(
        "changed.previous", "C", "Previous changed", "Go to the previous changed example", "next_of('changed', -1)"
    ),
    _example(
        "unreviewed.next",
        "o",
        "Next unreviewed",
        "Go to the next example that nobody has reviewed",
        "next_of('unreviewed', 1)",
    ),
    _example("unreviewed.previous", "O", "Previous unreviewed", "Go to the previous one", "next_of('unreviewed', -1)"),
    _example("rows.sort", "s", "Sort", "Show the examples in the order of a column", "sort"),
    _example("rows.columns", "vertical_line", "Columns", "Choose the columns of the list", "columns"),
    _example("file.save_as", "S", "Save as", "Save under another name and go on with that file", "save_as"),
    _example("file.save_marked", "W", "Save marked", "Save the marked examples as a file of their own", "save_marked"),
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
    _key("row.page_down", "pagedown ctrl+f", "Page down", "One page down", "rows", "page(1)"),
    _key("row.page_up", "pageup", "Page up", "One page up", "rows", "page(-1)"),
    _key("row.first", "home", "First", "First row", "rows", "first"),
    _key("row.last", "end G", "Last", "Last row", "rows", "last"),
    _key(
        "example.move_down",
        "J",
        "Move down",
        "Move the example, or the marked ones, one line down",
        "rows",
        "screen.move_example(1)",
    ),
    _key(
        "example.move_up",
        "K",
        "Move up",
        "Move the example, or the marked ones, one line up",
        "rows",
        "screen.move_example(-1)",
    ),
    _key(
        "rows.range",
        "V",
        "Mark range",
        "Mark from here to wherever you go; V again ends it",
        "rows",
        "screen.mark_range",
    ),
    _key(
        "rows.mark_all",
        "asterisk",
        "Mark all",
        "Mark all examples that are shown, or none",
        "rows",
        "screen.mark_all",
    ),
    _key("rows.extend_down", "shift+down", "Extend", "Mark downwards from here", "rows", "extend(1)"),
    _key("rows.extend_up", "shift+up", "Extend up", "Mark upwards from here", "rows", "extend(-1)"),
    _key("rows.back", "escape", "Back", "Take the marks away; then show all examples", "rows", "screen.back"),
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
    _card("message.move_down", "J", "Move down", "Move the message one place down", "screen.move_message(1)"),
    _card("message.move_up", "K", "Move up", "Move the message one place up", "screen.move_message(-1)"),
    _card("message.merge", "m", "Merge", "Merge this message and the next into one", "screen.merge_messages"),
    _card("call.edit", "x", "Whole call", "Edit a whole tool call, with its name and id", "screen.edit_call"),
    _card("conversation.fold", "z", "Fold", "Open or close tools and other keys", "fold"),
    _card("conversation.page_down", "pagedown ctrl+f", "Page down", "One page down", "page(1)"),
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
    _typing("editor.split", "f9", "Split", "Split the message in two at the cursor", "split"),
    _typing("editor.outside", "f4", "$EDITOR", "Go on in your own editor", "screen.outside"),
    _typing("editor.quit", "ctrl+q", "Quit", "Keep the text and leave fttui", "screen.quit_draft", in_footer=False),
)

_FIND = (
    _key("find.close", "escape", "Show all", "Show all examples again", "find", "screen.find_back", in_footer=True),
    _key("find.rows", "down", "To the rows", "Go to the examples found", "find", "screen.find_done", in_footer=True),
)


def _review(name: str, keys: str, label: str, help_line: str, method: str, *, in_footer: bool = True) -> Action:
    return _key(f"review.{name}", keys, label, help_line, "review", method, in_footer=in_footer)


_REVIEW = (
    _review("accept", "enter", "Accept", "Mark the example as reviewed, and show the next", "screen.accept"),
    _review("drop", "d delete", "Drop", "Delete the example, and show the next; undo brings it back", "screen.drop"),
    _review("skip", "space right", "Skip", "Leave the example for later, and show the next", "screen.skip"),
    _review("back", "backspace left", "Previous", "Go back to the example before", "screen.review_back"),
    _review("close", "escape", "End review", "Back to the list of examples", "screen.end_review"),
    _review("down", "down j", "Next", "Next message; a long one is scrolled through first", "move(1)", in_footer=False),
    _review("up", "up k", "Previous message", "Previous message", "move(-1)", in_footer=False),
    _review("page_down", "pagedown", "Page down", "One page down", "page(1)", in_footer=False),
    _review("page_up", "pageup", "Page up", "One page up", "page(-1)", in_footer=False),
    _review("first", "home", "First", "First message", "first", in_footer=False),
    _review("last", "end G", "Last", "Last message", "last", in_footer=False),
    _review("fold", "z", "Fold", "Open or close tools and other keys", "fold", in_footer=False),
)

ACTIONS: tuple[Action, ...] = _EXAMPLES + _ROWS + _CONVERSATION + _EDITOR + _FIND + _REVIEW
