"""What every timed program does: read a JSON line, work, write a JSON line. Runs with any Python, without fttui."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

Command = Callable[..., Any]


def serve(commands: dict[str, Command]) -> None:
    """Answer commands until standard input ends; what a library prints goes to standard error."""
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    for line in sys.stdin:
        wanted = json.loads(line)
        answer = commands[wanted.pop("do")](**wanted)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        out.write(json.dumps({"answer": answer, "peak_mib": round(peak)}) + "\n")


def timed(work: Callable[[], Any]) -> float:
    """Seconds that ``work`` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
