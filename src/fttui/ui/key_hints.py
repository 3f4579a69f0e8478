"""Entries for the footer of a dialog that names its own keys."""

from __future__ import annotations

from collections.abc import Iterable

from fttui.ui.keymap import Keymap
from fttui.ui.keys import BY_ID


def hints(keymap: Keymap, names: Iterable[str]) -> list[tuple[str, str, str]]:
    """Key, label and id of each of these actions, as `KeyBar.show` takes them."""
    return [(keymap.label_of(BY_ID[name]), BY_ID[name].label, name) for name in names]
