"""The registry: every action of every screen, in one tuple, and the bindings made from it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from fttui.ui.actions import Action, Place
from fttui.ui.key_names import label, normalise

if TYPE_CHECKING:
    from textual.binding import BindingType

_MODULES = (
    "global", "files", "examples", "checks", "seen", "curating", "cost", "jobs", "playground", "evals", "dialogs",
    "text",
)  # fmt: skip

TEXT_PLACES = ("text", "field")
"""Where a plain character is written instead of being a key."""


def _collect() -> tuple[tuple[Action, ...], dict[str, Place]]:
    actions: list[Action] = []
    places: dict[str, Place] = {}
    for name in _MODULES:
        module = import_module(f"fttui.ui.keys_{name}")
        actions.extend(module.ACTIONS)
        default = (Place(name, name.title()),)
        places |= {place.name: place for place in getattr(module, "PLACES", default)}
    return tuple(actions), places


ACTIONS, PLACES = _collect()
BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}


def actions_for(where: str) -> tuple[Action, ...]:
    """The actions of one place, in the registry's order."""
    return tuple(action for action in ACTIONS if action.where == where)


def bindings_for(where: str) -> list[BindingType]:
    """Textual bindings for the ``BINDINGS`` of the screen or widget whose ``WHERE`` is ``where``.

    They hold the default keys; the app's keymap overrides them by id.
    """
    from textual.binding import Binding

    return [
        Binding(
            ",".join(action.keys),
            action.method,
            action.label,
            show=action.in_footer,
            priority=action.priority,
            tooltip=action.help,
            id=action.id,
        )
        for action in actions_for(where)
    ]


def keys_table() -> str:
    """The README's table of keys, in Markdown; the usual keys of text fields are left out."""
    rows = ["| Keys | What they do | Name in `keys.toml` |", "|---|---|---|"]
    for name, place in PLACES.items():
        if name in TEXT_PLACES:
            continue
        rows.append(f"| **{place.title}** | | |")
        for action in actions_for(name):
            keys = " ".join(_as_code(label(normalise(key))) for key in action.keys)
            rows.append(f"| {keys} | {action.help} | `{action.id}` |")
    return "\n".join(rows) + "\n"


def _as_code(key: str) -> str:
    key = key.replace("|", "\\|")
    return f"`` {key} ``" if "`" in key else f"`{key}`"
