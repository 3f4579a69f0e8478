"""Themes: ours are complete and can be read, others are checked before they can do harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from fttui.core.errors import SettingsError
from fttui.ui.theming import APP_VARIABLES, COLORS, contrast, load_themes, own_themes, read_theme, user_themes

OWN = load_themes([own_themes()])
INK = (own_themes() / "ink.toml").read_text("utf-8")


def test_ink_and_paper_come_with_us() -> None:
    assert OWN.problems == ()
    assert {name: theme.dark for name, theme in OWN.themes.items()} == {"ink": True, "paper": False}


@pytest.mark.parametrize("name", OWN.themes)
@pytest.mark.parametrize("color", ["foreground", "primary", "secondary", "success", "warning", "error", *APP_VARIABLES])
def test_every_colour_can_be_read_on_every_ground(name: str, color: str) -> None:
    theme = OWN.themes[name]
    text = theme.variables.get(color) or getattr(theme, color)
    least = 3.0 if color.startswith("chart") else 4.5
    for ground in (theme.background, theme.surface, theme.panel):
        assert ground is not None
        assert contrast(text, ground) >= least
    cursor = theme.variables["block-cursor-background"]
    assert contrast(theme.variables["block-cursor-foreground"], cursor) >= 4.5


def test_roles_can_be_told_apart() -> None:
    for theme in OWN.themes.values():
        assert len({value for key, value in theme.variables.items() if key.startswith("role-")}) == 4
        assert len({value for key, value in theme.variables.items() if key.startswith("chart-")}) == 4


def test_black_on_white_is_the_greatest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('primary = "#7ea6dc"', 'primary = "notacolour"', "colors.primary: 'notacolour' is no colour"),
        ('primary = "#7ea6dc"', "primary = 7", "colors.primary: 7 is no colour"),
        ('primary = "#7ea6dc"', "", "colors: primary missing"),
        ('role-tool = "#d6aa72"', "", "variables: role-tool missing"),
        ('role-tool = "#d6aa72"', 'role-tol = "#d6aa72"', 'variables.role-tol: unknown key, did you mean "role-tool"?'),
        ('border = "#7ea6dc"', 'border = "#7ea6dc 200%"', "variables.border"),
        ('block-cursor-text-style = "none"', 'block-cursor-text-style = "loud"', "expected words of"),
        ("dark = true", "dark = 1", "dark: missing, or neither true nor false"),
        ('name = "ink"', 'name = "a,b"', "name: expected letters"),
        ('name = "ink"', "", "name: expected letters"),
        ('name = "ink"', 'name = "ink"\nfont = "x"', "font: unknown key"),
        ("[colors]", "[colours]", "colours: unknown key"),
        ("[colors]", "[colors", "not TOML"),
    ],
)
def test_a_wrong_theme_is_a_sentence_with_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "mine.toml"
    assert old in INK
    path.write_text(INK.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_theme(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_a_users_theme_is_added_and_may_replace_ours() -> None:
    folder = user_themes()
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(INK.replace('"ink"', '"mine"'), encoding="utf-8")
    (folder / "other.toml").write_text(INK.replace('primary = "#7ea6dc"', 'primary = "#ffffff"'), encoding="utf-8")
    (folder / "broken.toml").write_text("name = 3", encoding="utf-8")
    loaded = load_themes()
    assert set(loaded.themes) >= {"ink", "paper", "mine"}
    assert loaded.themes["ink"].primary == "#ffffff"
    assert len(loaded.problems) == 1
    assert "broken.toml" in loaded.problems[0]


def test_the_names_of_the_colours_are_those_of_textual() -> None:
    theme = OWN.themes["ink"]
    for color in COLORS:
        assert isinstance(getattr(theme, color), str)
