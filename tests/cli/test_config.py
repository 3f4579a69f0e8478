"""``fttui config``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fttui.cli.main import run


def document(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> dict[str, Any]:
    assert run(["config", *arguments, "--format", "json"]) == status
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_path(fttui_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "path")
    assert found["settings"] == str(fttui_home / "config" / "settings.toml")
    assert set(found) >= {"settings", "keys", "themes", "data", "log"}
    assert run(["config", "path"]) == 0
    assert "settings.toml" in capsys.readouterr().out


def test_check_is_fine_without_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, "check") == {"ok": True, "problems": []}


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("settings.toml", "profil = 'x'", "profil"),
        ("settings.toml", "theme = 'nope'", "no theme 'nope'"),
        ("keys.toml", "[keys]\n'no.such' = 'x'", "no.such"),
        ("prices.toml", "[models.a]\ntraining = 'much'", "training"),
        ("themes/mine.toml", "name = 3", "mine.toml"),
    ],
)
def test_check_names_file_and_key(
    file: str, content: str, said: str, fttui_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = fttui_home / "config" / file
    path.parent.mkdir(parents=True)
    path.write_text(content)
    found = document(capsys, "check", status=1)
    assert not found["ok"]
    assert any(str(path) in problem and said in problem for problem in found["problems"]), found
    assert run(["config", "check"]) == 1
    assert said in capsys.readouterr().out


def test_keys_are_those_of_the_registry(fttui_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from fttui.ui.keys import ACTIONS

    found = document(capsys, "keys")["keys"]
    assert [row["id"] for row in found] == [action.id for action in ACTIONS]
    moved = found[0]["id"]
    path = fttui_home / "config" / "keys.toml"
    path.parent.mkdir(parents=True)
    path.write_text(f"[keys]\n'{moved}' = 'f10'\n")
    assert document(capsys, "keys")["keys"][0]["keys"] == ["f10"]
    assert run(["config", "keys"]) == 0
    assert moved in capsys.readouterr().out


def test_themes(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "themes")["themes"]
    assert {"name": "ink", "dark": True, "used": True} in found
    assert run(["config", "themes"]) == 0
    assert "paper" in capsys.readouterr().out
