"""Themes from TOML files, checked before Textual sees them: a bad colour or a missing variable would end the app.

name = "ink"
dark = true
[colors]      # all of COLORS
[variables]   # all of APP_VARIABLES, and any of Textual's own in TEXTUAL_VARIABLES
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from textual.color import Color, ColorParseError
from textual.theme import Theme

import fttui
from fttui.core.errors import SettingsError
from fttui.core.paths import config_dir

if TYPE_CHECKING:
    from textual.app import App

DEFAULT_THEME: Final = "ink"
COLORS: Final = (
    "background", "surface", "panel", "foreground", "primary", "secondary", "accent", "success", "warning", "error",
)  # fmt: skip
APP_VARIABLES: Final[Mapping[str, str]] = {
    "role-system": "#b09be0",
    "role-user": "#72b8cd",
    "role-assistant": "#9cc68a",
    "role-tool": "#d6aa72",
    "chart-1": "#7ea6dc",
    "chart-2": "#e2a763",
    "chart-3": "#9cc68a",
    "chart-4": "#cc90c4",
    "issue-error": "#e5827b",
    "issue-warn": "#dcae62",
    "diff-add": "#8fc07f",
    "diff-del": "#e5827b",
}
"""What every theme must define; the values only stand in until a theme is set."""

_STYLES: Final = frozenset({"none", "bold", "dim", "italic", "underline", "reverse", "not"})
_STYLE_VARIABLES: Final = frozenset(
    {"block-cursor-text-style", "block-cursor-blurred-text-style", "button-focus-text-style", "link-style"}
    | {"link-style-hover"}
)
_COLOR_VARIABLES: Final = frozenset(
    {f"block-cursor-{part}" for part in ("background", "foreground", "blurred-background", "blurred-foreground")}
    | {f"input-{part}" for part in ("cursor-background", "cursor-foreground", "selection-background")}
    | {f"footer-{part}" for part in ("background", "foreground", "key-background", "key-foreground")}
    | {f"footer-{part}" for part in ("description-background", "description-foreground", "item-background")}
    | {f"scrollbar{part}" for part in ("", "-hover", "-active", "-corner-color")}
    | {f"scrollbar-background{part}" for part in ("", "-hover", "-active")}
    | {f"link-{part}" for part in ("color", "background", "background-hover", "color-hover")}
    | {"border", "border-blurred", "block-hover-background", "button-color-foreground", "button-foreground"}
)
TEXTUAL_VARIABLES: Final = _STYLE_VARIABLES | _COLOR_VARIABLES


@dataclass(frozen=True, slots=True)
class LoadedThemes:
    """Themes that can be registered, by name, and a sentence for each file that could not be used."""

    themes: Mapping[str, Theme]
    problems: tuple[str, ...] = ()


def own_themes() -> Path:
    """The folder of the themes that come with fttui: inside a wheel, or beside ``src`` in an editable checkout."""
    package = Path(fttui.__file__).parent
    inside = package / "themes"
    return inside if inside.is_dir() else package.parents[1] / "themes"


def user_themes() -> Path:
    return config_dir() / "themes"


def load_themes(folders: Iterable[Path] | None = None) -> LoadedThemes:
    """Read every ``*.toml`` of the folders; a theme with the name of an earlier one replaces it."""
    themes: dict[str, Theme] = {}
    problems: list[str] = []
    for folder in folders if folders is not None else (own_themes(), user_themes()):
        for path in sorted(folder.glob("*.toml")):
            try:
                theme = read_theme(path)
            except SettingsError as error:
                problems.append(str(error))
            else:
                themes[theme.name] = theme
    return LoadedThemes(themes, tuple(problems))


def register_themes(app: App[Any], loaded: LoadedThemes, wanted: str) -> tuple[str, ...]:
    """Give the themes to the app and use the ``wanted`` one, else the default; a sentence for each that cannot be."""
    for theme in loaded.themes.values():
        app.register_theme(theme)
    if wanted in loaded.themes:
        app.theme = wanted
        return loaded.problems
    if DEFAULT_THEME in loaded.themes:
        app.theme = DEFAULT_THEME
    known = ", ".join(loaded.themes)
    return (*loaded.problems, f'settings.toml: theme: there is no theme "{wanted}"; known: {known}.')


def read_theme(path: Path) -> Theme:
    """One theme file as a Textual theme.

    Raises:
        SettingsError: With the file, and every key in it that is wrong or missing.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}.") from error
    problems = [*_problems(table)]
    if problems:
        raise SettingsError(f"{path}: {'; '.join(problems)}.")
    return Theme(name=table["name"], dark=table["dark"], variables=dict(table["variables"]), **table["colors"])


def _problems(table: Mapping[str, Any]) -> Iterable[str]:
    for key in table:
        if key not in ("name", "dark", "colors", "variables"):
            yield f"{key}: unknown key; a theme has name, dark, [colors] and [variables]"
    name = table.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[\w-]+", name):
        yield f"name: expected letters, digits, - and _, found {name!r}"
    if not isinstance(table.get("dark"), bool):
        yield "dark: missing, or neither true nor false"
    yield from _table_problems(table, "colors", COLORS, ())
    yield from _table_problems(table, "variables", tuple(APP_VARIABLES), TEXTUAL_VARIABLES)


def _table_problems(
    table: Mapping[str, Any], section: str, required: tuple[str, ...], optional: Iterable[str]
) -> Iterable[str]:
    values = table.get(section, {})
    if not isinstance(values, dict):
        yield f"{section}: expected a table"
        return
    known = {*required, *optional}
    for key, value in values.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1, 0.6)
            yield f"{section}.{key}: unknown key" + (f', did you mean "{near[0]}"?' if near else "")
        elif key in _STYLE_VARIABLES:
            if not isinstance(value, str) or not value or not set(value.split()) <= _STYLES:
                yield f"{section}.{key}: expected words of {', '.join(sorted(_STYLES))}, found {value!r}"
        elif not _is_color(value):
            yield f'{section}.{key}: {value!r} is no colour; write "#rrggbb"'
    missing = [key for key in required if key not in values]
    if missing:
        yield f"{section}: {', '.join(missing)} missing"


def _is_color(value: object) -> bool:
    """Whether Textual's style sheets can use ``value``: a colour, and for some a percentage of opacity."""
    if not isinstance(value, str):
        return False
    color, _, opacity = value.strip().partition(" ")
    if opacity and not (opacity.endswith("%") and opacity[:-1].isdigit() and int(opacity[:-1]) <= 100):
        return False
    try:
        parsed = Color.parse(color)
    except ColorParseError:
        return False
    return parsed.ansi is None


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two opaque colours, from 1 to 21 (WCAG 2.2, relative luminance)."""

    def luminance(text: str) -> float:
        channels = [channel / 255 for channel in Color.parse(text).rgb]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
