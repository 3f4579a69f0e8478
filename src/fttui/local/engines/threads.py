"""How many threads to compute with, when the settings say 0.

Answers multiply one vector at a time, with threads inside BLAS. Those wait for each other by spinning: beside another
busy program decoding was measured at half the speed with two of them. Training uses threads of its own (see
`numpy_engine.parallel`), which sleep while they wait and have a low priority, so it may have every processor.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal

_MOST: Final = 8
_QUOTA_FILE: Final = Path("/sys/fs/cgroup/cpu.max")


def automatic_threads(work: Literal["training", "answers"], cpus: int | None = None) -> int:
    """Threads for training: one a processor. For answers: one less, so that the app stays quick. At least 1, at most 8.

    Args:
        cpus: Processors to share; None: those this process may use.
    """
    count = usable_cpus() if cpus is None else cpus
    return max(1, min(_MOST, count if work == "training" else count - 1))


def usable_cpus(quota_file: Path = _QUOTA_FILE) -> int:
    """Processors that this process may use: its affinity, and a container's quota (cgroup v2)."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    try:
        quota, period = quota_file.read_text("ascii").split()
        return count if quota == "max" else max(1, min(count, round(int(quota) / int(period))))
    except (OSError, ValueError, ZeroDivisionError):  # no such limit on this system
        return count
