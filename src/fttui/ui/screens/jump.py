"""Jump mode: every pane shows a letter; pressing it moves there. The digits show the screens."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from fttui.ui.keys import actions_for, bindings_for

LETTERS = "asdfgqwertzxcvbhjklyuiopnm"


class JumpScreen(ModalScreen[str | Widget], inherit_bindings=False):
    """Returns the widget to focus, the name of the screen to show, or None."""

    WHERE: ClassVar[str] = "jump"
    BINDINGS = bindings_for("jump")
    DEFAULT_CSS = """
    JumpScreen {
        background: $background 40%;
        .jump--label {
            position: absolute; width: 3; height: 1; background: $primary; color: $background; text-style: bold;
        }
        .jump--hint {
            dock: bottom; width: 1fr; height: 1; background: $primary; color: $background; padding: 0 1;
        }
    }
    """

    def __init__(self, under: Screen[Any]) -> None:
        super().__init__()
        self._targets = dict(zip(LETTERS, targets_of(under), strict=False))
        self._screens = {action.keys[0]: action.id.removeprefix("screen.") for action in _screen_actions()}

    def compose(self) -> ComposeResult:
        for letter, widget in self._targets.items():
            label = Static(Content(f" {letter} "), classes="jump--label")
            label.styles.offset = (widget.region.x, widget.region.y)
            yield label
        yield Static(Content("A letter moves there, a digit shows a screen, esc stays"), classes="jump--hint")

    def on_key(self, event: events.Key) -> None:
        answer = self._targets.get(event.key) or self._screens.get(event.key)
        if answer is not None:
            event.stop()
            event.prevent_default()
            self.dismiss(answer)

    def action_close(self) -> None:
        self.dismiss(None)


def _screen_actions() -> list[Any]:
    return [action for action in actions_for("global") if action.id.startswith("screen.")]


def targets_of(screen: Screen[Any]) -> list[Widget]:
    """What can have the focus and can be seen now, in the order of tab."""
    whole = screen.region
    return [widget for widget in screen.focus_chain if widget.region and whole.overlaps(widget.region)]
