"""Whole files, small ones here and large ones in processes."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

import hostile
from fttui.core.errors import FttuiError, InputError
from fttui.dataset import processes
from fttui.formats.lines import parse_line
from fttui.tokens import counter, known
from fttui.tokens.counter import CountingCancelled, count_file
from fttui.tokens.models import rule_for
from fttui.tokens.pool import CountingPool
from token_files import example, is_alive, plain_count, write

RULE = rule_for("gpt-4o-mini")


def test_an_empty_file_gives_zeros(tmp_path: Path) -> None:
    for content in (b"", b"\xef\xbb\xbf"):
        path = tmp_path / "empty.jsonl"
        path.write_bytes(content)
        totals = count_file(path, RULE)
        assert (totals.examples, totals.broken, totals.tokens, totals.over_limit) == (0, 0, 0, 0)


def test_broken_lines_are_counted_as_broken(tmp_path: Path) -> None:
    path = tmp_path / "hostile.jsonl"
    content = hostile.FILE.replace(hostile.LINES["nul bytes"], b"")
    path.write_bytes(content)
    totals = count_file(path, RULE)
    lines = content.removesuffix(b"\n").split(b"\n")
    assert totals.examples + totals.broken == len(lines)
    assert totals.broken == sum(parse_line(line).error is not None for line in lines)
    assert totals.broken > 3


def test_a_large_file_in_processes_is_what_tiktoken_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [example(number) for number in range(3000)]
    path = write(tmp_path / "large.jsonl", records)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\nnot json\n", 1).removesuffix(b"\n"))
    assert path.stat().st_size > 2 * known.BLOCK
    seen: list[tuple[int, int]] = []
    pids: set[int] = set()
    pools: list[CountingPool] = []

    class Watched(CountingPool):
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)  # type: ignore[arg-type]
            pools.append(self)

    monkeypatch.setattr(counter, "CountingPool", Watched)

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        for one in pools:
            pids.update(one.pids)

    totals = count_file(path, RULE, on_progress=progress)
    expected = [plain_count(record) for record in records]
    assert list(totals.counts) == [total for total, _ in expected]
    assert totals.trainable == sum(trained for _, trained in expected)
    assert (totals.examples, totals.broken) == (3000, 1)
    size = path.stat().st_size
    assert seen[-1] == (size, size)
    assert pids
    assert not any(is_alive(pid) for pid in pids)


def test_examples_over_the_limit(tmp_path: Path) -> None:
    records = [example(1), example(2, words=9000), example(3)]
    path = write(tmp_path / "long.jsonl", records)
    totals = count_file(path, rule_for("gpt-3.5-turbo-0613"))
    counts = [plain_count(record, "cl100k_base")[0] for record in records]
    assert counts[1] > 4096
    assert totals.over_limit == 1
    assert totals.billable == counts[0] + 4096 + counts[2]


def test_cancelling_ends_it(tmp_path: Path) -> None:
    path = write(tmp_path / "large.jsonl", [example(number) for number in range(3000)])
    with pytest.raises(CountingCancelled) as caught:
        count_file(path, RULE, cancel=lambda: True)
    assert caught.value.exit_code == 130


def test_what_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(InputError):
            count_file(path, RULE)


def test_a_file_that_is_replaced_meanwhile_is_counted_as_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "large.jsonl", [example(number) for number in range(3000)])
    real = counter.open_whole

    def replaced_after_opening(path: Path, cancel: Callable[[], bool]) -> object:
        file = real(path, cancel)
        write(tmp_path / "other.jsonl", [example(1)]).replace(path)
        return file

    monkeypatch.setattr(counter, "open_whole", replaced_after_opening)
    assert count_file(path, RULE).examples == 3000


def test_where_files_are_opened_by_name_another_file_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "large.jsonl", [example(number) for number in range(3000)])
    monkeypatch.setattr(processes, "INHERITS", False)
    assert count_file(path, RULE).examples == 3000
    real = counter.open_whole

    def replaced_after_opening(path: Path, cancel: Callable[[], bool]) -> object:
        file = real(path, cancel)
        write(tmp_path / "other.jsonl", [example(1)]).replace(path)
        return file

    monkeypatch.setattr(counter, "open_whole", replaced_after_opening)
    with pytest.raises(FttuiError, match="changed by another program"):
        count_file(path, RULE)


@pytest.mark.parametrize("examples", [30, 4_000])  # here, and in processes
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_a_compressed_file_counts_as_what_is_in_it(
    tmp_path: Path, examples: int, pack: Callable[[bytes], bytes]
) -> None:
    plain = write(tmp_path / "a.jsonl", [example(number) for number in range(examples)])
    packed = tmp_path / "a.jsonl.packed"
    packed.write_bytes(pack(plain.read_bytes()))
    assert count_file(packed, RULE) == count_file(plain, RULE)


def test_a_torn_archive_gives_no_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [example(number) for number in range(3_000)])
    path.write_bytes(gzip.compress(path.read_bytes())[:-20])
    with pytest.raises(InputError, match=r"a\.jsonl was not read to its end: its gzip data breaks off\.$"):
        count_file(path, RULE)


def test_unpacking_can_be_cancelled(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [example(number) for number in range(9_000)])
    path.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(CountingCancelled):
        count_file(path, RULE, cancel=lambda: True)
