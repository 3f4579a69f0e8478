"""keys.toml: the user's own keys for any action, with a sentence for everything in it that cannot be.

[keys]
"example.delete" = "x,delete"
"app.quit" = ["ctrl+q", "f10"]
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fttui.core.paths import config_dir
from fttui.ui.actions import Action
from fttui.ui.key_names import KeyNameError, label, normalise, types_a_character
from fttui.ui.keys import ACTIONS, BY_ID, PLACES, TEXT_PLACES


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys in use.

    Attributes:
        overrides: Keys, in Textual's names, of the actions that keys.toml moved.
        problems: A sentence for each entry that was not used.
    """

    overrides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def keys_of(self, action: Action) -> tuple[str, ...]:
        """The keys of ``action`` in Textual's names, the most usual first."""
        return self.overrides.get(action.id) or tuple(normalise(key) for key in action.keys)

    def label_of(self, action: Action) -> str:
        """The first key of ``action`` as a person reads it."""
        return label(self.keys_of(action)[0])

    def label_while_typing(self, action: Action) -> str | None:
        """The first key that runs ``action`` while a text has the focus; None when all its keys write a character."""
        return next((label(key) for key in self.keys_of(action) if not types_a_character(key)), None)

    def labels_of(self, action: Action) -> str:
        """All keys of ``action`` as a person reads them."""
        return " ".join(label(key) for key in self.keys_of(action))

    def for_textual(self) -> dict[str, str]:
        """What ``App.set_keymap`` takes."""
        return {action_id: ",".join(keys) for action_id, keys in self.overrides.items()}


def keymap_file() -> Path:
    return config_dir() / "keys.toml"


def load_keymap(path: Path | None = None) -> Keymap:
    """Read keys.toml; a wrong entry keeps its default keys and is reported, a missing file is all defaults."""
    path = path or keymap_file()
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return Keymap()
    except (OSError, UnicodeDecodeError) as error:
        return Keymap(problems=(f"{path}: cannot be read: {error}.",))
    except tomllib.TOMLDecodeError as error:
        return Keymap(problems=(f"{path}: not TOML: {error}.",))
    problems = [f"{path}: {key}: only a table [keys] belongs here." for key in table if key != "keys"]
    keys = table.get("keys", {})
    if not isinstance(keys, dict):
        return Keymap(problems=(*problems, f"{path}: keys: expected a table, found {keys!r}."))
    overrides: dict[str, tuple[str, ...]] = {}
    for action_id, value in _flat(keys):
        try:
            overrides[action_id] = _read(action_id, value)
        except KeyNameError as error:
            problems.append(f"{path}: keys.{action_id}: {error}.")
    problems.extend(f"{path}: {problem}" for problem in _drop_clashes(overrides))
    return Keymap(overrides, tuple(problems))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """TOML reads ``row.delete = "x"`` without quotes as tables in tables: join the names again."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _read(action_id: str, value: Any) -> tuple[str, ...]:
    action = BY_ID.get(action_id)
    if action is None:
        near = difflib.get_close_matches(action_id, BY_ID, 1, 0.6)
        raise KeyNameError("there is no such action" + (f'; did you mean "{near[0]}"?' if near else ""))
    if isinstance(value, str):
        names = value.split(",")
    elif isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        names = value
    else:
        raise KeyNameError(f'expected keys such as "x,delete", found {value!r}')
    keys = tuple(dict.fromkeys(normalise(name) for name in names))
    for key in keys:
        if (action.priority or action.where in TEXT_PLACES) and types_a_character(key):
            raise KeyNameError(f'"{label(key)}" types a character there; use a key with ctrl or alt, or a function key')
    return keys


def _drop_clashes(overrides: dict[str, tuple[str, ...]]) -> list[str]:
    """Remove from ``overrides`` what would take a key from another action; say so in the order of the file.

    Removing one gives it its default keys back, which may be what another one was moved to: look again until calm.
    """
    problems: list[str] = []
    while (clash := _first_clash(overrides)) is not None:
        action, key, other = clash
        del overrides[action.id]
        problems.append(
            f'keys.{action.id}: "{label(key)}" is already {other.id} ({other.help[0].lower()}{other.help[1:]}); '
            f"give that one another key, or choose another here."
        )
    return problems


def _first_clash(overrides: Mapping[str, tuple[str, ...]]) -> tuple[Action, str, Action] | None:
    keymap = Keymap(overrides)
    by_key: dict[str, list[Action]] = {}
    for action in ACTIONS:
        for key in keymap.keys_of(action):
            by_key.setdefault(key, []).append(action)
    for action_id in reversed([*overrides]):
        action = BY_ID[action_id]
        for key in overrides[action_id]:
            for other in by_key[key]:
                if other is not action and _meet(action.where, other.where):
                    return action, key, other
    return None


def _meet(one: str, other: str) -> bool:
    """Whether two places hear the same key presses: the same one, or one inside the other."""
    return one in _around(other) or other in _around(one)


def _around(name: str) -> Iterator[str]:
    while name:
        yield name
        place = PLACES.get(name)
        name = place.inside if place else ""
