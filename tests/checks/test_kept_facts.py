"""Facts that are put aside come back as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.checked_files import lines
from fttui.checks import kept_facts
from fttui.checks.facts import FileFacts
from fttui.checks.kept_facts import KeptFacts
from fttui.checks.rows import Look, check_block


@pytest.fixture
def facts() -> FileFacts:
    raws = [*lines(80), lines(1)[0].replace(b"It is", b"Write to jane.doe@acme.co.jp,")]
    return FileFacts(check_block(raws, Look("chat", ()), begins_file=True, ends_file=True).facts, 9_999, True, "chat")


def test_facts_come_back_from_the_file(facts: FileFacts, monkeypatch: pytest.MonkeyPatch) -> None:
    assert facts.block.personal.rows() and facts.block.wholes
    monkeypatch.setattr(kept_facts, "_LARGE", 10)
    kept = KeptFacts(facts)
    assert kept._facts is None
    assert kept.facts() == facts
    assert kept.facts() == facts


def test_facts_stay_in_memory_where_no_file_can_be_written(
    facts: FileFacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(kept_facts, "_LARGE", 10)
    monkeypatch.setattr(kept_facts, "cache_dir", lambda: tmp_path / "file")
    assert KeptFacts(facts).facts() is facts


def test_few_facts_are_not_worth_a_file(facts: FileFacts) -> None:
    assert KeptFacts(facts).facts() is facts
