"""Settings: what is right is used, what is wrong is said with its file and key."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from fttui.core.errors import SettingsError
from fttui.core.settings import (
    ENGINES,
    LEAST_RATE,
    MOST_RATE,
    LocalSettings,
    Settings,
    load_settings,
    require_settings,
)
from fttui.costs.amounts import LEAST, MOST
from fttui.local.engines import registry


def write(home: Path, text: str) -> Path:
    path = home / "config" / "settings.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_no_file_is_all_defaults() -> None:
    loaded = load_settings()
    assert loaded.settings == Settings()
    assert loaded.problems == ()


def test_everything_can_be_set(fttui_home: Path) -> None:
    write(
        fttui_home,
        """
        profile = "work"
        theme = "paper"
        [cost]
        model = "gpt-4o-mini"
        currency = "JPY"
        rate = 150
        [local]
        threads = 2
        idle_minutes = 0.5
        [profiles.work]
        base_url = "http://localhost:9/v1"
        key_env = "WORK_KEY"
        models = ["a", "b"]
        """,
    )
    settings = require_settings()
    assert (settings.profile, settings.theme) == ("work", "paper")
    assert settings.cost.rate == Decimal(150)
    assert (settings.local.threads, settings.local.idle_minutes) == (2, 0.5)
    assert settings.profiles["work"].models == ("a", "b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profil = 'x'", "profil: no such setting"),
        ("theme = 3", "theme: expected a string, found 3"),
        ("[cost]\nrate = 'much'", "cost.rate: expected a number above 0"),
        ("[cost]\nrate = 0", "cost.rate: expected a number above 0"),
        ("[cost]\nrate = inf", "cost.rate: expected a number above 0"),
        ("[cost]\nrate = nan", "cost.rate: expected a number above 0"),
        ("[cost]\nrate = 1e300", "cost.rate: expected a number above 0"),
        ("[cost]\nrate = 1e-300", "cost.rate: expected a number above 0"),
        (f"[cost]\nrate = 1{'0' * 4000}", "cost.rate: expected a number above 0"),
        ("[local]\nthreads = -1", "local.threads: expected a whole number from 0"),
        ("[local]\nthreads = true", "local.threads: expected a whole number"),
        ("[local]\nthreads = 100000", "local.threads: expected a whole number from 0 to 256, found 100000"),
        ("[local]\nport = 65536", "local.port: expected a whole number from 0 to 65535"),
        ("[local]\nsave_seconds = inf", "local.save_seconds: expected a number from 0, found inf"),
        ("[local]\nsave_seconds = nan", "local.save_seconds: expected a number from 0"),
        (f"[local]\nsave_seconds = 1{'0' * 400}", "local.save_seconds: expected a number from 0"),
        ("[local]\nidle_minutes = inf", "local.idle_minutes: expected a number from 0"),
        ("[local]\nengine = 'torch'", "local.engine: expected one of numpy, found 'torch'"),
        ("[local]\nengine = ['numpy']", "local.engine: expected one of numpy"),
        ("local = 7", "local: expected a table"),
        ("profiles = 7", "profiles: expected tables"),
        ("[profiles.x]\nmodels = [1]", "profiles.x.models: expected a list of strings"),
        ("[profiles.x]\nurl = 'y'", "profiles.x.url: no such setting"),
        ("not toml", "not TOML"),
    ],
)
def test_a_wrong_key_is_named_with_its_file(fttui_home: Path, text: str, said: str) -> None:
    path = write(fttui_home, text)
    loaded = load_settings()
    assert len(loaded.problems) == 1
    assert str(path) in loaded.problems[0]
    assert said in loaded.problems[0]
    with pytest.raises(SettingsError):
        require_settings()


def test_a_wrong_key_does_not_take_the_others_with_it(fttui_home: Path) -> None:
    write(fttui_home, "theme = 3\nprofile = 'openai'\n[cost]\nmodel = 7\ncurrency = 'EUR'")
    loaded = load_settings()
    assert len(loaded.problems) == 2
    assert loaded.settings.profile == "openai"
    assert loaded.settings.cost.currency == "EUR"
    assert loaded.settings.theme == Settings().theme


def test_what_may_be_said_of_the_local_backend_is_what_it_takes(fttui_home: Path) -> None:
    assert set(ENGINES) == set(registry.ENGINES)
    assert LocalSettings().engine == registry.DEFAULT
    write(fttui_home, "[local]\nthreads = 256\nport = 65535\nengine = 'numpy'\nsave_seconds = 0")
    local = require_settings().local
    assert (local.threads, local.port, local.engine, local.save_seconds) == (256, 65_535, "numpy", 0)


def test_a_rate_has_the_bounds_of_one_that_is_typed(fttui_home: Path) -> None:
    assert (LEAST_RATE, MOST_RATE) == (LEAST, MOST)
    path = write(fttui_home, "[cost]\nrate = 1e15")
    assert require_settings().cost.rate == MOST
    path.write_text(f"[cost]\nrate = 1{'0' * 4000}", encoding="utf-8")
    assert len(load_settings().problems[0]) < len(str(path)) + 200
