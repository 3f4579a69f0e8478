"""The keys that work on every screen."""

from __future__ import annotations

from fttui.ui.actions import GLOBAL, Action, Place

PLACES: tuple[Place, ...] = (Place(GLOBAL, "Everywhere", inside=""),)


def _global(name: str, keys: str, label: str, help_line: str, method: str, *, in_footer: bool = False) -> Action:
    return Action(name, tuple(keys.split()), label, help_line, GLOBAL, method, in_footer)


def _screen(number: int, name: str, help_line: str) -> Action:
    return _global(f"screen.{name}", str(number), name.title(), help_line, f"app.show('{name}')")


ACTIONS: tuple[Action, ...] = (
    _screen(1, "examples", "Show the examples of the open file"),
    _screen(2, "cost", "Show what training and answers cost"),
    _screen(3, "jobs", "Show the fine-tuning jobs"),
    _screen(4, "playground", "Compare answers side by side"),
    _screen(5, "evals", "Score models on held-out examples"),
    _global("file.save", "ctrl+s", "Save", "Save the open file", "app.save", in_footer=True),
    _global("app.palette", "ctrl+p", "Actions", "Find and run any action by its name", "app.command_palette"),
    _global("app.jump", "ctrl+o", "Jump", "Jump to any pane with one key", "app.jump"),
    _global("focus.next", "tab", "Next pane", "Move to the next pane", "app.focus_next"),
    _global("focus.previous", "shift+tab", "Previous pane", "Move to the previous pane", "app.focus_previous"),
    _global("selection.copy", "ctrl+c", "Copy", "Copy what is selected with the mouse", "screen.copy_text"),
    _global("app.theme", "f3", "Theme", "Change to the next theme", "app.change_theme"),
    _global("app.cancel", "f8", "Stop", "Stop the work in the status line", "app.cancel_work"),
    _global("app.quit", "ctrl+q", "Quit", "Leave fttui; unsaved changes are asked about", "app.quit"),
    _global("app.help", "question_mark f1", "Help", "Say what can be done here", "app.help", in_footer=True),
)
