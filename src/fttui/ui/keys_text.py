"""The keys of text fields: Textual's own, declared anew with ids so that keys.toml can move them."""

from __future__ import annotations

from fttui.ui.actions import Action, Place

PLACES: tuple[Place, ...] = (Place("text", "In a text"), Place("field", "In a one-line field"))


def _text(name: str, keys: str, help_line: str, method: str) -> Action:
    return Action(f"text.{name}", tuple(keys.split()), name, help_line, "text", method, in_footer=False)


def _field(name: str, keys: str, help_line: str, method: str) -> Action:
    return Action(f"field.{name}", tuple(keys.split()), name, help_line, "field", method, in_footer=False)


_TEXT = (
    _text("up", "up", "Move up", "cursor_up"),
    _text("down", "down", "Move down", "cursor_down"),
    _text("left", "left", "Move left", "cursor_left"),
    _text("right", "right", "Move right", "cursor_right"),
    _text("word_left", "ctrl+left", "Move a word left", "cursor_word_left"),
    _text("word_right", "ctrl+right", "Move a word right", "cursor_word_right"),
    _text("line_start", "home ctrl+a", "Move to the start of the line", "cursor_line_start"),
    _text("line_end", "end ctrl+e", "Move to the end of the line", "cursor_line_end"),
    _text("page_up", "pageup", "Move a page up", "cursor_page_up"),
    _text("page_down", "pagedown", "Move a page down", "cursor_page_down"),
    _text("select_up", "shift+up", "Select upwards", "cursor_up(True)"),
    _text("select_down", "shift+down", "Select downwards", "cursor_down(True)"),
    _text("select_left", "shift+left", "Select to the left", "cursor_left(True)"),
    _text("select_right", "shift+right", "Select to the right", "cursor_right(True)"),
    _text("select_word_left", "ctrl+shift+left", "Select a word to the left", "cursor_word_left(True)"),
    _text("select_word_right", "ctrl+shift+right", "Select a word to the right", "cursor_word_right(True)"),
    _text("select_line_start", "shift+home", "Select to the start of the line", "cursor_line_start(True)"),
    _text("select_line_end", "shift+end", "Select to the end of the line", "cursor_line_end(True)"),
    _text("select_line", "f6", "Select the line", "select_line"),
    _text("select_all", "f7", "Select everything", "select_all"),
    _text("delete_left", "backspace", "Delete the character to the left", "delete_left"),
    _text("delete_right", "delete ctrl+d", "Delete the character to the right", "delete_right"),
    _text("delete_word_left", "ctrl+w ctrl+backspace alt+backspace", "Delete the word to the left", "delete_word_left"),
    _text("delete_word_right", "alt+delete", "Delete the word to the right", "delete_word_right"),
    _text("delete_to_start", "ctrl+u super+backspace", "Delete to the line's start", "delete_to_start_of_line"),
    _text("delete_to_end", "ctrl+k", "Delete to the line's end", "delete_to_end_of_line_or_delete_line"),
    _text("delete_line", "ctrl+shift+k", "Delete the line", "delete_line"),
    _text("cut", "ctrl+x super+x", "Cut the selection", "cut"),
    _text("copy", "ctrl+c super+c", "Copy the selection", "copy"),
    _text("paste", "ctrl+v", "Paste", "paste"),
    _text("undo", "ctrl+z super+z", "Undo typing", "undo"),
    _text("redo", "ctrl+y super+y", "Redo typing", "redo"),
)

_FIELD = (
    _field("left", "left", "Move left", "cursor_left"),
    _field("right", "right", "Move right, or take the suggestion", "cursor_right"),
    _field("word_left", "ctrl+left", "Move a word left", "cursor_left_word"),
    _field("word_right", "ctrl+right", "Move a word right", "cursor_right_word"),
    _field("start", "home ctrl+a", "Move to the start", "home"),
    _field("end", "end ctrl+e", "Move to the end", "end"),
    _field("select_left", "shift+left", "Select to the left", "cursor_left(True)"),
    _field("select_right", "shift+right", "Select to the right", "cursor_right(True)"),
    _field("select_word_left", "ctrl+shift+left", "Select a word to the left", "cursor_left_word(True)"),
    _field("select_word_right", "ctrl+shift+right", "Select a word to the right", "cursor_right_word(True)"),
    _field("select_start", "shift+home", "Select to the start", "home(True)"),
    _field("select_end", "shift+end", "Select to the end", "end(True)"),
    _field("select_all", "ctrl+shift+a", "Select everything", "select_all"),
    _field("delete_left", "backspace", "Delete the character to the left", "delete_left"),
    _field("delete_right", "delete ctrl+d", "Delete the character to the right", "delete_right"),
    _field(
        "delete_word_left", "ctrl+w ctrl+backspace alt+backspace", "Delete the word to the left", "delete_left_word"
    ),
    _field("delete_word_right", "alt+delete", "Delete the word to the right", "delete_right_word"),
    _field("delete_to_start", "ctrl+u super+backspace", "Delete to the start", "delete_left_all"),
    _field("delete_to_end", "ctrl+k", "Delete to the end", "delete_right_all"),
    _field("cut", "ctrl+x super+x", "Cut the selection", "cut"),
    _field("copy", "ctrl+c super+c", "Copy the selection", "copy"),
    _field("paste", "ctrl+v", "Paste", "paste"),
    _field("submit", "enter", "Done with this field", "submit"),
)

ACTIONS: tuple[Action, ...] = (*_TEXT, *_FIELD)
