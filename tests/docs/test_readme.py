"""The README says what is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from fttui.cli.main import cli
from fttui.cli.open_app import command as open_command
from fttui.core.settings import load_settings
from fttui.costs.prices import price_for
from fttui.ui.keymap import load_keymap
from fttui.ui.keys import keys_table

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_table_of_keys_is_the_registry() -> None:
    assert keys_table() in README, "python docs/make_readme.py writes it anew"


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"\]\((docs/pictures/[^)]+)\)", README)
    assert len(pictures) >= 5
    for picture in pictures:
        assert (ROOT / picture).is_file(), picture


def test_every_page_that_docs_link_to_is_there() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for target in re.findall(r"\]\(([a-z-]+\.md)\)", page.read_text("utf-8")):
            assert (page.parent / target).is_file(), f"{page.name} links to {target}"


def test_there_is_one_test_command() -> None:
    assert README.count("<!-- test command -->") == 1


def commands_below(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from commands_below(below, f"{path} {name}")


def test_every_command_and_option_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    chapters = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    commands = dict(commands_below(cli, "fttui")) | {"fttui PATH…": open_command}
    assert set(chapters) == set(commands), "python docs/make_commands.py writes it anew"
    for path, command in commands.items():
        assert command.help, f"{path} has no help"
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert all(name in chapters[path] for name in option.opts), f"{path}: {option.opts}"


def test_the_examples_of_the_settings_page_are_right(fttui_home: Path) -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    examples = re.findall(r"^## (\w+\.toml)\n.*?```toml\n(.*?)```", page, re.MULTILINE | re.DOTALL)
    assert [name for name, _ in examples] == ["settings.toml", "prices.toml", "keys.toml"]
    (fttui_home / "config").mkdir()
    for name, text in examples:
        (fttui_home / "config" / name).write_text(text, "utf-8")
    assert load_settings().problems == ()
    assert load_keymap().problems == ()
    assert price_for("gpt-4.1-mini") is not None
