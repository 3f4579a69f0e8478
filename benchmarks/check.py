"""What checking a file costs: the whole run, the first issues, memory, cancelling, kinds of records, and each rule.

    python benchmarks/check.py [FILE] [--examples 1000000] [--no-rules]

Without FILE one is made (see make_examples.py), with a misspelt role in every thousandth example. Prints one JSON
document. The file is read once before, so that the disk is not what is measured; every measurement runs in a fresh
process. `kinds_us` are microseconds of one process for a record of each kind: for its rules, and for all that is done
with its line. `ratio_to_parsing` compares with reading the lines and parsing each with orjson alone, in one process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

BUDGETS: Final = {"seconds_per_million": 25.0, "first_issues_s": 1.0, "cancel_s": 0.2, "process_mib": 150}
_SPOILT: Final = 1000
_CANCEL_AFTER_S: Final = 1.0
_RECORDS: Final = 500
_TIMES: Final = 20


def make(path: Path, examples: int) -> None:
    """Write examples, some of them wrong."""
    from make_examples import lines

    with path.open("wb") as file:
        for number, line in enumerate(lines(examples)):
            file.write(line if number % _SPOILT else line.replace(b'"assistant"', b'"assitant"', 1))


def parsed(path: Path) -> dict[str, Any]:
    """Reading and parsing alone."""
    import orjson

    start = time.perf_counter()
    with path.open("rb") as file:
        for line in file:
            orjson.loads(line)
    return {"parsing_s": time.perf_counter() - start}


def checked(path: Path) -> dict[str, Any]:
    """The whole run, as the command line does it."""
    from fttui.checks.run import Options, check_file

    start = time.perf_counter()
    first: list[float] = []

    def on_issues(issues: list[Any]) -> None:
        if not first:
            first.append(time.perf_counter() - start)

    report = check_file(path, Options(), on_issues=on_issues)
    seconds = time.perf_counter() - start
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": seconds,
        "cpu_s": children.ru_utime + children.ru_stime + time.process_time(),
        "first_issues_s": first[0] if first else None,
        "examples": report.examples,
        "issues": {rule: count.issues for rule, count in report.counts.items()},
        "own_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "process_mib": children.ru_maxrss / 1024,
    }


def cancelled(path: Path) -> dict[str, Any]:
    """From the wish to stop to the end of the last process."""
    from fttui.checks.run import CheckCancelled, Options, check_file

    wanted = threading.Event()
    at: list[float] = []

    def wish() -> None:
        at.append(time.perf_counter())
        wanted.set()

    timer = threading.Timer(_CANCEL_AFTER_S, wish)
    timer.start()
    try:
        check_file(path, Options(), cancel=wanted.is_set)
    except CheckCancelled:
        return {"cancel_s": time.perf_counter() - at[0]}
    timer.cancel()
    return {"cancel_s": None}  # it was done before


def by_kind(path: Path) -> dict[str, Any]:
    """Microseconds a record of each kind; the least of a few times, because other programs only add to it."""
    import orjson
    from check_kinds import KINDS

    from fttui.checks.engine import check_record
    from fttui.checks.rows import Look, check_block

    costs: dict[str, dict[str, float]] = {}
    for name, (kind, make_one) in KINDS.items():
        raws = [orjson.dumps(make_one(number)) for number in range(_RECORDS)]
        records = [orjson.loads(raw) for raw in raws]
        look = Look(kind, ("openai",))
        rules, line = [], []
        for _ in range(_TIMES):
            start = time.process_time()
            for record, raw in zip(records, raws, strict=True):
                check_record(record, kind, len(raw))
            rules.append(time.process_time() - start)
            start = time.process_time()
            check_block(raws, look, begins_file=False, ends_file=False)
            line.append(time.process_time() - start)
        costs[name] = {"rules": round(1e6 * min(rules) / _RECORDS, 1), "line": round(1e6 * min(line) / _RECORDS, 1)}
    return {"kinds_us": costs}


def by_rule(path: Path) -> dict[str, Any]:
    """Microseconds a record for the check of each rule, over the file's records and all passing examples."""
    from fttui.checks.model import Example
    from fttui.checks.table import record_checks, rules
    from fttui.formats.kinds import kind_of_record
    from fttui.formats.lines import parse_line

    with path.open("rb") as file:
        raws = [file.readline() for _ in range(_RECORDS)]
    raws += [line.encode() for rule in rules().values() for line in rule.passing]
    records = [record for raw in raws if isinstance(record := parse_line(raw).value, dict)]
    examples = [Example(record, kind_of_record(record)) for record in records]
    costs: dict[str, float] = {}
    for rule, look in record_checks().items():
        own = [one for one in examples if not rules()[rule].kinds or one.kind in rules()[rule].kinds]
        for _ in range(2):  # the first time compiles what is compiled once
            start = time.perf_counter()
            for example in own:
                for _found in look(example):
                    pass
            costs[rule] = round(1e6 * (time.perf_counter() - start) / max(len(own), 1), 2)
    return {"rules_us": dict(sorted(costs.items(), key=lambda item: -item[1])), "all_rules_us": sum(costs.values())}


MEASURES: Final[dict[str, Callable[[Path], dict[str, Any]]]] = {
    measure.__name__: measure for measure in (parsed, checked, cancelled, by_kind, by_rule)
}


def fresh(measure: str, path: Path) -> dict[str, Any]:
    """A measurement in a process of its own."""
    out = subprocess.run([sys.executable, __file__, str(path), "--one", measure], check=True, stdout=subprocess.PIPE)
    return dict(json.loads(out.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--examples", type=int, default=1_000_000)
    parser.add_argument("--no-rules", action="store_true", help="leave the cost of each rule out")
    parser.add_argument("--one", choices=MEASURES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(MEASURES[given.one](given.file)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = given.file or Path(folder) / "examples.jsonl"
        if given.file is None:
            make(path, given.examples)
        with path.open("rb") as file:
            while file.read(1 << 20):
                pass
        figures: dict[str, Any] = {"file_mb": path.stat().st_size / 1e6, "processors": os.cpu_count()}
        for name in MEASURES:
            if name != "by_rule" or not given.no_rules:
                figures |= fresh(name, path)
    figures["seconds_per_million"] = figures["seconds"] / max(figures["examples"], 1) * 1e6
    figures["ratio_to_parsing"] = figures["seconds"] / figures["parsing_s"]
    print(json.dumps(figures | {"budgets": BUDGETS}, indent=2))


if __name__ == "__main__":
    main()
