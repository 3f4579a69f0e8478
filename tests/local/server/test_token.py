"""The server's token: kept from one server to the next, as long as nobody else can have read it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fttui.core.paths import make
from fttui.core.server_state import local_dir, token_file
from fttui.local.server import _token


@pytest.fixture
def known(fttui_home: Path) -> str:
    """The token of an earlier server."""
    make(local_dir())
    return _token()


def test_other_programs_need_not_be_told_a_new_one_after_each_start(known: str) -> None:
    assert len(known) == 43
    assert _token() == known
    assert token_file().read_text("ascii") == known


@pytest.mark.skipif(os.name == "nt", reason="no such modes there")
def test_one_that_others_could_read_is_replaced(known: str) -> None:
    token_file().chmod(0o644)
    new = _token()
    assert new != known
    assert token_file().stat().st_mode & 0o777 == 0o600
    assert _token() == new


@pytest.mark.parametrize("content", [b"", b"secret", b"x" * 44, b"\xff" * 43, b"a" * 42 + b"\n" + b"b"])
def test_what_is_no_token_is_replaced(known: str, content: bytes) -> None:
    token_file().write_bytes(content)
    assert len(_token()) == 43
    assert token_file().read_bytes() != content


def test_a_deleted_one_is_made_anew(known: str) -> None:
    token_file().unlink()
    assert _token() != known
