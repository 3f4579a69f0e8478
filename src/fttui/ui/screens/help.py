"""`?`: what can be done here, from the focused part outwards, made from the registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from fttui.ui.actions import GLOBAL
from fttui.ui.key_names import label
from fttui.ui.keymap import Keymap
from fttui.ui.keys import BY_ID, PLACES, TEXT_PLACES, actions_for, bindings_for


class HelpScreen(ModalScreen[None], inherit_bindings=False):
    """Keys and help lines of the focused widget, its screen and the app.

    Args:
        under: The screen that the person is on.
        keymap: The keys in use.
    """

    WHERE: ClassVar[str] = "help"
    BINDINGS = bindings_for("help")
    DEFAULT_CSS = """
    HelpScreen {
        align: center middle; background: $background 70%;
        & > VerticalScroll {
            width: 90; max-width: 94%; height: auto; max-height: 92%; padding: 1 2; scrollbar-size-vertical: 1;
            background: $surface; border: round $border; border-title-color: $foreground; border-title-style: bold;
            border-subtitle-color: $foreground 70%;
        }
        Static { height: auto; }
        .help--place { margin-top: 1; color: $primary; text-style: bold; }
        .help--about { color: $foreground 85%; }
    }
    """

    def __init__(self, under: Screen[Any], keymap: Keymap) -> None:
        super().__init__()
        self._under = under
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        key = self._keymap.label_of
        with VerticalScroll() as box:
            box.border_title = "What can be done here"
            box.border_subtitle = (
                f"{key(BY_ID['help.close'])} closes, {key(BY_ID['app.palette'])} finds any action by its name"
            )
            for about in help_texts(self._under):
                yield Static(about, classes="help--about", markup=False)
            places = places_of(self._under)
            width = max(len(keys) for where in places for keys, _ in help_rows(where, self._keymap))
            for where in places:
                yield Static(PLACES[where].title, classes="help--place", markup=False)
                yield Static(help_table(help_rows(where, self._keymap), width))

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def action_close(self) -> None:
        self.dismiss(None)


def places_of(screen: Screen[Any]) -> list[str]:
    """The places that hear keys on ``screen`` now, from the focused widget outwards.

    The many keys of a text come last: who looks for help seldom looks for the arrow keys.
    """
    chain = screen.focused.ancestors_with_self if screen.focused is not None else [screen]
    names = [getattr(node, "WHERE", "") for node in chain]
    found = [*dict.fromkeys(name for name in names if name in PLACES and actions_for(name)), GLOBAL]
    return sorted(found, key=lambda name: name in TEXT_PLACES)


def help_texts(screen: Screen[Any]) -> Iterator[str]:
    """What the screen, and then the focused widget, say about themselves."""
    chain = list(reversed(screen.focused.ancestors_with_self)) if screen.focused is not None else [screen]
    for node in chain:
        if text := getattr(node, "HELP_TEXT", ""):
            yield text


_WIDEST_KEYS = 18


def help_rows(where: str, keymap: Keymap) -> list[tuple[str, str]]:
    """For each action of a place: its keys, as many as fit, and its help line."""
    return [(_keys(keymap.keys_of(action)), action.help) for action in actions_for(where)]


def help_table(rows: list[tuple[str, str]], width: int) -> Content:
    """One line an action, its keys in a column of ``width``."""
    return Content("\n").join(Content.assemble((f"{keys:<{width}}  ", "bold"), text) for keys, text in rows)


def _keys(names: tuple[str, ...]) -> str:
    labels = [label(name) for name in names]
    while len(labels) > 1 and len(" ".join(labels)) > _WIDEST_KEYS:
        labels.pop()
    return " ".join(labels)
