"""Which profile is meant, and where its key and address come from."""

from __future__ import annotations

import pytest

from fttui.core.errors import InputError
from fttui.core.settings import ProfileSettings, Settings
from fttui.providers.profiles import OPENAI_URL, known_profiles, resolve_profile

AZURE = ProfileSettings("https://azure.example/openai/v1", "AZURE_KEY", ("gpt-4.1-mini",))
SETTINGS = Settings(profiles={"azure": AZURE})


def test_nobody_chose_and_there_is_no_key() -> None:
    profile = resolve_profile(None, Settings())
    assert (profile.name, profile.is_local, profile.costs_money) == ("local", True, False)
    assert "OPENAI_API_KEY is not set" in profile.note
    assert not profile.is_unexpected


def test_a_key_in_the_environment_alone_sends_nothing_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    profile = resolve_profile(None, Settings())
    assert profile.is_local
    assert "--profile openai" in profile.note
    assert profile.is_unexpected


def test_the_environment_beats_the_settings_of_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(profiles={"openai": ProfileSettings("https://proxy.example/v1", "WORK_KEY")})
    monkeypatch.setenv("WORK_KEY", "sk-work")
    profile = resolve_profile("openai", settings)
    assert (profile.base_url, profile.key) == ("https://proxy.example/v1", "sk-work")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    profile = resolve_profile("openai", settings)
    assert (profile.base_url, profile.key) == ("http://127.0.0.1:9/v1", "sk-env")


def test_the_environment_of_openai_says_nothing_about_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    monkeypatch.setenv("AZURE_KEY", "az")
    profile = resolve_profile("azure", SETTINGS)
    assert (profile.base_url, profile.key, profile.models) == (AZURE.base_url, "az", ("gpt-4.1-mini",))


def test_openai_has_an_address_without_any_settings() -> None:
    profile = resolve_profile("openai", Settings())
    assert (profile.base_url, profile.key, profile.costs_money) == (OPENAI_URL, None, True)


def test_the_settings_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_KEY", "az")
    profile = resolve_profile(None, Settings(profile="azure", profiles={"azure": AZURE}))
    assert (profile.name, profile.note) == ("azure", "")


def test_a_hosted_profile_of_the_settings_without_a_key_gives_way_to_local() -> None:
    profile = resolve_profile(None, Settings(profile="azure", profiles={"azure": AZURE}))
    assert profile.is_local
    assert "AZURE_KEY" in profile.note
    assert profile.is_unexpected
    assert resolve_profile("azure", SETTINGS).name == "azure"  # named, it stays


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r'"nobody".*Known: local, openai, azure\.'):
        resolve_profile("nobody", SETTINGS)


def test_the_name_local_is_taken() -> None:
    profiles = known_profiles(Settings(profiles={"local": AZURE}))
    assert [(p.name, p.is_local) for p in profiles] == [("local", True), ("openai", False)]
