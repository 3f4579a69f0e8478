"""Edit and save every text file of a folder, and see that every byte that was not edited comes back.

    python benchmarks/roundtrip.py FOLDER [--seed 1] [--edits 20]

Each file is copied, opened, edited at random (texts replaced, lines inserted, deleted, moved, undone, in bulk), saved,
and compared line by line with the original; then everything is undone and saved again, which must give the very bytes
of the original. Prints one JSON document; exit status 1 when a byte was lost.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

_LINES: Final = re.compile(rb"[^\n]*\n|[^\n]+\Z")
_BOM: Final = b"\xef\xbb\xbf"
_NEW: Final = b'{"messages": [{"role": "user", "content": "edited by the round trip"}]}'


def lines_of(data: bytes) -> list[bytes]:
    """The lines with their endings, without a byte order mark."""
    return _LINES.findall(data.removeprefix(_BOM))


def tried(path: Path, copy: Path, choose: random.Random, edits: int) -> dict[str, Any] | None:
    """What came of one file; None for one that is no text."""
    from fttui.core.errors import InputError
    from fttui.dataset.document import Document
    from fttui.dataset.rowset import RowSet

    original = path.read_bytes()
    copy.write_bytes(original)
    try:
        document = Document.open(copy)
        document.build_index()
    except InputError as error:
        return {"file": path.name, "refused": str(error)}
    if document.needs_name:
        return {"file": path.name, "refused": document.title}
    model: list[bytes | None] = list(lines_of(original))  # None: edited
    for _ in range(edits):
        count = len(model)
        kind = choose.choice(("replace", "insert", "delete", "move", "bulk"))
        row = choose.randrange(count) if count else 0
        if kind == "insert" or not count:
            document.insert_raw(row, _NEW)
            model.insert(row, None)
        elif kind == "replace":
            document.replace_raw(row, _NEW)
            model[row] = None
        elif kind == "delete":
            document.delete(row)
            del model[row]
        elif kind == "move":
            to = choose.randrange(count)
            document.move(row, to)
            model.insert(to, model.pop(row))
        else:
            chosen = RowSet.of(choose.sample(range(count), min(count, 5)))
            document.replace_lines(chosen, [_NEW] * len(chosen))
            for number in chosen:
                model[number] = None
    document.save()
    saved = copy.read_bytes()
    ends = lines_of(saved)
    wrong = [
        number + 1
        for number, (kept, line) in enumerate(zip(model, ends, strict=False))
        if kept is not None and kept.rstrip(b"\r\n") != line.rstrip(b"\r\n")
    ]
    same_rows = len(ends) == len(model)
    while document.can_undo:
        document.undo()
    document.save()
    return {
        "file": path.name,
        "bytes": len(original),
        "lines": len(lines_of(original)),
        "untouched_lines_wrong": wrong[:5] if same_rows else ["another number of lines"],
        "undone_equals_original": copy.read_bytes() == original,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--edits", type=int, default=20)
    arguments = parser.parse_args()
    choose = random.Random(arguments.seed)
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as home:
        os.environ["FTTUI_HOME"] = home
        for path in sorted(path for path in arguments.folder.rglob("*") if path.is_file()):
            result = tried(path, Path(home) / "copy.jsonl", choose, arguments.edits)
            if result is not None:
                results.append(result)
    read = [result for result in results if "refused" not in result]
    bad = [r for r in read if r["untouched_lines_wrong"] or not r["undone_equals_original"]]
    report = {
        "files": len(read),
        "bytes": sum(result["bytes"] for result in read),
        "lines": sum(result["lines"] for result in read),
        "refused": [result for result in results if "refused" in result],
        "wrong": bad,
    }
    print(json.dumps(report, indent=2))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
