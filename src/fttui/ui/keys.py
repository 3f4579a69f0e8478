"""The registry: every action of every screen, in one tuple, and the bindings made from it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from fttui.ui.actions import Action, Place

if TYPE_CHECKING:
    from textual.binding import Binding

_MODULES = ("global", "examples", "cost", "jobs", "playground", "evals", "dialogs", "text")


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


def bindings_for(where: str) -> list[Binding]:
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
