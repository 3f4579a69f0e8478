"""Facts that were put aside are those that were gathered."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import IO, Any

import pytest

from checks.checked_files import lines
from fttui.checks.live import kept_facts
from fttui.checks.live.kept_facts import KeptFacts
from fttui.checks.rows import Look, check_block
from fttui.checks.whole.facts import BlockFacts, FileFacts
from fttui.checks.whole.file_marks import FileMarks

RAWS = [*lines(80), lines(1)[0].replace(b"It is", b"Write to jane.doe@acme.co.jp,"), *lines(7)]


def facts_of(raws: list[bytes]) -> BlockFacts:
    return check_block(raws, Look("chat", ()), begins_file=True, ends_file=True).facts


def blocks(size: int = 13) -> list[BlockFacts]:
    return [facts_of(RAWS[start : start + size]) for start in range(0, len(RAWS), size)]


def gathered() -> FileFacts:
    kept = KeptFacts()
    for block in blocks():
        kept.extend(block)
    return kept.of(9_999, has_bom=True, kind="chat")


def assert_whole(facts: FileFacts) -> None:
    block = BlockFacts()
    for each in blocks():
        block.extend(each)
    whole = FileFacts(block, 9_999, True, "chat")
    assert facts == whole
    assert FileMarks.of(facts, 10) == FileMarks.of(whole, 10)
    assert any(mark.rule == "duplicate" for mark in FileMarks.of(facts, 10).issues)


@pytest.mark.parametrize("large", [1, 20, 30, 10_000])
def test_facts_are_whole_however_often_they_are_put_aside(large: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_facts, "_LARGE", large)
    facts = gathered()
    assert isinstance(facts.block.wholes, array) == (large > len(RAWS))
    assert_whole(facts)


def test_no_rows_have_facts_too() -> None:
    assert KeptFacts().of(0, has_bom=False, kind="chat") == FileFacts(BlockFacts(), 0, False, "chat")


@pytest.mark.parametrize("writes", [0, 1, 2, 3, 4])
def test_facts_stay_in_memory_when_the_disk_is_full(writes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_facts, "_LARGE", 20)
    write = kept_facts._Hashes.write
    written: list[Any] = []

    def full(hashes: Any, more: array[int]) -> None:
        file: IO[bytes] = hashes._file
        if len(written) == writes:
            file.write(b"half")
            raise OSError(28, "No space left on device")
        written.append(more)
        write(hashes, more)

    monkeypatch.setattr(kept_facts._Hashes, "write", full)
    assert_whole(gathered())


def test_facts_stay_in_memory_where_no_file_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(kept_facts, "_LARGE", 20)
    monkeypatch.setattr(kept_facts, "cache_dir", lambda: tmp_path / "file")
    assert_whole(gathered())
