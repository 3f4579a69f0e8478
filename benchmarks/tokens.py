"""Counting tokens beside tiktoken alone, and example by example against it; reopening, and an edit.

    python benchmarks/tokens.py [--file FILE.jsonl] [--examples 200000] [--model gpt-4o] [--runs 1]

Without a file one is made. *tiktoken alone* is a plain loop in two spawned processes: read a line, parse it, encode the
role and the text of each message; no overhead of any format, no file of counts. Its counts are then compared with
fttui's, example by example. All is measured in one run, so that ratios mean something on a busy machine. Prints one
JSON document; exit status 1 when a count differs.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

PROCESSES: Final = 2
_SMALL_EDITS: Final = 50


def alone(path: str, start: int, end: int, encoding: str) -> tuple[bytes, bytes]:
    """All tokens and trained ones of the examples that begin in these bytes, by the cookbook's rule."""
    import orjson

    from fttui.tokens.encodings import encoding as load

    encode = load(encoding).encode_ordinary
    totals, trained = array("I"), array("I")
    with open(path, "rb", buffering=1 << 20) as file:  # noqa: PTH123
        if start:
            file.seek(start - 1)
            file.readline()
        while file.tell() < end and (line := file.readline()):
            total, learnt = 3, 0
            for message in orjson.loads(line)["messages"]:
                content = len(encode(message["content"]))
                total += 3 + len(encode(message["role"])) + content
                if message["role"] == "assistant" and message.get("weight") != 0:
                    learnt += content
            totals.append(total)
            trained.append(learnt)
    return totals.tobytes(), trained.tobytes()


def by_tiktoken_alone(path: Path, encoding: str) -> tuple[float, array[int], array[int]]:
    """Seconds, with what starting processes takes, and the counts."""
    began = time.perf_counter()
    half = path.stat().st_size // PROCESSES
    ends = [half * number for number in range(PROCESSES)] + [path.stat().st_size]
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        parts = pool.starmap(alone, [(str(path), ends[n], ends[n + 1], encoding) for n in range(PROCESSES)])
    seconds = time.perf_counter() - began
    totals, trained = array("I"), array("I")
    for total, learnt in parts:
        totals.frombytes(total)
        trained.frombytes(learnt)
    return seconds, totals, trained


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    value = work()
    return time.perf_counter() - began, value


def counted(path: Path, model: str, by: str) -> tuple[float, Any]:
    """Seconds and totals of counting anew."""
    from fttui.tokens.counter import count_file
    from fttui.tokens.kept import database_file
    from fttui.tokens.models import rule_for

    for ending in ("", "-wal", "-shm"):
        database_file().with_name(database_file().name + ending).unlink(missing_ok=True)
    os.environ["FTTUI_COUNT_WITH"] = by
    return timed(lambda: count_file(path, rule_for(model)))


def in_the_app(path: Path, model: str) -> dict[str, float]:
    """Seconds until a file that was counted before has its numbers again, and what edits take."""
    from fttui.dataset.document import Document
    from fttui.tokens.live import LiveTotals
    from fttui.tokens.models import rule_for

    began = time.perf_counter()
    document = Document.open(path)
    opened = time.perf_counter()
    totals = LiveTotals(document, rule_for(model))
    try:
        assert totals.wait(600)
        complete = time.perf_counter()
        document.build_index()
        line = document.raw(0)
        document.replace_raw(0, line.replace(b"content", b"content", 1) + b" ")  # starts the process that is kept
        totals.wait(60)
        calls, done = [], []
        for number in range(1, _SMALL_EDITS + 1):
            line = document.raw(number)
            start = time.perf_counter()
            document.replace_raw(number, line + b" ")
            calls.append(time.perf_counter() - start)
            totals.wait(60)
            done.append(time.perf_counter() - start)
    finally:
        totals.close()
    return {
        "open_s": opened - began,
        "numbers_s": complete - opened,
        "edit_call_ms": sorted(calls)[len(calls) // 2] * 1000,
        "edit_counted_ms": sorted(done)[len(done) // 2] * 1000,
    }


def reopened(path: Path, model: str) -> dict[str, float]:
    """Seconds of counting a file that was counted before: as it was, touched, and with a line put into its middle."""
    from fttui.tokens.counter import count_file
    from fttui.tokens.models import rule_for

    rule = rule_for(model)
    as_it_was, _ = timed(lambda: count_file(path, rule))
    path.touch()
    touched, _ = timed(lambda: count_file(path, rule))
    data = path.read_bytes()
    middle = data.index(b"\n", len(data) // 2) + 1
    path.write_bytes(data[:middle] + data[: data.index(b"\n") + 1] + data[middle:])
    inserted, _ = timed(lambda: count_file(path, rule))
    path.write_bytes(data)
    count_file(path, rule)
    return {"unchanged_s": as_it_was, "touched_s": touched, "line_inserted_s": inserted}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--examples", type=int, default=200_000)
    parser.add_argument("--model", default="gpt-4o")
    parser.add_argument("--runs", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FTTUI_HOME"] = str(Path(folder, "home"))
        path = Path(folder, "examples.jsonl")
        if arguments.file is None:
            sys.path.insert(0, str(Path(__file__).parent))
            from make_examples import write

            write(path, arguments.examples)
        else:
            shutil.copyfile(arguments.file, path)
        result = measured(path, arguments.model, arguments.runs)
    print(json.dumps(result, indent=2))
    return 0 if result["equal"] else 1


def measured(path: Path, model: str, runs: int) -> dict[str, Any]:
    """All figures; of several runs the fastest each."""
    from fttui.tokens.fast import is_wanted
    from fttui.tokens.models import rule_for

    encoding = rule_for(model).encoding
    result: dict[str, Any] = {"model": model, "encoding": encoding, "bytes": path.stat().st_size}
    alone_s, totals, trained = min((by_tiktoken_alone(path, encoding) for _ in range(runs)), key=lambda one: one[0])
    result |= {"examples": len(totals), "tokens": sum(totals), "tiktoken_alone_s": round(alone_s, 2)}
    os.environ.pop("FTTUI_COUNT_WITH", None)
    has_fast = is_wanted()
    equal = True
    for by in ("tiktoken", *(["gigatoken"] if has_fast else [])):
        seconds, found = min((counted(path, model, by) for _ in range(runs)), key=lambda one: one[0])
        equal = equal and found.counts == totals and found.trainable == sum(trained)
        result[by] = {"seconds": round(seconds, 2), "ratio": round(seconds / alone_s, 3)}
    result["equal"] = equal
    result["largest_process_mib"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    for name, figures in (("reopening", reopened(path, model)), ("app", in_the_app(path, model))):
        result[name] = {key: round(value, 3) for key, value in figures.items()}
    return result


if __name__ == "__main__":
    sys.exit(main())
