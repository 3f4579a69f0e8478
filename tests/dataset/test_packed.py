"""Compressed files and standard input: rows as they are unpacked, whatever is wrong with what comes."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from fttui.core.errors import InputError
from fttui.dataset import filling
from fttui.dataset.document import Document
from fttui.dataset.filling import STANDARD_INPUT, FillingReader, adopt_standard_input
from fttui.dataset.packed import PACKINGS, Packing, UnpackingError, packed_for, packing_for, packing_of

TEXT = b"".join(b'{"n": %d, "text": "%s"}\n' % (n, os.urandom(12).hex().encode()) for n in range(30_000))
SOME: bytes = TEXT[:20_000]
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
    "bz2": bz2.compress,
    "xz": lambda data: lzma.compress(data, preset=0),
}


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def read_all(path: Path) -> tuple[bytes, FillingReader]:
    document = Document.open(path)
    document.build_index()
    assert document.is_indexed
    file = document.source(document.base)
    reader = getattr(file, "reader", None)
    assert isinstance(reader, FillingReader)
    return b"".join(document.lines()), reader


@pytest.mark.parametrize("kind", PACK)
def test_each_kind_is_unpacked_whole(tmp_path: Path, kind: str) -> None:
    data, reader = read_all(written(tmp_path / "chat.jsonl", PACK[kind](TEXT)))  # known by what it is, not by its name
    assert data == TEXT
    assert (reader.is_full, reader.size, reader.problem) == (True, len(TEXT), "")
    assert reader.title == "chat.jsonl"
    assert "is compressed" in reader.why_new_name
    assert reader.stamp.size < len(TEXT)


def test_an_archive_is_read_when_very_many_files_are_open(tmp_path: Path) -> None:
    path = written(tmp_path / "chat.jsonl.gz", PACK["gz"](SOME))
    with Path(os.devnull).open("rb") as null:
        copies = [os.dup(null.fileno()) for _ in range(1_100)]
    try:
        data, reader = read_all(path)
    finally:
        for copy in copies:
            os.close(copy)
    assert (data, reader.problem) == (SOME, "")


@pytest.mark.parametrize("kind", PACK)
def test_several_packed_one_after_the_other(tmp_path: Path, kind: str) -> None:
    pack = PACK[kind]
    parts = pack(SOME[:100]) + pack(b"") + pack(SOME[100:7000]) + pack(SOME[7000:])
    data, reader = read_all(written(tmp_path / "chat", parts))
    assert (data, reader.problem) == (SOME, "")


@pytest.mark.parametrize("kind", PACK)
def test_an_archive_that_breaks_off_keeps_what_came_before(tmp_path: Path, kind: str) -> None:
    packed = PACK[kind](TEXT)
    data, reader = read_all(written(tmp_path / "chat", packed[: len(packed) * 2 // 3]))
    assert data
    assert TEXT.startswith(data)
    assert "breaks off" in reader.problem
    assert reader.problem.count("\n") == 0


@pytest.mark.parametrize("kind", PACK)
def test_damage_keeps_what_came_before(tmp_path: Path, kind: str) -> None:
    packed = bytearray(PACK[kind](TEXT))
    for at in range(len(packed) * 2 // 3, len(packed) * 2 // 3 + 40):
        packed[at] ^= 0xFF
    data, reader = read_all(written(tmp_path / "chat", bytes(packed)))
    assert len(data) < len(TEXT) or data != TEXT
    assert data.startswith(TEXT[:100_000])
    assert "was not read to its end" in reader.problem


def test_what_follows_an_archive_is_told(tmp_path: Path) -> None:
    data, reader = read_all(written(tmp_path / "padded", gzip.compress(SOME) + bytes(512)))
    assert (data, reader.problem) == (SOME, "")
    data, reader = read_all(written(tmp_path / "more", gzip.compress(SOME) + b"no archive"))
    assert data == SOME
    assert "is damaged" in reader.problem


@pytest.mark.parametrize(
    "content", [b"\x1f\x8b", b"\x1f\x8bnonsense", b"BZhno", b"\xfd7zXZ\x00no", b"\x28\xb5\x2f\xfd"]
)
def test_an_archive_without_a_single_byte_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        Document.open(written(tmp_path / "chat.gz", content))
    assert caught.value.message.startswith(f"{tmp_path / 'chat.gz'} was not read to its end: its ")
    assert caught.value.message.endswith(".")


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("a"), io.BytesIO())
    with pytest.raises(InputError, match="a binary file"):
        Document.open(written(tmp_path / "chat.tgz", buffer.getvalue()))
    with pytest.raises(InputError, match="gzip-compressed"):
        Document.open(written(tmp_path / "twice.gz", gzip.compress(gzip.compress(SOME))))


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_bomb_is_stopped(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "_RATIO_COUNTS_FROM", 1 << 20)
    document = Document.open(written(tmp_path / "bomb", PACK[kind](b"[1]\n" * (12 << 20))))
    document.build_index()
    assert document.is_indexed
    assert 1 << 20 < document.size < 48 << 20
    reader = getattr(document.source(document.base), "reader", None)
    assert "250 times its size" in reader.problem
    assert document.raw(0) == b"[1]"


def test_a_full_disk_keeps_what_came_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append = FillingReader.append

    def full(self: FillingReader, data: bytes) -> None:
        if self.size > 200_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        append(self, data[:100_000])

    monkeypatch.setattr(FillingReader, "append", full)
    data, reader = read_all(written(tmp_path / "chat", gzip.compress(TEXT)))
    assert data
    assert "no room to unpack the rest (no space left on device)" in reader.problem


def test_a_nearly_full_disk_is_left_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "_KEPT_FREE", 1 << 60)
    monkeypatch.setattr(filling, "_LOOK_AT_DISK", 1 << 18)
    data, reader = read_all(written(tmp_path / "chat", zstandard.ZstdCompressor().compress(TEXT)))
    assert TEXT.startswith(data)
    assert "the disk is nearly full" in reader.problem


def test_first_rows_come_before_all_is_unpacked(tmp_path: Path) -> None:
    path = written(tmp_path / "chat.gz", gzip.compress(TEXT * 20, 1))
    document = Document.open(path)
    first = len(document)
    assert 0 < first < 600_000
    assert not document.is_indexed
    assert document.size > document.indexed_bytes
    path.unlink()  # what is open stays
    document.build_index()
    assert len(document) == 600_000
    assert list(document.lines())[-1] == TEXT.splitlines(keepends=True)[-1]


def test_nothing_is_left_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTTUI_HOME", str(tmp_path / "home"))
    data, _ = read_all(written(tmp_path / "chat.gz", gzip.compress(SOME)))
    assert data == SOME
    assert list((tmp_path / "home/cache/unpacked").iterdir()) == []


@settings(max_examples=60)
@given(st.binary(max_size=3000), st.sampled_from(PACKINGS), st.integers(1, 200))
def test_what_is_packed_comes_back(data: bytes, packing: Packing, size: int) -> None:
    packed = b"".join(packing.packed(data[at : at + size] for at in range(0, len(data), size)))
    assert packing_of(packed) is packing
    unpacker = packing.unpacker()
    back = b"".join(part for at in range(0, len(packed), size) for part in unpacker.feed(packed[at : at + size]))
    unpacker.finish()
    assert back == data


@settings(max_examples=60)
@given(st.binary(min_size=1, max_size=300), st.sampled_from(PACKINGS))
def test_any_bytes_are_unpacked_or_refused(junk: bytes, packing: Packing) -> None:
    unpacker = packing.unpacker()
    try:
        assert sum(map(len, unpacker.feed(packing.magic + junk))) >= 0
        unpacker.finish()
    except UnpackingError as error:
        assert packing.name in str(error)


@pytest.mark.parametrize("name", ["a.gz", "a.jsonl.GZ", "a.zst", "a.bz2", "a.xz", "a.jsonl", "gz"])
def test_a_name_says_how_to_pack(name: str, tmp_path: Path) -> None:
    path = written(tmp_path / name, b"".join(packed_for(Path(name), [SOME[:999], SOME[999:]])))
    if packing_for(path) is None:
        assert path.read_bytes() == SOME
    else:
        assert read_all(path)[0] == SOME


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.zst"])
def test_what_was_unpacked_is_saved_under_a_new_name(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "chat.jsonl.gz", gzip.compress(SOME))
    before = path.read_bytes()
    document = Document.open(path)
    document.replace_raw(0, b'{"edited": 1}')
    assert document.needs_name
    with pytest.raises(InputError, match="is compressed"):
        document.save()
    document.save_as(tmp_path / name)
    assert not document.needs_name
    document.replace_raw(1, b'{"edited": 2}')
    document.save()
    again = Document.open(tmp_path / name)
    again.build_index()
    lines = SOME.splitlines(keepends=True)
    assert b"".join(again.lines()) == b"".join([b'{"edited": 1}\n', b'{"edited": 2}\n', *lines[2:]])
    assert again.needs_name == (packing_for(Path(name)) is not None)
    assert path.read_bytes() == before
    assert document.undo() == 1
    assert document.undo() == 0
    assert document.raw(0) == lines[0].rstrip()


# --- standard input ---------------------------------------------------------------------------------------------------


@pytest.fixture
def pipe() -> Iterator[io.FileIO]:
    """The end to write to; the other one is standard input."""
    reading, writing = os.pipe()
    adopt_standard_input(reading)
    with io.FileIO(writing, "wb") as file:
        yield file
    while filling._adopted:
        os.close(filling._adopted.pop())


def indexing(document: Document, on_progress: Callable[[int], None]) -> threading.Thread:
    thread = threading.Thread(target=document.build_index, kwargs={"on_progress": on_progress})
    thread.start()
    return thread


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_is_piped_in_whole_is_there_at_once(pipe: io.FileIO, pack: Callable[[bytes], bytes]) -> None:
    pipe.write(pack(b'{"a": 1}\r\n{"a": 2}'))
    pipe.close()
    document = Document.open(STANDARD_INPUT)
    assert document.is_indexed
    assert [document.raw(row) for row in range(len(document))] == [b'{"a": 1}', b'{"a": 2}']
    assert document.newline == b"\r\n"
    with pytest.raises(InputError):
        Document.open(STANDARD_INPUT)  # once only


def test_a_slow_producer_is_followed(pipe: io.FileIO) -> None:
    document = Document.open(STANDARD_INPUT)
    assert (len(document), document.is_indexed) == (0, False)
    grown = threading.Semaphore(0)
    thread = indexing(document, lambda done: grown.release())
    pipe.write(b"\xef\xbb\xbffirst\nsec")
    assert grown.acquire(timeout=10)
    assert [document.raw(row) for row in range(len(document))] == [b"first"]
    document.replace_raw(0, b"edited")
    pipe.write(b"ond\nthird")
    assert grown.acquire(timeout=10)
    pipe.close()
    thread.join(10)
    assert document.is_indexed
    assert [document.raw(row) for row in range(len(document))] == [b"edited", b"second", b"third"]


def test_a_producer_that_never_ends_holds_nobody_up(pipe: io.FileIO) -> None:
    pipe.write(b"one\ntw")
    document = Document.open(STANDARD_INPUT)
    assert len(document) == 1
    thread = indexing(document, lambda done: None)
    document.close()
    thread.join(10)
    assert not thread.is_alive()
    assert not document.is_indexed


def test_binary_input_is_refused(pipe: io.FileIO) -> None:
    pipe.write(b"\x7fELF\0\0")
    with pytest.raises(InputError, match="Standard input is a binary file"):
        Document.open(STANDARD_INPUT)


def test_a_torn_archive_says_so_until_its_rows_are_saved(tmp_path: Path) -> None:
    torn = written(tmp_path / "chat.jsonl.gz", PACK["gz"](TEXT)[:-2_000])
    document = Document.open(torn)
    document.build_index()
    assert "was not read to its end" in document.problem
    document.save_as(tmp_path / "rows.jsonl")
    assert document.problem == ""
