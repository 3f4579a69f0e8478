"""Something that is on or off."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from fttui.ui.keys import bindings_for


class Option(Widget, can_focus=True, inherit_bindings=False):
    """``[x] regex``: a sign, not only a colour, says whether it is on.

    Args:
        label: What is on or off; ours, never data.
    """

    WHERE = "option"
    BINDINGS = bindings_for("option")
    DEFAULT_CSS = """
    Option { width: auto; height: 1; margin-right: 3; }
    Option:focus { text-style: reverse; }
    """

    value: reactive[bool] = reactive(False)

    @dataclass
    class Changed(Message):
        """It was turned on or off."""

        option: Option
        value: bool

    def __init__(self, label: str, *, value: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._label = label
        self.set_reactive(Option.value, value)

    def render(self) -> Content:
        return Content(f"[{'x' if self.value else ' '}] {self._label}")

    def action_toggle_button(self) -> None:
        self.value = not self.value
        self.post_message(self.Changed(self, self.value))

    def on_click(self) -> None:
        self.action_toggle_button()
