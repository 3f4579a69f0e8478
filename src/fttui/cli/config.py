"""``fttui config``: where settings, keys and themes are, and what is wrong in them."""

from __future__ import annotations

import click

from fttui.cli.common import Output, output_options
from fttui.core import paths
from fttui.core.errors import SettingsError
from fttui.core.log import log_file
from fttui.core.settings import load_settings, settings_file


@click.group("config")
def command() -> None:
    """Where settings, keys and themes are, and what is wrong in them."""


@command.command("path")
@output_options
def path(output: Output) -> None:
    """Say where each file and folder is; FTTUI_HOME moves all of them."""
    from fttui.costs.prices import own_prices_file

    config = paths.config_dir()
    places = {
        "settings": settings_file(),
        "keys": config / "keys.toml",
        "prices": own_prices_file(),
        "themes": config / "themes",
        "data": paths.data_dir(),
        "cache": paths.cache_dir(),
        "log": log_file(),
    }
    if output.is_json:
        output.document({name: str(place) for name, place in places.items()})
        return
    rows = [(name, str(place), "" if place.exists() else "not there yet") for name, place in places.items()]
    output.table(("what", "where", ""), rows)


@command.command("check")
@output_options
@click.pass_context
def check(context: click.Context, output: Output) -> None:
    """Read settings, keys, prices and themes; exit status 1 when something in them is wrong."""
    problems = {
        "settings": (*load_settings().problems, *_target_problems()),
        "keys": _key_problems(),
        "prices": _price_problems(),
        "themes": _theme_problems(),
    }
    if output.is_json:
        output.document(
            {"ok": not any(problems.values()), "problems": [p for found in problems.values() for p in found]}
        )
    else:
        for name, found in problems.items():
            output.text(f"{name}: {'fine' if not found else ''}".rstrip())
            for problem in found:
                output.text(f"  {problem}")
    context.exit(1 if any(problems.values()) else 0)


@command.command("keys")
@output_options
def keys(output: Output) -> None:
    """List every action with its keys; keys.toml changes them by the action's id."""
    from fttui.ui.keymap import load_keymap
    from fttui.ui.keys import ACTIONS

    keymap = load_keymap()
    rows = [
        {
            "id": action.id,
            "keys": list(keymap.keys_of(action)),
            "default": list(action.keys),
            "where": action.where,
            "help": action.help,
        }
        for action in ACTIONS
    ]
    if output.is_json:
        output.document({"keys": rows})
    else:
        output.table(
            ("action", "keys", "where", "what it does"),
            [(action.id, keymap.labels_of(action), action.where, action.help) for action in ACTIONS],
        )
    for problem in keymap.problems:
        output.note(problem)


@command.command("themes")
@output_options
def themes(output: Output) -> None:
    """List the themes that can be used, and where the user's own belong."""
    from fttui.ui.theming import load_themes, user_themes

    loaded = load_themes()
    used = load_settings().settings.theme
    rows = [{"name": name, "dark": theme.dark, "used": name == used} for name, theme in sorted(loaded.themes.items())]
    if output.is_json:
        output.document({"themes": rows, "folder": str(user_themes())})
    else:
        output.table(
            ("theme", "", ""),
            [(str(row["name"]), "dark" if row["dark"] else "light", "in use" if row["used"] else "") for row in rows],
        )
        output.note(f"Your own: {user_themes()}")
    for problem in loaded.problems:
        output.note(problem)


def _key_problems() -> tuple[str, ...]:
    from fttui.ui.keymap import load_keymap

    return load_keymap().problems


def _price_problems() -> tuple[str, ...]:
    from fttui.costs.prices import all_prices

    try:
        all_prices()
    except SettingsError as error:
        return (str(error),)
    return ()


def _target_problems() -> tuple[str, ...]:
    """What is wrong with the target of the checks that is set."""
    from fttui.checks.targets import problem_of

    problem = problem_of(load_settings().settings.checks.target)
    return (f"{settings_file()}: {problem}",) if problem else ()


def _theme_problems() -> tuple[str, ...]:
    """What is wrong with the themes; a theme that is set and does not exist, too."""
    from fttui.ui.theming import load_themes

    loaded = load_themes()
    used = load_settings().settings.theme
    if used in loaded.themes:
        return loaded.problems
    known = ", ".join(sorted(loaded.themes))
    return (*loaded.problems, f"{settings_file()}: theme: there is no theme {used!r}; known: {known}.")
