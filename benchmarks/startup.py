"""How long `fttui --version` takes, and how long until `fttui FILE` has painted its first rows.

    python benchmarks/startup.py [FILE.jsonl] [--runs 10]

Prints one JSON document: median, best and worst in seconds, the time of an interpreter that does nothing (`python -c
""`) measured in turn with the others, and the budgets. The first paint is the moment when a text of the file's first
example has come out of a pseudo-terminal of 140×40 cells, counted from the start of the process. Without a file, a
sample is opened. Where there are no pseudo-terminals (Windows) only `--version` is measured.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

BUDGETS = {"version_s": 0.08, "first_paint_s": 0.30}
PATIENCE_S = 20.0
COLUMNS, ROWS = 140, 40
_ESCAPE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P][^\x07\x1b]*(?:\x07|\x1b\\)|[^\[\]P])")


def program() -> list[str]:
    """The installed command beside this interpreter, which starts as a user's does; else the module."""
    found = shutil.which("fttui", path=str(Path(sys.executable).parent)) or shutil.which("fttui")
    return [found] if found else [sys.executable, "-m", "fttui"]


def run_time(command: list[str]) -> float:
    """Seconds from the start of a command to its end."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def first_paint(command: list[str], wanted: bytes) -> float:
    """Seconds until the text ``wanted`` has been painted; the program is ended then."""
    import fcntl
    import pty
    import termios

    start = time.perf_counter()
    pid, terminal = pty.fork()
    if not pid:
        # the size is set by the child itself, so that it is there before the program asks
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.execvp(command[0], command)
    painted = b""
    try:
        while wanted not in _ESCAPE.sub(b"", painted):
            left = start + PATIENCE_S - time.perf_counter()
            if left <= 0 or not select.select([terminal], [], [], left)[0]:
                raise SystemExit(f"{wanted.decode()!r} was not painted within {PATIENCE_S:.0f} s")
            try:
                painted += os.read(terminal, 1 << 16)
            except OSError:
                said = _ESCAPE.sub(b"", painted).decode(errors="replace").strip()
                raise SystemExit(f"the program ended before it painted: {said}") from None
        return time.perf_counter() - start
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def text_to_wait_for(path: Path) -> bytes:
    """The first word of at least four letters of the first example's question: it stands in the list of rows."""
    with path.open("rb") as file:
        record = json.loads(file.readline())
    question = next(message["content"] for message in record["messages"] if message["role"] == "user")
    word = re.search(r"[A-Za-z]{4,}", question)
    return (word[0] if word else question[:2]).encode()


def figures(times: list[float]) -> dict[str, float]:
    """Median, best and worst."""
    return {
        "median_s": round(statistics.median(times), 4),
        "best_s": round(min(times), 4),
        "worst_s": round(max(times), 4),
    }


def measure(path: Path, runs: int) -> dict[str, Any]:
    """Every figure, in turns, after one run of each that warms the disk cache."""
    timers: dict[str, Callable[[], float]] = {
        "interpreter": lambda: run_time([sys.executable, "-c", ""]),
        "version": lambda: run_time([*program(), "--version"]),
    }
    if os.name != "nt":
        wanted = text_to_wait_for(path)
        timers["first_paint"] = lambda: first_paint([*program(), str(path)], wanted)
    times: dict[str, list[float]] = {name: [] for name in timers}
    for turn in range(runs + 1):
        for name, timer in timers.items():
            seconds = timer()
            if turn:
                times[name].append(seconds)
    return {name: figures(found) for name, found in times.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, help="the file to open; a sample otherwise")
    parser.add_argument("--runs", type=int, default=10)
    arguments = parser.parse_args()
    path = arguments.file or Path(str(files("fttui.samples").joinpath("sport-train.jsonl")))
    with tempfile.TemporaryDirectory() as home:
        # compiled once, as an installed program is, also where Python is told to write no compiled files
        os.environ |= {"FTTUI_HOME": home, "TERM": "xterm-256color", "PYTHONPYCACHEPREFIX": f"{home}/compiled"}
        for name in ("OPENAI_API_KEY", "PYTHONDONTWRITEBYTECODE"):
            os.environ.pop(name, None)
        found = measure(path, max(arguments.runs, 1))
    print(
        json.dumps(
            {
                "file": str(path),
                "bytes": path.stat().st_size,
                "runs": arguments.runs,
                "python": platform.python_version(),
                "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
                **found,
                "budgets": BUDGETS,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
