"""The README says what is so."""

from __future__ import annotations

import re
from pathlib import Path

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
