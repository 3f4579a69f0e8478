"""docs/costs.md shows what is so."""

from __future__ import annotations

import re
import shlex
from decimal import Decimal
from pathlib import Path

import pytest

from fttui.cli.main import run
from fttui.costs.price_file import read_prices, read_providers

PAGE = (Path(__file__).parents[2] / "docs" / "costs.md").read_text("utf-8")


def test_the_command_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    found = re.search(r"```text\n\$ fttui (cost .*?)\n(a call.*?)```", PAGE, re.DOTALL)
    assert found is not None
    assert run(shlex.split(found[1].replace("\\\n", " "))) == 0
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    for line in found[2].splitlines():
        assert line.split() in printed, line


def test_the_prices_can_be_used_as_they_stand() -> None:
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    (price,) = read_prices(found[1], "page")
    assert (price.training, price.hosting_hour) == (Decimal("5.50"), Decimal("1.70"))
    (provider,) = read_providers(found[1], "page")
    assert (provider.name, provider.validation) == ("house", "billed")
