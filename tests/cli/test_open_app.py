"""``fttui PATH…`` and ``fttui -`` on a terminal of their own."""

from __future__ import annotations

import fcntl
import gzip
import io
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fttui.cli import open_app as module
from fttui.cli.main import run

PATIENCE_S = 60
LINES = b"".join(
    json.dumps(
        {"messages": [{"role": "user", "content": f"piped {n}"}, {"role": "assistant", "content": "yes"}]}
    ).encode()
    + b"\n"
    for n in range(3)
)


class Terminal:
    """The program on a terminal, with something else on standard input."""

    def __init__(self, *arguments: str, stdin: int | io.BufferedReader, is_on_terminal: bool = True) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        # the terminal that a process opens first in a session of its own is its controlling one: /dev/tty
        takes_terminal = "import os, sys; os.close(os.open(os.ttyname(2), os.O_RDWR)); " if is_on_terminal else ""
        program = "from fttui.__main__ import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", takes_terminal + program, *arguments],
            stdin=stdin,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env=os.environ | {"TERM": "xterm-256color"},
        )
        os.close(slave)
        self.shown = b""

    def wait_for(self, text: bytes) -> None:
        until = time.monotonic() + PATIENCE_S
        while text not in self.shown:
            assert time.monotonic() < until, self.shown
            self._read(1)

    def leave(self) -> int:
        """Press ctrl+q; the exit status."""
        os.write(self.master, b"\x11")
        return self.end()

    def end(self) -> int:
        until = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < until, self.shown
            self._read(0.1)
        self._read(0)
        return self.process.returncode

    def _read(self, patience_s: float) -> None:
        while select.select([self.master], [], [], patience_s)[0]:
            try:
                self.shown += os.read(self.master, 1 << 16)
            except OSError:  # nobody is at the other end
                time.sleep(0.01)
                return
            patience_s = 0

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_redirected_file_is_shown_and_keys_come_from_the_terminal(
    tmp_path: Path, terminals: list[Terminal], pack: type[bytes]
) -> None:
    path = tmp_path / "in"
    path.write_bytes(pack(LINES))
    with path.open("rb") as file:
        terminal = Terminal("-", stdin=file)
    terminals.append(terminal)
    terminal.wait_for(b"piped 1")
    assert b"standard input" in terminal.shown
    assert terminal.leave() == 0


def test_a_producer_that_never_ends_is_followed_and_left(terminals: list[Terminal]) -> None:
    reading, writing = os.pipe()
    terminal = Terminal("-", stdin=reading)
    terminals.append(terminal)
    os.close(reading)
    with io.FileIO(writing, "wb") as pipe:
        pipe.write(LINES)
        terminal.wait_for(b"piped 2")
        pipe.write(LINES.replace(b"piped", b"later"))
        terminal.wait_for(b"later 1")
        assert terminal.leave() == 0


@pytest.mark.parametrize(
    ("content", "on_terminal", "said"),
    [
        (LINES, False, b"There is no terminal to open the app in."),
        (b"\x7fELF\0\0", True, b"Standard input is a binary file"),
        (b"\x1f\x8bnonsense", True, b"Standard input was not read to its end: its gzip data is damaged."),
    ],
)
def test_what_cannot_be_opened_is_one_sentence(
    tmp_path: Path, terminals: list[Terminal], content: bytes, on_terminal: bool, said: bytes
) -> None:
    path = tmp_path / "in"
    path.write_bytes(content)
    with path.open("rb") as file:
        terminals.append(Terminal("-", stdin=file, is_on_terminal=on_terminal))
    assert terminals[0].end() == 2
    assert said in b" ".join(terminals[0].shown.split())
    assert b"Traceback" not in terminals[0].shown


def test_nothing_is_read_from_the_keyboard(terminals: list[Terminal]) -> None:
    master, slave = pty.openpty()
    try:
        terminals.append(Terminal("-", stdin=slave))
        assert terminals[0].end() == 2
        assert b"Standard input is the terminal" in terminals[0].shown
    finally:
        os.close(slave)
        os.close(master)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[object]]:
    """What the app was started with."""
    calls: list[list[object]] = []
    monkeypatch.setattr(module, "start_app", lambda paths, profile: calls.append(list(paths)))
    monkeypatch.setattr(module, "has_terminal", lambda *, but_input=False: True)
    return calls


def test_all_paths_are_passed_on_in_order(
    tmp_path: Path, started: list[list[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b.jsonl", "a.jsonl", "-"):
        Path(name).write_bytes(LINES)
    Path("c.jsonl.gz").write_bytes(gzip.compress(LINES))
    assert run(["b.jsonl", "c.jsonl.gz", "./-", "a.jsonl"]) == 0
    assert started == [[Path("b.jsonl"), Path("c.jsonl.gz"), tmp_path / "-", Path("a.jsonl")]]


def test_one_path_that_cannot_be_opened_opens_none(
    tmp_path: Path, started: list[list[object]], capfd: pytest.CaptureFixture[str]
) -> None:
    good, torn = tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"
    good.write_bytes(LINES)
    torn.write_bytes(b"\x1f\x8b")
    assert run([str(good), str(torn)]) == 2
    assert "gzip data breaks off" in capfd.readouterr().err
    assert run(["-", str(good), "-"]) == 2
    assert "once only" in capfd.readouterr().err
    assert started == []
