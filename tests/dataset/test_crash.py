"""Twenty kills at random moments of an edit-and-save loop; `benchmarks/crash.py` makes two hundred."""

from __future__ import annotations

import random
from pathlib import Path

from dataset.crash_loop import one_kill


def test_no_acknowledged_edit_is_lost_and_no_file_is_harmed(tmp_path: Path) -> None:
    chance = random.Random(7)
    outcomes = [one_kill(tmp_path / "chat.jsonl", seed, chance.uniform(0, 0.35)) for seed in range(20)]
    assert sum(outcome.acknowledged for outcome in outcomes) > 20
    assert any(outcome.saved for outcome in outcomes)
    assert any(outcome.steps > 1 for outcome in outcomes)
