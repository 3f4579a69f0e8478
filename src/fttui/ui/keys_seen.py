"""The keys of an example as its model sees it."""

from __future__ import annotations

from fttui.ui.actions import Action, Place

PLACES: tuple[Place, ...] = (Place("seen", "In an example as the model sees it", inside=""),)


def _key(name: str, keys: str, label: str, help_line: str, method: str) -> Action:
    return Action(f"seen.{name}", tuple(keys.split()), label, help_line, "seen", method, in_footer=False)


ACTIONS: tuple[Action, ...] = (
    Action(
        "example.seen",
        ("b",),
        "Model's view",
        "Show the example as its model sees it: tokens, and what is trained on",
        "examples",
        "see_example",
        in_footer=False,
    ),
    _key("down", "down j", "Down", "Scroll down", "scroll(1)"),
    _key("up", "up k", "Up", "Scroll up", "scroll(-1)"),
    _key("page_down", "pagedown space", "Page down", "Scroll one page down", "page(1)"),
    _key("page_up", "pageup", "Page up", "Scroll one page up", "page(-1)"),
    _key("next", "right_square_bracket right", "Next example", "Show the next example", "step(1)"),
    _key("previous", "left_square_bracket left", "Previous example", "Show the example before", "step(-1)"),
    _key("close", "escape b q", "Close", "Back to the examples", "close"),
)
