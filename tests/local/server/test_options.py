"""What the settings say reaches the server."""

from __future__ import annotations

import dataclasses

from fttui.core.settings import LocalSettings
from fttui.local.options import ServerOptions


def test_every_local_setting_is_an_option() -> None:
    assert ServerOptions.of(LocalSettings()) == ServerOptions()
    strange = {
        field.name: {int: 7, float: 7.5, str: "x", tuple: ("x",)}[type(field.default)]
        for field in dataclasses.fields(LocalSettings)
    }
    assert dataclasses.asdict(ServerOptions.of(LocalSettings(**strange))) == strange
