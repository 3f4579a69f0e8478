"""Names of keys: every key that can be pressed, and a clear word about those that cannot."""

from __future__ import annotations

import string

import pytest
from textual.keys import _character_to_key, format_key

from fttui.ui.key_names import KeyNameError, label, normalise, types_a_character


@pytest.mark.parametrize("character", string.ascii_letters + string.digits + string.punctuation + "é")
def test_a_character_has_the_name_that_textual_gives_it(character: str) -> None:
    name = normalise(character)
    assert name == _character_to_key(character)
    assert label(name) == character
    assert normalise(name) == name
    assert types_a_character(name)


@pytest.mark.parametrize(
    ("text", "name", "shown"),
    [
        ("ctrl+s", "ctrl+s", "ctrl+s"),
        (" Ctrl+S".lower(), "ctrl+s", "ctrl+s"),
        ("shift+ctrl+up", "ctrl+shift+up", "ctrl+shift+↑"),
        ("f12", "f12", "f12"),
        ("ctrl++", "ctrl+plus", "ctrl++"),
        ("space", "space", "space"),
        ("ctrl+space", "ctrl+at", "ctrl+space"),
        ("PageUp", "pageup", "pgup"),
        ("escape", "escape", "esc"),
    ],
)
def test_a_name_is_brought_into_textuals_form(text: str, name: str, shown: str) -> None:
    assert normalise(text) == name
    assert label(name) == shown
    assert label(name) == shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ctrl+bananas", 'there is no key "bananas"'),
        ("ctrl+i", "a terminal sends tab for it"),
        ("ctrl+m", "a terminal sends enter for it"),
        ("ctrl+[", "a terminal sends escape for it"),
        ("ctrl+h", "a terminal sends backspace for it"),
        ("ctlr+s", 'did you mean "ctrl"'),
        ("ctrl+sapce", 'did you mean "space"'),
        ("ctrl+A", 'write "ctrl+shift+a"'),
        ("shift+a", 'write "A"'),
        ("shift+1", "the character that it types"),
        ("esc", 'called "escape"'),
        ("f25", 'there is no key "f25"'),
        ("", "no key is named"),
        ("  ", "no key is named"),
        ("\x1b", "is no key"),
        ("+x", "is no modifier"),
    ],
)
def test_a_key_that_cannot_be_pressed_is_refused_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(KeyNameError) as caught:
        normalise(text)
    assert said in str(caught.value)


def test_labels_agree_with_textual_on_plain_keys() -> None:
    for key in ("question_mark", "slash", "x", "f1", "up", "down"):
        assert label(key) == format_key(key)
