"""Questions that need an answer before anything goes on: Confirm, Choice and Prompt, all by keyboard.

Ask with ``answer = await self.app.push_screen_wait(Confirm(...))`` inside a task, or with a callback.
Texts may hold data: they are shown as plain text, made safe here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, NamedTuple, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from fttui.core.text import one_line, safe
from fttui.ui.keymap import Keymap
from fttui.ui.keys import BY_ID, bindings_for
from fttui.ui.widgets.text_fields import Field

T = TypeVar("T")
_LONGEST_LINE = 4_000


class Dialog(ModalScreen[T | None], Generic[T], inherit_bindings=False):
    """A framed box over the screen; escape closes it with None."""

    WHERE: ClassVar[str] = "dialog"
    BINDINGS = bindings_for("dialog")
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 70%;
        & > Vertical {
            width: 64; max-width: 94%; height: auto; max-height: 90%;
            background: $surface; border: round $border; border-title-color: $foreground; border-title-style: bold;
            padding: 1 2;
        }
        .dialog--text { height: auto; max-height: 12; }
        .dialog--text Static { width: 1fr; height: auto; }
        .dialog--answers { height: 1; margin-top: 1; align-horizontal: right; }
        Button { margin-left: 2; background: $panel; color: $foreground; }
        Button:focus { background: $primary; color: $background; text-style: bold; }
        Field { margin-top: 1; border: none; height: 1; padding: 0 1; background: $panel; }
        .dialog--problem { color: $issue-error; height: auto; }
        OptionList, OptionList:focus {
            height: auto; max-height: 14; margin-top: 1; border: none; background: $surface; padding: 0;
        }
    }
    """

    def __init__(self, title: str, *lines: str) -> None:
        super().__init__()
        self._title = one_line(title, 60)
        self._lines = lines

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(self._title)
            if self._lines:
                with VerticalScroll(classes="dialog--text", can_focus=False):
                    for line in self._lines:
                        yield Static(Content(safe(line[:_LONGEST_LINE])))
            yield from self.body()

    def body(self) -> ComposeResult:
        """What lies under the text."""
        yield from ()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return False if action == "answer" else super().check_action(action, parameters)

    def action_close(self) -> None:
        self.dismiss(None)


class Answer(NamedTuple, Generic[T]):
    """A button of a question.

    Attributes:
        name: ``yes``, ``no``, ``save`` or ``discard``: the action of the registry that gives this answer.
        label: What the button says.
        value: What the dialog returns.
    """

    name: str
    label: str
    value: T


class Question(Dialog[T]):
    """A text and a few answers; the first has the focus unless ``focus`` names another."""

    TAKES_EARLY_KEYS: ClassVar[bool] = False
    """Keys that were pressed before it was on the screen are no answers."""

    def __init__(self, title: str, *lines: str, answers: Sequence[Answer[T]], focus: str = "") -> None:
        super().__init__(title, *lines)
        self._answers = {answer.name: answer for answer in answers}
        self._focus = focus or answers[0].name

    def body(self) -> ComposeResult:
        with Horizontal(classes="dialog--answers"):
            for answer in self._answers.values():
                key = self._key_of(answer.name)
                label = Content.assemble((key, "bold"), f" {one_line(answer.label, 40)}")
                yield Button(label, id=f"answer-{answer.name}", compact=True)

    def _key_of(self, name: str) -> str:
        """The key of an answer as the footer would show it."""
        keymap: Keymap = getattr(self.app, "keymap", Keymap())
        return keymap.label_of(BY_ID[f"dialog.{name}"])

    def on_mount(self) -> None:
        self.query_one(f"#answer-{self._focus}").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return parameters[0] in self._answers if action == "answer" else True

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.action_answer((event.button.id or "").removeprefix("answer-"))

    def action_answer(self, name: str) -> None:
        self.dismiss(self._answers[name].value)


class Confirm(Question[bool]):
    """Yes or no, for what cannot be undone: name the thing and the price in ``lines``; escape is no (None).

    Args:
        yes: The verb of what will happen: "Train for $3.72", never "OK".
        cautious: Whether the focus starts on no, so that a stray enter does nothing.
    """

    def __init__(self, title: str, *lines: str, yes: str, no: str = "Cancel", cautious: bool = False) -> None:
        answers = (Answer("yes", yes, True), Answer("no", no, False))
        super().__init__(title, *lines, answers=answers, focus="no" if cautious else "yes")


class ChoiceList(OptionList, inherit_bindings=False):
    """A list of options with keys from the registry."""

    WHERE: ClassVar[str] = "list"
    BINDINGS = bindings_for("list")


class Choice(Dialog[T]):
    """One of several values, each with a label; None when closed.

    Args:
        options: Labels and values.
        current: The value that the cursor starts on.
    """

    def __init__(self, title: str, *lines: str, options: Sequence[tuple[str, T]], current: T | None = None) -> None:
        super().__init__(title, *lines)
        self._options = options
        self._current = current

    def body(self) -> ComposeResult:
        yield ChoiceList(*(Option(Content(one_line(label, 200))) for label, _ in self._options), markup=False)

    def on_mount(self) -> None:
        choices = self.query_one(ChoiceList)
        values = [value for _, value in self._options]
        choices.highlighted = values.index(self._current) if self._current in values else 0 if values else None
        self.set_focus(choices)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._options[event.option_index][1])


class Prompt(Dialog[str]):
    """One line of text; None when closed.

    Args:
        value: What the field starts with.
        is_kept: Whether what is typed comes after the value, not in its place.
        check: Says what is wrong with an answer, or returns "" to take it.
    """

    def __init__(
        self,
        title: str,
        *lines: str,
        value: str = "",
        placeholder: str = "",
        is_kept: bool = False,
        check: Callable[[str], str] = lambda _: "",
    ) -> None:
        super().__init__(title, *lines)
        self._value = value
        self._is_kept = is_kept
        self._placeholder = placeholder
        self._check = check

    def body(self) -> ComposeResult:
        yield Field(value=self._value, placeholder=self._placeholder, select_on_focus=not self._is_kept)
        yield Static(classes="dialog--problem", markup=False)

    def on_mount(self) -> None:
        self.set_focus(self.query_one(Field))

    def on_input_changed(self, event: Input.Changed) -> None:
        self.query_one(".dialog--problem", Static).update("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if problem := self._check(event.value):
            self.query_one(".dialog--problem", Static).update(Content(safe(problem)))
        else:
            self.dismiss(event.value)
