"""The vendored vocabularies are tiktoken's own, and need no network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tiktoken import Encoding
from tiktoken_ext import openai_public

import hostile
from fttui.core.errors import FttuiError
from fttui.tokens import encodings
from fttui.tokens.encodings import NAMES, count_text, encoding

VOCAB = Path(encodings.__file__).parent / "vocab"


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """tiktoken's own definitions, reading a copy of the files through its own cache (it checks their hashes)."""
    cache = tmp_path_factory.mktemp("tiktoken")
    for file in VOCAB.iterdir():
        (cache / file.name).write_bytes(file.read_bytes())
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    os.environ["TIKTOKEN_CACHE_DIR"] = str(cache)
    try:
        return {name: getattr(openai_public, name)() for name in NAMES}
    finally:
        os.environ.pop("TIKTOKEN_CACHE_DIR")
        if before is not None:
            os.environ["TIKTOKEN_CACHE_DIR"] = before


@pytest.mark.parametrize("name", NAMES)
def test_definitions_are_those_of_tiktoken(name: str, stock: dict[str, dict[str, Any]]) -> None:
    ours = encoding(name)
    assert ours._pat_str == stock[name]["pat_str"]
    assert ours._mergeable_ranks == stock[name]["mergeable_ranks"]
    assert ours._special_tokens == stock[name]["special_tokens"]


@pytest.mark.parametrize("name", NAMES)
def test_counts_are_those_of_tiktoken(name: str, stock: dict[str, dict[str, Any]]) -> None:
    theirs = Encoding(**stock[name])
    for text in hostile.STRINGS.values():
        assert count_text(name, text) == len(theirs.encode_ordinary(text))


@pytest.mark.parametrize("name", NAMES)
def test_a_run_of_white_space_that_overflows_tiktoken(name: str) -> None:
    short = count_text(name, " " * 400_000 + "x")
    assert short == len(encoding(name).encode_ordinary(" " * 400_000 + "x"))
    slow_way = count_text(name, " " * 600_000 + "x\ud800")
    assert slow_way == len(encoding(name).encode_ordinary(" " * 600_000 + "x\ud800"))
    assert count_text(name, " " * 1_100_000 + "x") > short


def test_an_unknown_or_damaged_vocabulary_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FttuiError, match="p50k_base"):
        encoding("p50k_base")
    good = encodings._VOCABULARIES["o200k_base"]
    damaged = encodings._Vocabulary(good.file, "0" * 64, good.pattern, good.special_tokens)
    monkeypatch.setitem(encodings._VOCABULARIES, "damaged", damaged)
    with pytest.raises(FttuiError, match="damaged"):
        encoding("damaged")
    missing = encodings._Vocabulary("nothing", good.sha256, good.pattern, good.special_tokens)
    monkeypatch.setitem(encodings._VOCABULARIES, "missing", missing)
    with pytest.raises(FttuiError, match="Install fttui again"):
        encoding("missing")


OFFLINE = """
import socket, sys
def refuse(*args, **kwargs):
    raise AssertionError("the network was used")
socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = refuse
from fttui.tokens.encodings import NAMES, count_text
print([count_text(name, "Hello, world!") for name in NAMES], "requests" in sys.modules)
"""


def test_first_run_without_network_and_without_writing(tmp_path: Path) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in VOCAB.iterdir()}
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = {
        **os.environ,
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(temporary),
        "TEMP": str(temporary),
        "FTTUI_HOME": str(tmp_path / "fttui"),
    }
    for name in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE], env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["[4,", "4]", "False"]
    assert list(temporary.rglob("*")) == []
    assert not (tmp_path / "home").exists()
    assert {file.name: file.stat().st_mtime_ns for file in VOCAB.iterdir()} == before


def test_the_licence_lies_beside_the_files() -> None:
    notice = (VOCAB / "LICENSE.tiktoken").read_text()
    assert "MIT License" in notice
    assert "OpenAI, Shantanu Jain" in notice
