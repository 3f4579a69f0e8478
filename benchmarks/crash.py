"""Kills a process that edits and saves a file at random moments, and looks whether an acknowledged edit is lost.

    python benchmarks/crash.py [--kills 200] [--seed 1]

Prints one JSON document: how many kills, how many edits were acknowledged before them, how many were lost, how many
files were harmed. Exits with 1 when anything was.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1] / "tests")  # not this folder: there is a dataset.py in it

from dataset.crash_loop import Lost, Outcome, one_kill  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=0.4, help="seconds that a process lives at most")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    outcomes: list[Outcome] = []
    lost: list[str] = []
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FTTUI_HOME"] = f"{folder}/home"
        for kill in range(options.kills):
            directory = Path(folder) / str(kill)
            directory.mkdir()
            try:
                outcomes.append(
                    one_kill(directory / "chat.jsonl", options.seed * 10_000 + kill, chance.uniform(0, options.longest))
                )
            except Lost as error:
                lost.append(str(error))
    report = {
        "kills": options.kills,
        "acknowledged_edits": sum(outcome.acknowledged for outcome in outcomes),
        "kills_after_a_save": sum(outcome.saved for outcome in outcomes),
        "restored_steps": sum(outcome.steps for outcome in outcomes),
        "edits_found_beyond_the_acknowledged": sum(outcome.unacknowledged for outcome in outcomes),
        "restore_ms_longest": round(max((outcome.restore_s for outcome in outcomes), default=0) * 1000, 1),
        "lost_or_harmed": lost,
        "seconds": round(time.perf_counter() - began, 1),
    }
    print(json.dumps(report, indent=1))
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
