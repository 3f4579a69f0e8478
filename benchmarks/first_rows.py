"""How long until the first rows of a large file can be shown, and until all rows are known.

    python benchmarks/first_rows.py [FILE.jsonl] [--examples 1000000] [--runs 3]

Without a file it generates one (see make_examples.py) in a temporary directory. Prints one JSON document: the best of
the runs, each in a process of its own, and beside the times the budgets of a 1.04 GB file. The file is read once
before, so that the disk is not what is measured; `read_s` is a plain read of the whole file in the same process.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from make_examples import write

BUDGETS = {"first_rows_s": 0.35, "index_s": 1.0, "bytes_per_row": 8}
_ON_SCREEN = 50


def resident_mib() -> float:
    """Memory of this process that is in RAM; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def plain_read(path: Path) -> float:
    """Seconds to read the file from start to end."""
    start = time.perf_counter()
    with path.open("rb", buffering=0) as file:
        while file.read(4 << 20):
            pass
    return time.perf_counter() - start


def measure(path: Path) -> dict[str, Any]:
    """One run, to be made in a fresh process."""
    began = time.perf_counter()
    from fttui.dataset.document import Document
    from fttui.formats.chat import preview_of

    imported = time.perf_counter()
    before = resident_mib()
    opened = time.perf_counter()
    document = Document.open(path)
    previews = [preview_of(document.parsed(row).value or {}) for row in range(min(_ON_SCREEN, len(document)))]
    shown = time.perf_counter()
    document.build_index()
    indexed = time.perf_counter()
    source = document.source(document.base)
    offsets = source.index.offsets  # type: ignore[union-attr]
    return {
        "import_s": imported - began,
        "first_rows_s": shown - opened,
        "index_s": indexed - opened,
        "first_rows": len(previews),
        "rows": len(document),
        "bytes": document.size,
        "bytes_per_row": offsets.itemsize,
        "memory_before_mib": before,
        "memory_after_mib": resident_mib(),
        "read_s": plain_read(path),
    }


def best_of(path: Path, runs: int) -> dict[str, Any]:
    plain_read(path)
    command = [sys.executable, __file__, str(path), "--once"]
    results = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(runs)]
    best: dict[str, Any] = min(results, key=lambda result: result["index_s"])
    for name in ("import_s", "first_rows_s", "read_s"):
        best[name] = min(result[name] for result in results)
    return {**best, "runs": runs, "budgets": BUDGETS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--examples", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.once:
        print(json.dumps(measure(arguments.file)))
        return
    with tempfile.TemporaryDirectory() as directory:
        path = arguments.file
        if path is None:
            path = Path(directory) / "examples.jsonl"
            write(path, arguments.examples)
        print(json.dumps(best_of(path, arguments.runs), indent=2))


if __name__ == "__main__":
    main()
