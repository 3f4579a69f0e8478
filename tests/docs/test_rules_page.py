"""The page of rules is the table of rules; the hooks call what there is."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import click

from fttui.checks.table import rules
from fttui.cli.check import command

ROOT = Path(__file__).parents[2]


def test_the_page_is_the_table(make_rules: ModuleType) -> None:
    assert make_rules.PAGE.read_text("utf-8") == make_rules.page(), "python docs/make_rules.py writes it anew"


def test_every_rule_has_a_chapter_with_both_examples(make_rules: ModuleType) -> None:
    chapters = dict(re.findall(r"^## ([a-z0-9-]+)\n(.*?)(?=^## |\Z)", make_rules.page(), re.MULTILINE | re.DOTALL))
    assert list(chapters) == list(rules())
    for name, text in chapters.items():
        assert re.search(r"^Breaks it:(\n\n````text\n| .{8})", text, re.MULTILINE), name
        assert re.search(r"^Keeps it:(\n\n````text\n| .{8})", text, re.MULTILINE), name


def test_words_are_for_rules_whose_lines_are_no_page(make_rules: ModuleType) -> None:
    assert set(make_rules.IN_WORDS) <= set(rules())


def test_the_hooks_call_the_command_with_options_that_it_has() -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    entries = re.findall(r"^  entry: fttui check ?(.*)$", text, re.MULTILINE)
    known = {name for option in command.params if isinstance(option, click.Option) for name in option.opts}
    assert len(entries) == len(re.findall(r"^- id: ", text, re.MULTILINE)) == 2
    for entry in entries:
        assert set(entry.split()) <= known
