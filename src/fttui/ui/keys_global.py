"""The keys that work on every screen."""

from __future__ import annotations

from fttui.ui.actions import GLOBAL, Action, Place

PLACES: tuple[Place, ...] = (Place(GLOBAL, "Everywhere", inside=""),)


def _screen(number: int, name: str, help_line: str) -> Action:
    return Action(f"screen.{name}", (str(number),), name.title(), help_line, GLOBAL, f"app.show('{name}')")


ACTIONS: tuple[Action, ...] = (
    _screen(1, "examples", "Show the examples of the open file"),
    _screen(2, "cost", "Show what training and answers cost"),
    _screen(3, "jobs", "Show the fine-tuning jobs"),
    _screen(4, "playground", "Compare answers side by side"),
    _screen(5, "evals", "Score models on held-out examples"),
    Action("file.save", ("ctrl+s",), "Save", "Save the open file", GLOBAL, "app.save", in_footer=True),
    Action("app.palette", ("ctrl+p",), "Palette", "Find and run any action by name", GLOBAL, "app.command_palette"),
    Action("app.jump", ("ctrl+o",), "Jump", "Jump to any pane with one key", GLOBAL, "app.jump"),
    Action(
        "app.help", ("question_mark", "f1"), "Help", "Say what can be done here", GLOBAL, "app.help", in_footer=True
    ),
    Action("app.theme", ("f2",), "Theme", "Choose another theme", GLOBAL, "app.change_theme"),
    Action("app.cancel", ("f8",), "Cancel", "Stop the work in the status line", GLOBAL, "app.cancel_work"),
    Action("focus.next", ("tab",), "Next pane", "Move to the next pane", GLOBAL, "app.focus_next"),
    Action(
        "focus.previous", ("shift+tab",), "Previous pane", "Move to the previous pane", GLOBAL, "app.focus_previous"
    ),
    Action("selection.copy", ("ctrl+c",), "Copy", "Copy what is selected with the mouse", GLOBAL, "screen.copy_text"),
    Action("app.quit", ("ctrl+q",), "Quit", "Leave fttui; unsaved changes are asked about", GLOBAL, "app.quit"),
)
