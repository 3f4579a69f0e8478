"""What a file costs by its size: index, first rows, search, edits, save, memory, and scrolling in the app.

    python benchmarks/dataset.py [--sizes 10000,100000,1000000] [--runs 3] [--no-app] [--markdown]

Generates the files (see make_examples.py) in a temporary directory. Every measurement runs in a fresh process; the
median of the runs is printed, as one JSON document, with the ratios that have a budget; `--markdown` adds the table of
docs/benchmarks.md on standard error. Files are read once before, so that the disk is not what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from make_examples import write

BUDGETS: Final = {
    "first_rows_s": 0.35,
    "index_s": 1.0,
    "bytes_per_row": 8,
    "memory_mib": 120,
    "first_hits_s": 0.1,
    "search_text_s": 5.0,
    "save_ratio": 1.5,
    "edit_p99_ms": 5.0,
    "key_counting_p99_ms": 16.0,
    "page_counting_p99_ms": 16.0,
}
_ON_SCREEN: Final = 50
_EDITS: Final = 200
_KEYS: Final = 200
_AFTER_S: Final = 0.03
"""Seconds after a key in which all that follows from it is painted, and what runs ten times a second falls too."""


def resident_mib() -> float:
    """Memory of this process alone, without mapped files; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) / 1024


def read_through(path: Path) -> float:
    """Seconds to read the file from start to end."""
    start = time.perf_counter()
    with path.open("rb", buffering=0) as file:
        while file.read(4 << 20):
            pass
    return time.perf_counter() - start


def copy_and_sync(path: Path) -> float:
    """Seconds of ``cp`` and fsync."""
    copy = path.with_suffix(".copy")
    start = time.perf_counter()
    subprocess.run(["cp", path, copy], check=True)
    descriptor = os.open(copy, os.O_RDWR)
    os.fsync(descriptor)
    took = time.perf_counter() - start
    os.close(descriptor)
    copy.unlink()
    return took


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def opened(path: Path) -> dict[str, float]:
    """First rows, full index, memory."""
    from fttui.dataset.document import Document
    from fttui.formats.chat import preview_of

    start = time.perf_counter()
    document = Document.open(path)
    for row in range(min(_ON_SCREEN, len(document))):
        preview_of(document.parsed(row).value or {})
    shown = time.perf_counter()
    document.build_index()
    indexed = time.perf_counter()
    source = document.source(document.base)
    return {
        "first_rows_s": shown - start,
        "index_s": indexed - start,
        "bytes_per_row": float(source.index.offsets.itemsize),  # type: ignore[union-attr]
        "document_mib": resident_mib(),
        "read_s": read_through(path),
    }


def searched(path: Path) -> dict[str, float]:
    """Queries over the whole file, and the time to the first hits of a word that many rows have."""
    from fttui.dataset.document import Document
    from fttui.dataset.marks.marks import Marks
    from fttui.dataset.query import built_in_columns, parse_query, search

    document = Document.open(path)
    document.build_index()
    columns = built_in_columns(document, Marks(document))

    def run(text: str) -> tuple[float, float]:
        start = time.perf_counter()
        first = 0.0
        for hits in search(document, parse_query(text, columns), cancelled=lambda: False):
            if hits.rows and not first:
                first = time.perf_counter() - start
        return first, time.perf_counter() - start

    return {
        "first_hits_s": run("parcel")[0],
        "search_text_s": run("zzyzx")[1],
        "search_japanese_s": run("返金について")[1],
        "search_regex_s": run(r"/refund\s+\w+s\b/")[1],
        "search_field_s": run("turns:>=4 role:assistant")[1],
    }


def edited(path: Path) -> dict[str, float]:
    """Edits with their journal, bulk edits, and the save of a file with one edit against cp and fsync."""
    from fttui.dataset.rowset import RowSet
    from fttui.dataset.session import open_session

    copy = path.with_suffix(".edited")
    shutil.copyfile(path, copy)
    session = open_session(copy)
    document = session.document
    document.build_index()
    count = len(document)
    edits = []
    for number in range(_EDITS):
        raw = b'{"messages": [{"role": "user", "content": "edit %d"}]}' % number
        edits.append(timed(lambda row=number * 7919 % count, raw=raw: document.replace_raw(row, raw)))  # type: ignore[misc]
    edits.sort()
    found: dict[str, float] = {
        "edit_ms": statistics.median(edits) * 1000,
        "edit_p99_ms": edits[int(len(edits) * 0.99) - 1] * 1000,
    }
    every_tenth = RowSet.of(range(0, count, 10))
    found["delete_tenth_s"] = timed(lambda: document.delete_rows(every_tenth))
    found["undo_delete_ms"] = timed(document.undo) * 1000
    while document.can_undo:
        document.undo()
    document.replace_raw(count // 2, b'{"messages": []}')
    copied = copy_and_sync(path)
    found["save_s"] = timed(document.save)
    found["copy_s"] = copied
    found["save_ratio"] = found["save_s"] / copied
    session.close()
    copy.unlink()
    return found


def scrolled(path: Path) -> dict[str, float]:
    """Keys in the app without a terminal: processor time of the thread that draws, until all is painted."""
    return asyncio.run(_scrolled(path))


async def _scrolled(path: Path) -> dict[str, float]:
    from textual.events import Key

    from fttui.core.settings import Settings
    from fttui.dataset.document import Document
    from fttui.providers.profiles import resolve_profile
    from fttui.ui.app import FttuiApp
    from fttui.ui.services import Services
    from fttui.ui.start import collect_again
    from fttui.ui.theming import load_themes

    settings = Settings()
    services = Services(settings, resolve_profile(None, settings), document=Document.open(path))
    app = FttuiApp(services, themes=load_themes(), on_started=collect_again)
    found: dict[str, float] = {}
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        frames = _Frames(app)
        for name in ("counting", "counted"):
            if name == "counted":
                assert services.totals is not None
                await asyncio.to_thread(services.totals.wait)
                await asyncio.sleep(1)
            for label, key in (("key", "down"), ("page", "pagedown")):
                painted, all_after = [], []
                for _ in range(_KEYS):
                    begin = time.thread_time()
                    frames.begin()
                    app.post_message(Key(key, None))
                    await asyncio.sleep(_AFTER_S)
                    all_after.append((time.thread_time() - begin) * 1000)
                    painted.append(all_after[-1] if frames.painted is None else (frames.painted - begin) * 1000)
                found |= _spread(f"{label}_{name}", painted) | _spread(f"{label}_{name}_30ms", all_after)
        found["app_mib"] = resident_mib()
        app.exit()
    return found


class _Frames:
    """Notes when the first frame was out that shows both the rows and the example of the row where a key led."""

    def __init__(self, app: Any) -> None:
        from fttui.ui.widgets.example_view import ExampleView
        from fttui.ui.widgets.row_list import RowList

        self.painted: float | None = None
        self._rows, self._view = app.screen.query_one(RowList), app.screen.query_one(ExampleView)
        self._before, self._fresh = -1, set[object]()
        for widget in (self._rows, self._view):
            self._watch(widget)
        display = app._display

        def displayed(*arguments: Any, **more: Any) -> None:
            display(*arguments, **more)
            if self.painted is None and len(self._fresh) == 2:
                self.painted = time.thread_time()

        app._display = displayed

    def begin(self) -> None:
        self.painted, self._before = None, self._rows.cursor
        self._fresh.clear()

    def _watch(self, widget: Any) -> None:
        drawn = widget.render_lines

        def render_lines(crop: Any) -> Any:
            if self._rows.cursor != self._before:
                self._fresh.add(widget)
            return drawn(crop)

        widget.render_lines = render_lines


def _spread(name: str, times: list[float]) -> dict[str, float]:
    """Median and 99th percentile."""
    return {f"{name}_ms": statistics.median(times), f"{name}_p99_ms": sorted(times)[int(len(times) * 0.99) - 1]}


PARTS: Final[dict[str, Callable[[Path], dict[str, float]]]] = {
    "opened": opened,
    "searched": searched,
    "edited": edited,
    "scrolled": scrolled,
}


def in_fresh_process(part: str, path: Path) -> dict[str, float]:
    """One run of a part, with state of its own."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, __file__, "--part", part, "--file", str(path)]
        done = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "FTTUI_HOME": home}
        )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def measured(sizes: list[int], runs: int, parts: list[str]) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as directory:
        for size in sizes:
            path = Path(directory) / f"{size}.jsonl"
            write(path, size)
            read_through(path)
            row: dict[str, Any] = {"examples": size, "bytes": path.stat().st_size}
            for part in parts:
                results = [in_fresh_process(part, path) for _ in range(runs)]
                row |= {name: round(statistics.median(r[name] for r in results), 4) for name in results[0]}
            yield row
            path.unlink()


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as Markdown, a line a figure."""
    names = [name for name in rows[0] if name != "examples"]
    lines = ["| | " + " | ".join(f"{row['examples']:,}" for row in rows) + " | budget |"]
    lines.append("|---|" + "---|" * (len(rows) + 1))
    for name in names:
        cells = " | ".join(f"{row[name]:,}" for row in rows)
        lines.append(f"| {name} | {cells} | {BUDGETS.get(name, '')} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-app", action="store_true", help="leave scrolling out")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--part", choices=sorted(PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        print(json.dumps(PARTS[arguments.part](arguments.file)))
        return
    parts = [part for part in PARTS if part != "scrolled" or not arguments.no_app]
    rows = list(measured([int(size) for size in arguments.sizes.split(",")], arguments.runs, parts))
    print(json.dumps({"sizes": rows, "runs": arguments.runs, "budgets": BUDGETS}, indent=2))
    if arguments.markdown:
        print(table(rows), file=sys.stderr)


if __name__ == "__main__":
    main()
