"""Profiles from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fault_server import error_reply, fault_server, page_reply
from fttui.core.settings import load_settings, settings_file


def names(fttui: Callable[..., Any]) -> list[str]:
    return [profile["name"] for profile in fttui("profiles", "list", "--format", "json").json["profiles"]]


def test_list(fttui: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    done = fttui("profiles", "list", "--format", "json")
    local, openai = done.json["profiles"]
    assert (local["name"], local["in_use"], local["has_key"]) == ("local", True, None)
    assert (openai["name"], openai["in_use"], openai["has_key"]) == ("openai", False, True)
    text = fttui("profiles", "list")
    assert "* local" in text.out
    assert "very-secret" not in done.out + text.out


def test_add_change_and_remove_keep_the_rest_of_the_file(fttui: Callable[..., Any]) -> None:
    settings_file().parent.mkdir(parents=True)
    written = '# mine\ntheme = "paper"  # light\n\n[cost]\nmodel = "gpt-4.1"\n'
    settings_file().write_text(written)
    added = fttui("profiles", "add", "azure", "--base-url", "https://x.example/v1", "--key-env", "AZ", "--model", "m1")
    assert added.status == 0
    settings = load_settings()
    assert settings.problems == ()
    azure = settings.settings.profiles["azure"]
    assert (azure.base_url, azure.key_env, azure.models) == ("https://x.example/v1", "AZ", ("m1",))
    assert settings_file().read_text().startswith(written)
    assert fttui("profiles", "add", "azure", "--base-url", "http://y.example/v1").status == 0
    assert load_settings().settings.profiles["azure"].base_url == "http://y.example/v1"
    assert names(fttui) == ["local", "openai", "azure"]
    assert fttui("profiles", "remove", "azure").status == 0
    assert settings_file().read_text().strip() == written.strip()


@pytest.mark.parametrize(
    ("name", "url", "said"),
    [
        ("local", "https://x/v1", "cannot be called"),
        ("a b", "https://x/v1", "cannot be called"),
        ("x]\n[y", "https://x/v1", "cannot be called"),
        ("ok", "x.example/v1", "no address"),
        ("ok", "file:///etc/passwd", "no address"),
        ("ok", "https://", "no address"),
    ],
)
def test_what_is_no_profile(fttui: Callable[..., Any], name: str, url: str, said: str) -> None:
    done = fttui("profiles", "add", name, "--base-url", url)
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert said in done.err
    assert not settings_file().exists()


def test_remove_what_is_not_there(fttui: Callable[..., Any]) -> None:
    done = fttui("profiles", "remove", "nobody")
    assert done.status == 2
    assert 'There is no profile "nobody"' in done.err


def test_a_broken_settings_file_is_named(fttui: Callable[..., Any]) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text("profile = [")
    for arguments in (("list",), ("add", "a", "--base-url", "https://x/v1"), ("test",)):
        done = fttui("profiles", *arguments)
        assert (done.status, done.out) == (2, "")
        assert str(settings_file()) in done.err
    assert settings_file().read_text() == "profile = ["


def test_test(fttui: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-12345678")
    with fault_server(lambda _: page_reply([{"id": "m1"}, {"id": "m2"}])) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        done = fttui("profiles", "test", "openai", "--format", "json")
        assert done.status == 0
        assert done.json == {"profile": "openai", "works": True, "trains": True, "models": ["m1", "m2"]}
        assert "lists 2 models and has training jobs" in fttui("profiles", "test", "openai").out
    with fault_server(lambda _: error_reply(401, "bad key")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        done = fttui("profiles", "test", "openai", "--format", "json")
        assert done.status == 1
        assert done.json["works"] is False
        assert "did not accept the key" in done.json["problem"]
