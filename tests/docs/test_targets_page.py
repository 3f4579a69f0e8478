"""The page of targets is the table of targets."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from fttui.checks.table import rules
from fttui.checks.targets import targets

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def make_targets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_targets", DOCS / "make_targets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_the_table(make_targets: ModuleType) -> None:
    assert make_targets.PAGE.read_text("utf-8") == make_targets.page(), "python docs/make_targets.py writes it anew"


def test_every_target_has_a_chapter(make_targets: ModuleType) -> None:
    assert re.findall(r"^## (.+)$", make_targets.page(), re.MULTILINE) == list(targets())


def test_every_rule_that_is_linked_is_there(make_targets: ModuleType) -> None:
    linked = set(re.findall(r"rules\.md#([a-z0-9-]+)", make_targets.page()))
    assert {"bom-missing", "tool-call-id-shape", "image-linked"} <= linked <= set(rules())


def test_every_page_is_linked() -> None:
    overview = (DOCS / "README.md").read_text("utf-8")
    for page in DOCS.glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in overview, page.name
