"""Counts that are kept: what was counted once is not counted again, wherever it lies in the file now."""

from __future__ import annotations

import gzip
import os
import random
import threading
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fttui.dataset.document import Document
from fttui.dataset.fingerprint import Identity, identity_of
from fttui.dataset.reader import Stamp
from fttui.tokens import keeping, kept, known
from fttui.tokens.counter import CountingCancelled, count_file
from fttui.tokens.kept import database_file, find_kept, keep
from fttui.tokens.known import parts_of, whole_of
from fttui.tokens.live import LiveTotals
from fttui.tokens.models import rule_for
from fttui.tokens.pool import CountingPool
from fttui.tokens.rows import BlockCounts, RowCounts, Stretch, count_block, count_lines, lines_of
from fttui.tokens.worker import Block, Request
from token_files import example, write

RULE = rule_for("gpt-4o-mini")


class Bytes:
    """A file in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, offset: int, size: int) -> bytes:
        return self._data[offset : offset + size]


def counted(data: bytes, block: int) -> BlockCounts:
    """All lines with their stretches; a line's length stands for its tokens."""
    whole = RowCounts()
    stretches: list[Stretch] = []
    for at in range(0, len(data), block):
        part = count_block(Bytes(data), at, min(at + block, len(data)), "o200k_base")
        stretches += part.stretches
        whole.extend(part)
    return BlockCounts(whole.tokens, whole.trainable, whole.parts, tuple(stretches))


def put_together(file: Bytes, size: int, before: BlockCounts) -> tuple[RowCounts, int]:
    """What is known and what is counted anew, in order; and how many bytes the latter is."""
    rows, anew = RowCounts(), 0
    for part in parts_of(file, size, before, lambda: False):
        if isinstance(part, Block):
            anew += part.end - part.start
            part = count_block(file, part.start, part.end, "o200k_base")
        rows.extend(part)
    return rows, anew


line = st.sampled_from([b"{}", b'{"prompt":"a","completion":"b c"}', b"", b"x" * 40, '{"completion":"ä"}'.encode()])
content = st.tuples(st.lists(line, max_size=30), st.sampled_from([b"", b"\n"])).map(lambda c: b"\n".join(c[0]) + c[1])


@settings(deadline=None)  # the vocabulary is loaded on the first
@given(old=content, new=content, block=st.integers(1, 60), keeps=st.booleans())
def test_what_is_known_and_what_is_not_give_each_line_once(old: bytes, new: bytes, block: int, keeps: bool) -> None:
    new = new + old[len(old) // 2 :] if keeps else new
    rows, _ = put_together(Bytes(new), len(new), counted(old, block))
    assert rows == RowCounts(*fields(count_lines(lines_of(new, 0), "o200k_base")))


def fields(counts: RowCounts) -> tuple[array[int], array[int]]:
    return counts.tokens, counts.trainable


def lines(count: int, seed: int = 0) -> list[bytes]:
    spoken = random.Random(seed)
    return [b'{"completion":"%d"}\n' % spoken.randrange(10**9) for _ in range(count)]


@pytest.mark.parametrize(
    "edit",
    [
        lambda old: [*old[:500], b'{"completion":"in the middle"}\n', *old[500:]],
        lambda old: [b'{"completion":"first"}\n', *old],
        lambda old: old[:300] + old[301:600] + [b"{}\n"] + old[600:],
        lambda old: old[1:],
        lambda old: [*old[:10], b"{}\n", *old[10:900], b"{}\n", *old[900:]],
    ],
)
def test_only_blocks_that_changed_are_counted_again(edit: Callable[[list[bytes]], list[bytes]]) -> None:
    old = lines(1000)
    data = b"".join(edit(old))
    rows, anew = put_together(Bytes(data), len(data), counted(b"".join(old), 1000))
    assert rows.tokens == count_lines(lines_of(data, 0), "o200k_base").tokens
    assert 0 < anew < 4500


def test_lines_that_look_like_known_ones_do_not_take_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = b"{}\n" + b"a\n" * 999, b"{}\n" * 3000
    before = counted(old, 4000)
    asked: list[tuple[int, int]] = []

    class Watched(Bytes):
        def read(self, offset: int, size: int) -> bytes:
            asked.append((offset, size))
            return super().read(offset, size)

    monkeypatch.setattr(known, "_MOST_MISTAKEN", 50)
    rows, anew = put_together(Watched(new), len(new), before)
    assert anew == len(new)
    assert len(rows.tokens) == 3000
    assert len(asked) < 100


def a_file(folder: Path, name: str = "kept.jsonl", count: int = 3000) -> Path:
    return write(folder / name, [example(number) for number in range(count)])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """What counting processes are asked."""
    asked: list[Request] = []
    lock = threading.Lock()
    submit = CountingPool.submit

    def watched(self: CountingPool, request: Request, *args: object, **kwargs: object) -> None:
        with lock:
            asked.append(request)
        submit(self, request, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(CountingPool, "submit", watched)
    return asked


def test_a_file_is_counted_once(tmp_path: Path, asked: list[Request]) -> None:
    path = a_file(tmp_path)
    first = count_file(path, RULE)
    assert asked
    asked.clear()
    assert count_file(path, RULE) == first
    assert not asked
    path.touch()
    assert count_file(path, RULE) == first
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(path.read_bytes())
    assert count_file(copy, RULE) == first
    assert not asked
    count_file(path, rule_for("gpt-3.5-turbo"))
    assert asked


def test_of_a_changed_file_only_the_change_is_counted(tmp_path: Path, asked: list[Request]) -> None:
    path = a_file(tmp_path, count=7000)
    before = count_file(path, RULE)
    asked.clear()
    written = path.read_bytes().split(b"\n")
    written.insert(1, b'{"completion": "came later"}')
    path.write_bytes(b"\n".join(written))
    after = count_file(path, RULE)
    anew = sum(block.end - block.start for block in asked if isinstance(block, Block))
    assert 0 < anew < 1.1 * known.BLOCK < path.stat().st_size / 2
    assert after.examples == before.examples + 1
    assert after.tokens == before.tokens + 2
    assert after.parts["completion"] == [1, 2, 2]


def test_a_change_that_the_time_does_not_tell_is_found(tmp_path: Path, asked: list[Request]) -> None:
    path = a_file(tmp_path)
    before = count_file(path, RULE)
    status = path.stat()
    data = path.read_bytes()
    assert data.count(b"role") > 100
    path.write_bytes(data.replace(b"user", b"tool", 1))  # as long as before
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    asked.clear()
    after = count_file(path, RULE)
    assert asked
    assert (after.tokens, after.parts["user"][0]) == (before.tokens, before.parts["user"][0] - 1)


@pytest.mark.skipif(os.name == "nt", reason="Windows does not tell when a file was changed")
def test_a_change_that_neither_the_time_nor_a_look_tells_is_found(tmp_path: Path, asked: list[Request]) -> None:
    path = a_file(tmp_path, count=7000)
    before = count_file(path, RULE)
    looked, status, data = identity(path), path.stat(), path.read_bytes()
    at = data.index(b'"user"', (1 << 16) + 4096)  # between two samples
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b'"tool"')
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert identity(path) == looked
    asked.clear()
    after = count_file(path, RULE)
    assert 0 < sum(block.end - block.start for block in asked if isinstance(block, Block)) < len(data) / 2
    assert after.parts["user"][0] == before.parts["user"][0] - 1
    asked.clear()
    assert count_file(path, RULE) == after  # and that is kept
    assert not asked


def test_an_entry_that_does_not_tell_when_the_file_was_changed_is_compared(
    tmp_path: Path, asked: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_file(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("fttui.tokens.whole_file.WholeFile._changed_ns_now", lambda _: None)
        first = count_file(path, RULE)
    found = find_kept(path, identity(path), RULE.encoding)
    assert found is not None
    assert found.changed_ns is None
    asked.clear()
    assert count_file(path, RULE) == first
    assert not asked
    found = find_kept(path, identity(path), RULE.encoding)
    assert found is not None
    assert found.changed_ns is not None


@pytest.mark.parametrize(
    "damage", [b"this is no database, and it is long enough to be read as one" * 50, b""], ids=["no database", "empty"]
)
def test_a_broken_cache_is_no_hindrance(tmp_path: Path, damage: bytes, asked: list[Request]) -> None:
    path = a_file(tmp_path)
    first = count_file(path, RULE)
    for ending in ("-wal", "-shm"):
        database_file().with_name("tokens.db" + ending).unlink(missing_ok=True)
    database_file().write_bytes(damage)
    assert count_file(path, RULE) == first
    assert count_file(path, RULE) == first  # and it is made anew
    asked.clear()
    assert count_file(path, RULE) == first
    assert not asked


def test_a_newer_cache_is_left_alone(tmp_path: Path) -> None:
    import sqlite3

    path = a_file(tmp_path)
    database_file().parent.mkdir(parents=True)
    newer = sqlite3.connect(database_file())
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    assert count_file(path, RULE).examples == 3000
    assert find_kept(path, identity(path), RULE.encoding) is None
    assert database_file().exists()


def identity(path: Path) -> Identity:
    found = identity_of(path)
    assert found is not None
    return found


def entry(stretches: int = 1) -> tuple[RowCounts, list[Stretch]]:
    rows = RowCounts(array("I", range(stretches)), array("I", range(stretches)))
    return rows, [Stretch(number, 1, 1, b"%016d" % number, number, {"user": [1, 2, 0]}) for number in range(stretches)]


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    mine = Identity(Stamp(2**63, 2**64 - 1, 7, -1), "look")
    odd = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    rows, stretches = entry(5)
    keep(odd, mine, "o200k_base", rows, stretches)
    found = find_kept(odd, mine, "o200k_base")
    assert found is not None
    assert (found.identity, found.counts.stretches) == (mine, tuple(stretches))
    assert (found.counts.tokens, found.counts.trainable) == fields(rows)
    assert whole_of(found.counts).parts == {"user": [5, 10, 0]}
    assert find_kept(odd, mine, "cl100k_base") is None
    assert find_kept(tmp_path / "other", Identity(mine.stamp, "another look"), "o200k_base") is None


def test_counts_of_other_lines_are_not_kept(tmp_path: Path) -> None:
    mine = Identity(Stamp(1, 2, 3, 4), "look")
    rows, stretches = entry(5)
    keep(tmp_path / "a", mine, "o200k_base", rows, stretches[1:])
    assert find_kept(tmp_path / "a", mine, "o200k_base") is None


def test_older_entries_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_MOST_FILES", 3)
    clock = iter(range(100))
    monkeypatch.setattr(kept.time, "time", lambda: next(clock))

    def look(number: int) -> Identity:
        return Identity(Stamp(1, number, number, 4), f"look {number}")

    def is_kept(number: int) -> bool:
        return find_kept(tmp_path / str(number), look(number), "o200k_base") is not None

    for number in range(3):
        keep(tmp_path / str(number), look(number), "o200k_base", *entry())
    assert is_kept(0)  # and was used just now
    keep(tmp_path / "3", look(3), "o200k_base", *entry())
    assert [is_kept(number) for number in range(4)] == [True, False, True, True]
    monkeypatch.setattr(kept, "_MOST_BYTES", 1)
    keep(tmp_path / "4", look(4), "o200k_base", *entry())
    assert [is_kept(number) for number in range(5)] == [False] * 4 + [True]


def test_a_file_that_changes_while_it_is_counted_is_not_kept(tmp_path: Path) -> None:
    path = a_file(tmp_path)
    done: list[int] = []

    def grow(_done: int, _total: int) -> None:
        if not done:
            done.append(1)
            with path.open("ab") as file:
                file.write(b"{}\n")

    count_file(path, RULE, on_progress=grow)
    assert done
    assert find_kept(path, identity(path), RULE.encoding) is None


def wait_until_kept(path: Path) -> bool:
    for _ in range(1000):
        if (found := find_kept(path, identity(path), RULE.encoding)) is not None and found.identity == identity(path):
            return True
        threading.Event().wait(0.02)
    return False


def test_the_app_counts_what_is_known_at_once(tmp_path: Path, asked: list[Request]) -> None:
    path = a_file(tmp_path)
    expected = count_file(path, RULE)
    asked.clear()
    totals = LiveTotals(Document.open(path), RULE)
    try:
        assert totals.wait(20)
        assert (totals.tokens, totals.trainable, totals.examples) == (expected.tokens, expected.trainable, 3000)
        assert not asked
    finally:
        totals.close()


def test_what_the_app_counted_is_kept_also_after_a_save(
    tmp_path: Path, asked: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping.KeepingAfterSaves.__init__, "__defaults__", (0.01,))
    path = a_file(tmp_path)
    document = Document.open(path)
    totals = LiveTotals(document, RULE)
    try:
        assert totals.wait(20)
        assert wait_until_kept(path)
        document.delete(1500)
        document.insert_raw(10, b'{"completion": "came later"}')
        document.save()
        assert wait_until_kept(path)
        expected = totals.tokens
    finally:
        totals.close()
    asked.clear()
    assert count_file(path, RULE).tokens == expected
    assert not asked


def test_closing_does_not_wait_for_a_rest(tmp_path: Path) -> None:
    path = a_file(tmp_path)
    keeper = keeping.KeepingAfterSaves(RULE, rest_s=3600)
    keeper.saved(path)
    keeper.close()
    keeper.saved(path)
    assert find_kept(path, identity(path), RULE.encoding) is None


def test_a_small_file_is_not_worth_a_thread(tmp_path: Path) -> None:
    keeper = keeping.KeepingAfterSaves(RULE, rest_s=0)
    keeper.saved(write(tmp_path / "small.jsonl", [example(1)]))
    keeper.saved(tmp_path / "nowhere")
    assert keeper._thread is None
    keeper.close()


def test_a_count_that_was_cancelled_while_it_compared_is_not_kept(tmp_path: Path) -> None:
    path = a_file(tmp_path, count=7000)
    count_file(path, RULE)
    path.touch()
    asked = iter(range(10**6))
    with pytest.raises(CountingCancelled):
        count_file(path, RULE, cancel=lambda: next(asked) > 2)
    found = find_kept(path, identity(path), RULE.encoding)
    assert found is not None
    assert found.identity != identity(path)
    assert len(found.counts.tokens) == 7000


def test_a_compressed_file_is_counted_once_too(tmp_path: Path, asked: list[Request]) -> None:
    plain = a_file(tmp_path)
    packed = tmp_path / "kept.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes(), 1))
    first = count_file(packed, RULE)
    asked.clear()
    assert count_file(packed, RULE) == first
    assert not asked
