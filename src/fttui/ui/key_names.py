"""Names of keys: what keys.toml may say, how Textual calls it, how a person reads it.

Textual accepts any name for a key and never presses the ones that do not exist, so names are checked here.
"""

from __future__ import annotations

import difflib
import unicodedata
from typing import Final

MODIFIERS: Final = ("alt", "ctrl", "hyper", "meta", "shift", "super")
NAMED: Final = frozenset(
    {"up", "down", "left", "right", "home", "end", "insert", "delete", "pageup", "pagedown"}
    | {"tab", "enter", "escape", "space", "backspace"}
    | {f"f{number}" for number in range(1, 25)}
)

# A terminal sends one byte for both of these (the key pressed : the key that arrives).
_SAME: Final = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+left_square_bracket": "escape",
    "ctrl+h": "backspace",
    "ctrl+space": "ctrl+at",
}
_IMPOSSIBLE: Final = frozenset(_SAME) - {"ctrl+space"}
_OTHER_NAMES: Final = {
    "esc": "escape", "return": "enter", "del": "delete", "ins": "insert", "pgup": "pageup", "page_up": "pageup",
    "pgdn": "pagedown", "pgdown": "pagedown", "page_down": "pagedown", "control": "ctrl", "cmd": "super",
    "command": "super", "option": "alt", "bs": "backspace", "backtab": "shift+tab",
}  # fmt: skip
# Textual's short forms of the Unicode names.
_SHORT: Final = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_LABELS: Final = {"up": "↑", "down": "↓", "left": "←", "right": "→", "pageup": "pgup", "pagedown": "pgdn"} | {
    "escape": "esc",
    "delete": "del",
}


def _name_of_character(character: str) -> str:
    if character.isalnum():
        return character
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _SHORT.get(name, name)


_CHARACTERS: Final = {_name_of_character(chr(code)): chr(code) for code in range(0x21, 0x7F)}
"""Textual's name of each printable ASCII character but the blank."""


class KeyNameError(ValueError):
    """A name that no key has; the message says which and what to write instead."""


def normalise(text: str) -> str:
    """The name Textual gives the key that ``text`` means: ``?`` → ``question_mark``, ``shift+ctrl+up`` → sorted.

    Raises:
        KeyNameError: There is no such key, or a terminal cannot tell it from another one.
    """
    text = text.strip()
    if not text:
        raise KeyNameError("no key is named")
    *modifiers, base = _split(text)
    for modifier in modifiers:
        if modifier not in MODIFIERS:
            raise KeyNameError(f'"{text}": "{modifier}" is no modifier{_hint(modifier, MODIFIERS)}')
    base = _base(text, base)
    if modifiers and len(base) == 1 and base.isupper():
        raise KeyNameError(f'"{text}": write "{"+".join([*sorted({*modifiers, "shift"}), base.lower()])}"')
    if set(modifiers) == {"shift"} and base in _CHARACTERS:
        wanted = f'"{base.upper()}"' if base.isalpha() and len(base) == 1 else "the character that it types"
        raise KeyNameError(f'"{text}": with shift alone another character is typed; write {wanted}')
    name = "+".join([*sorted(set(modifiers)), base])
    if name in _IMPOSSIBLE:
        raise KeyNameError(f'"{text}": a terminal sends {_SAME[name]} for it; write "{_SAME[name]}" or another key')
    return _SAME.get(name, name)


def _split(text: str) -> list[str]:
    if len(text) == 1:
        return [text]
    if text.endswith("++"):
        return [*text[:-2].lower().split("+"), "plus"]
    *modifiers, base = text.split("+")
    return [*(modifier.strip().lower() for modifier in modifiers), base.strip()]


def _base(text: str, base: str) -> str:
    if base == " ":
        return "space"
    if len(base) == 1:
        if not base.isprintable():
            raise KeyNameError(f"{text!r} is no key")
        return _name_of_character(base)
    lower = base.lower()
    lower = _SHORT.get(lower, lower)
    if lower in NAMED or lower in _CHARACTERS:
        return lower
    if lower in _OTHER_NAMES:
        raise KeyNameError(f'"{text}": the key is called "{_OTHER_NAMES[lower]}" here')
    raise KeyNameError(f'"{text}": there is no key "{base}"{_hint(lower, (*NAMED, *_CHARACTERS))}')


def _hint(word: str, known: tuple[str, ...]) -> str:
    if word in _OTHER_NAMES:
        return f'; did you mean "{_OTHER_NAMES[word]}"?'
    near = difflib.get_close_matches(word, known, 1, 0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def types_a_character(name: str) -> bool:
    """Whether pressing the key in a text field would write something instead of running an action."""
    return name == "space" or name in _CHARACTERS or (len(name) == 1 and name.isprintable())


def label(name: str) -> str:
    """How a person reads a key: ``?``, ``ctrl+s``, ``↑``, ``esc``."""
    if name == "ctrl+at":
        return "ctrl+space"
    *modifiers, base = name.split("+")
    shown = _LABELS.get(base) or _CHARACTERS.get(base) or base
    return "+".join([*modifiers, shown])
