"""Check every file of a folder and compare what is found with what was found before.

    python benchmarks/check_shared.py [FOLDER] [--golden docs/check_shared.json] [--write]

The folder is ../shared/data unless named. Of each file are compared its kind, its examples, how often each rule is
broken for any target, and for whom it is ready. Prints what differs, a line each; exit status 1 when something does.
``--write`` makes what is found now the golden results.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT.parent / "shared" / "data"
GOLDEN: Final = ROOT / "docs" / "check_shared.json"
NO_DATA: Final = ("LICENSE", "README.md")


def results_of(folder: Path) -> dict[str, Any]:
    """By path below the folder: what the check of each file found, in few words."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in NO_DATA)
    return {path.relative_to(folder).as_posix(): result_of(path) for path in files}


def result_of(path: Path) -> dict[str, Any]:
    """What the check of a file found for all targets; why it cannot be read, where that is so."""
    from fttui.checks.run import Options, check_file
    from fttui.checks.targets import targets
    from fttui.core.errors import InputError

    try:
        report = check_file(path, Options(tuple(targets()), keep=1))
    except InputError as error:
        return {"refused": str(error).replace(str(path), path.name)}
    ready: dict[str, list[str]] = {}
    for target, state in report.grid.items():
        ready.setdefault(state, []).append(target)
    return {
        "kind": report.kind,
        "examples": report.examples,
        "issues": {rule: count.issues for rule, count in report.counts.items()},
        "ready": {state: ready[state] for state in ("ok", "fixable", "impossible") if state in ready},
    }


def differences(golden: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    """A line for each thing that is not as it was."""
    for name in sorted(golden.keys() | found.keys()):
        before, now = golden.get(name), found.get(name)
        if before is None or now is None:
            yield f"{name}: {'is new' if before is None else 'is gone'}"
            continue
        for key in sorted(before.keys() | now.keys()):
            if before.get(key) != now.get(key):
                yield f"{name}: {key} was {json.dumps(before.get(key))}, is {json.dumps(now.get(key))}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--golden", type=Path, default=GOLDEN)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    if not asked.folder.is_dir():
        print(f"There is no folder {asked.folder}.", file=sys.stderr)
        return 2
    found = results_of(asked.folder)
    if asked.write:
        lines = (f"{json.dumps(name)}: {json.dumps(result)}" for name, result in found.items())
        asked.golden.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
        return 0
    told = list(differences(json.loads(asked.golden.read_text("utf-8")), found))
    print("\n".join(told) if told else f"{len(found)} files are as they were.")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
