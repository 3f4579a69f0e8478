"""The registry: complete, unambiguous, and what the screens are bound to."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from textual.actions import parse
from textual.binding import Binding

from fttui.ui.actions import GLOBAL
from fttui.ui.key_names import normalise, types_a_character
from fttui.ui.keys import ACTIONS, PLACES, TEXT_PLACES, actions_for, bindings_for, keys_table


def test_every_id_is_unique_and_dotted() -> None:
    assert [name for name, times in Counter(action.id for action in ACTIONS).items() if times > 1] == []
    assert [action.id for action in ACTIONS if not re.fullmatch(r"[a-z]+\.[a-z_]+", action.id)] == []


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_an_action_says_what_it_does_and_where(action) -> None:  # type: ignore[no-untyped-def]
    assert action.keys
    assert action.label
    assert action.help[0].isupper()
    assert not action.help.endswith(".")
    assert action.where in PLACES
    parse(action.method)
    for key in action.keys:
        normalise(key)
        if action.where in TEXT_PLACES or action.priority:
            assert not types_a_character(normalise(key))


def test_no_two_actions_of_a_place_share_a_key() -> None:
    for where in PLACES:
        keys = Counter(normalise(key) for action in actions_for(where) for key in action.keys)
        assert [key for key, times in keys.items() if times > 1] == [], where


def test_no_screen_takes_a_key_of_the_app() -> None:
    everywhere = {normalise(key) for action in actions_for(GLOBAL) for key in action.keys}
    for name, place in PLACES.items():
        if place.inside == GLOBAL and name not in TEXT_PLACES:
            own = {normalise(key): action.id for action in actions_for(name) for key in action.keys}
            allowed = {"tab", "shift+tab", "ctrl+c"}  # a screen may order its panes itself
            assert {key: own[key] for key in own.keys() & everywhere - allowed} == {}


def test_bindings_carry_the_id_by_which_the_keymap_finds_them() -> None:
    bindings = bindings_for("text")
    assert all(isinstance(binding, Binding) and binding.id for binding in bindings)
    assert len(bindings) == len(actions_for("text"))


def test_the_table_for_the_readme_has_every_action_but_those_of_texts() -> None:
    table = keys_table()
    for action in ACTIONS:
        assert (f"| {action.help} |" in table) == (action.where not in TEXT_PLACES), action.id
    assert "| `ctrl+s` | Save the open file | `file.save` |" in table
