"""keys.toml: what can be remapped is, what cannot is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from fttui.ui.keymap import Keymap, keymap_file, load_keymap
from fttui.ui.keys import BY_ID


def load(home: Path, text: str) -> Keymap:
    path = home / "config" / "keys.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert path == keymap_file()
    return load_keymap()


def test_no_file_is_all_defaults() -> None:
    keymap = load_keymap()
    assert keymap == Keymap()
    assert keymap.keys_of(BY_ID["file.save"]) == ("ctrl+s",)
    assert keymap.labels_of(BY_ID["app.help"]) == "? f1"


@pytest.mark.parametrize(
    "text",
    [
        '[keys]\n"file.save" = "f10,ctrl+g"',
        '[keys]\n"file.save" = ["f10", "ctrl+g"]',
        '[keys]\nfile.save = "f10 , ctrl+g"',
        '[keys.file]\nsave = "f10,ctrl+g"',
    ],
)
def test_an_action_gets_other_keys(fttui_home: Path, text: str) -> None:
    keymap = load(fttui_home, text)
    assert keymap.problems == ()
    assert keymap.keys_of(BY_ID["file.save"]) == ("f10", "ctrl+g")
    assert keymap.for_textual() == {"file.save": "f10,ctrl+g"}


def test_two_actions_can_change_places(fttui_home: Path) -> None:
    keymap = load(fttui_home, '[keys]\n"app.jump" = "ctrl+p"\n"app.palette" = "ctrl+o"')
    assert keymap.problems == ()
    assert keymap.label_of(BY_ID["app.jump"]) == "ctrl+p"


def test_places_that_never_meet_may_share_a_key(fttui_home: Path) -> None:
    keymap = load(fttui_home, '[keys]\n"jobs.new" = "f9"\n"playground.run" = "f9"')
    assert keymap.problems == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[keys]\n"file.sav" = "f10"', 'keys.file.sav: there is no such action; did you mean "file.save"?'),
        ('[keys]\n"nothing.at_all" = "f10"', "keys.nothing.at_all: there is no such action"),
        ('[keys]\n"file.save" = "ctrl+bananas"', 'keys.file.save: "ctrl+bananas": there is no key "bananas"'),
        ('[keys]\n"file.save" = "ctrl+i"', "a terminal sends tab for it"),
        ('[keys]\n"file.save" = ""', "no key is named"),
        ('[keys]\n"file.save" = []', "expected keys such as"),
        ('[keys]\n"file.save" = 7', "expected keys such as"),
        ('[keys]\n"file.save" = "ctrl+p"', '"ctrl+p" is already app.palette (find and run any action by its name)'),
        ('[keys]\n"jobs.new" = "ctrl+s"', '"ctrl+s" is already file.save'),
        ('[keys]\n"file.save" = "n"', '"n" is already'),
        ('[keys]\n"jobs.new" = "c"', '"c" is already jobs.cancel'),
        ('[keys]\n"text.undo" = "u"', '"u" types a character there'),
        ("[key]\n", "key: only a table [keys] belongs here"),
        ("keys = 3\n", "keys: expected a table"),
        ("not toml", "not TOML"),
    ],
)
def test_what_cannot_be_is_said_with_file_and_key(fttui_home: Path, text: str, said: str) -> None:
    keymap = load(fttui_home, text)
    assert keymap.overrides == {}
    assert len(keymap.problems) == 1
    assert keymap.problems[0].startswith(str(keymap_file()))
    assert said in keymap.problems[0]


def test_a_wrong_entry_does_not_take_the_others_with_it(fttui_home: Path) -> None:
    keymap = load(fttui_home, '[keys]\n"file.save" = "f10"\n"app.jump" = "ctrl+m"\n"no.thing" = "x"')
    assert keymap.overrides == {"file.save": ("f10",)}
    assert len(keymap.problems) == 2


def test_a_refused_entry_that_keeps_its_key_refuses_who_wanted_that_key(fttui_home: Path) -> None:
    text = '[keys]\n"app.palette" = "ctrl+o"\n"app.jump" = "ctrl+s"'
    keymap = load(fttui_home, text)
    assert keymap.overrides == {}
    assert len(keymap.problems) == 2


def test_a_file_that_cannot_be_read_is_a_sentence(fttui_home: Path) -> None:
    keymap_file().mkdir(parents=True)
    assert "cannot be read" in load_keymap().problems[0]


def test_while_typing_a_key_that_writes_a_character_is_not_offered() -> None:
    keymap = Keymap()
    assert keymap.label_while_typing(BY_ID["find.open"]) is None
    assert keymap.label_while_typing(BY_ID["app.help"]) == "f1"
    assert keymap.label_while_typing(BY_ID["file.save"]) == "ctrl+s"
