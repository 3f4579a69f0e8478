"""What opens, and in one sentence why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fttui.core.errors import InputError
from fttui.dataset.document import Document
from unprivileged import let_others_in, without_root


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        Document.open(path)
    assert caught.value.exit_code == 2
    sentence = caught.value.message
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_no_file(tmp_path: Path) -> None:
    path = tmp_path / "nothing.jsonl"
    assert refusal(path) == f"There is no file {path}."
    assert refusal(path / "below").startswith("There is no file")


def test_a_directory(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path} is a directory, not a JSONL file."


def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.jsonl"
    path.write_bytes(b"{}\n")
    path.chmod(0)
    let_others_in(tmp_path)
    with without_root():
        assert refusal(path) == f"No permission to read {path}."


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert refusal(path) == f"{path} is a device or a pipe, not a JSONL file."


def test_a_link_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "loop"
    path.symlink_to(path)
    assert refusal(path) == f"{path} is a symbolic link that leads back to itself."


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04rest", "a zip archive"),
        (b"PAR1rest", "a Parquet table"),
        ("{}\n".encode("utf-16"), "UTF-16 text"),
        (b"\x7fELF\0\0\0", "a binary file"),
        (b"{}\n\0", "a binary file"),
    ],
)
def test_a_file_that_is_no_text(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(content)
    assert refusal(path).startswith(f"{path} is {kind}")


@pytest.mark.parametrize("name", ["a\x1b]0;owned\x07b.jsonl", "new\nline.jsonl", "half\udc80.jsonl"])
def test_a_hostile_name_is_made_safe(tmp_path: Path, name: str) -> None:
    sentence = refusal(tmp_path / name)
    assert "\x1b" not in sentence
    sentence.encode()


def test_a_name_with_a_nul_character(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a\0b").endswith("is not a file name.")


def test_a_disk_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"{}\n")
    document = Document.open(path)

    def fail(*args: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pread", fail)
    assert refusal(path) == f"{path} cannot be read: Input/output error."
    with pytest.raises(InputError, match="cannot be read"):
        document.raw(0)
    error = document.parsed(0).error
    assert error is not None
    assert error.reason == f"{path} cannot be read: Input/output error"


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"", []),
        (b"\xef\xbb\xbf", []),
        (b"\n", [b""]),
        (b"a", [b"a"]),
        (b"a\n\nb", [b"a", b"", b"b"]),
        (b"\xef\xbb\xbfa\r\nb\nc\r", [b"a", b"b", b"c"]),
    ],
)
def test_rows_are_lines(tmp_path: Path, content: bytes, rows: list[bytes]) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(content)
    document = Document.open(path)
    assert document.is_indexed
    assert [document.raw(row) for row in range(len(document))] == rows
    with pytest.raises(IndexError):
        document.raw(len(rows))
    with pytest.raises(IndexError):
        document.parsed(-1)


def test_a_blank_line_is_a_broken_row(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"{}\n \n{}\n")
    error = Document.open(path).parsed(1).error
    assert error is not None
    assert error.reason == "blank line"


def test_a_file_cut_short_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b'{"a": 1}\n' * 100)
    document = Document.open(path)
    with path.open("r+b") as file:
        file.truncate(5)
    assert document.raw(0) == b'{"a":'
    assert document.raw(50) == b""
    assert document.parsed(50).error is not None
