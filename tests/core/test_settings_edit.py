"""One value is changed in the settings, and nothing else."""

from __future__ import annotations

import pytest

from fttui.core.errors import SettingsError
from fttui.core.paths import make
from fttui.core.settings import load_settings, settings_file
from fttui.core.settings_edit import set_value


def write(text: str) -> None:
    make(settings_file().parent)
    settings_file().write_text(text, "utf-8")


def test_a_value_is_written_and_removed() -> None:
    before = '# mine\ntheme = "paper" # light\n\n[cost]\nrate = 2 # euros\n'
    write(before)
    set_value("checks", "target", "azure")
    settings = load_settings()
    assert not settings.problems
    assert (settings.settings.checks.target, settings.settings.theme, settings.settings.cost.rate) == (
        "azure",
        "paper",
        2,
    )
    assert before in settings_file().read_text("utf-8")
    set_value("checks", "target", "local")
    assert load_settings().settings.checks.target == "local"
    set_value("checks", "target", None)
    assert settings_file().read_text("utf-8").strip() == before.strip()


def test_a_value_is_written_into_no_file_and_removed_from_none() -> None:
    set_value("checks", "target", None)
    assert not settings_file().exists()
    set_value("checks", "target", 'a "b"\\')
    assert load_settings().settings.checks.target == 'a "b"\\'


def test_what_stands_beside_it_stays() -> None:
    write('[checks]\n# why\ntarget = "openai"\nlater = 1\n')
    set_value("checks", "target", None)
    assert "later = 1" in settings_file().read_text("utf-8")


@pytest.mark.parametrize("text", ["checks = 3\n", "[checks\n", '[[checks]]\ntarget = "a"\n'])
def test_a_file_that_is_not_as_it_should_be_is_left_alone(text: str) -> None:
    write(text)
    with pytest.raises(SettingsError):
        set_value("checks", "target", "azure")
    assert settings_file().read_text("utf-8") == text
