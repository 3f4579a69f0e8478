"""``fttui profiles``: list, add, test and remove providers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from fttui.cli.common import Output, output_options
from fttui.core.errors import FttuiError
from fttui.core.text import one_line

if TYPE_CHECKING:
    from fttui.providers.capabilities import Capabilities
    from fttui.providers.profiles import Profile


@click.group("profiles")
def command() -> None:
    """The providers that can be used: list, add, test, remove. Keys stay in the environment or the keyring."""


@command.command("list")
@output_options
def list_(output: Output) -> None:
    """List the profiles; * marks the one in use."""
    from fttui.core.settings import require_settings
    from fttui.providers.profiles import known_profiles, resolve_profile

    settings = require_settings()
    used = resolve_profile(output.profile, settings).name
    profiles = [_document(profile, used) for profile in known_profiles(settings)]
    if output.is_json:
        output.document({"profiles": profiles})
        return
    rows = [
        (
            f"{'*' if item['in_use'] else ' '} {item['name']}",
            item["base_url"] or "this machine",
            _key_in_words(item),
            ", ".join(item["models"]),
        )
        for item in profiles
    ]
    output.table(("profile", "address", "key", "models"), rows)


@command.command()
@click.argument("name")
@click.option("--base-url", required=True, metavar="URL", help="Where its API begins: https://host/v1")
@click.option("--key-env", default="OPENAI_API_KEY", metavar="VAR", help="The environment variable with its key.")
@click.option("--model", "models", multiple=True, metavar="M", help="A model to offer for training, the default first.")
@output_options
def add(output: Output, name: str, base_url: str, key_env: str, models: tuple[str, ...]) -> None:
    """Add a provider that speaks the OpenAI protocol to settings.toml, or change one."""
    from fttui.core.settings import ProfileSettings
    from fttui.core.settings_edit import set_profile

    path = set_profile(name, ProfileSettings(base_url, key_env, models))
    _say_done(output, f'Profile "{name}" is in {path}.', name)


@command.command()
@click.argument("name")
@output_options
def remove(output: Output, name: str) -> None:
    """Remove a profile from settings.toml."""
    from fttui.core.settings_edit import remove_profile

    path = remove_profile(name)
    _say_done(output, f'Profile "{name}" is not in {path} any more.', name)


@command.command()
@click.argument("name", required=False)
@output_options
def test(output: Output, name: str | None) -> None:
    """Ask a provider for its models and jobs; exit status 1 when it cannot be used."""
    from fttui.cli.session import open_session

    session = open_session(replace(output, profile=name or output.profile))

    async def ask() -> Capabilities:
        from fttui.providers.capabilities import probe

        async with session.client() as client:
            return await probe(client)

    try:
        found = asyncio.run(ask())
    except FttuiError as error:
        if output.is_json:
            output.document({"profile": session.profile.name, "works": False, "problem": str(error)})
        else:
            output.text(str(error))
        raise click.exceptions.Exit(1) from error
    if output.is_json:
        output.document(
            {"profile": session.profile.name, "works": True, "trains": found.trains, "models": found.models}
        )
        return
    trains = "has training jobs" if found.trains else "has no training jobs: it is good for answers only"
    output.text(f'Profile "{session.profile.name}" answers, lists {len(found.models):,} models and {trains}.')


def _document(profile: Profile, used: str) -> dict[str, Any]:
    return {
        "name": profile.name,
        "in_use": profile.name == used,
        "is_local": profile.is_local,
        "base_url": profile.base_url,
        "key_env": None if profile.is_local else profile.key_env,
        "has_key": None if profile.is_local else profile.key is not None,
        "models": profile.models,
    }


def _key_in_words(item: dict[str, Any]) -> str:
    if item["is_local"]:
        return "none needed"
    return item["key_env"] if item["has_key"] else f"{item['key_env']} is not set"


def _say_done(output: Output, sentence: str, name: str) -> None:
    if output.is_json:
        output.document({"profile": name})
    else:
        output.text(one_line(sentence, 1000))
