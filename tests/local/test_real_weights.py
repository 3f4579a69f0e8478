"""The loop with the real model: SmolLM2-135M learns the packaged samples."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "samples.py"


@pytest.mark.real_weights
def test_the_packaged_samples_keep_their_promises_with_automatic_hyperparameters(tmp_path: Path) -> None:
    """It fails where the weights cannot be fetched: a skip would look like a pass."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--home", str(tmp_path / "home")], capture_output=True, text=True, timeout=1800
    )
    assert done.stdout, done.stderr
    document = json.loads(done.stdout)
    assert document["samples"].keys() == {"tone", "sport", "balance"}
    broken = {
        name: [promise for promise in sample["promises"] if promise["holds"] is False]
        for name, sample in document["samples"].items()
    }
    assert not any(broken.values()), done.stdout
    assert done.returncode == 0
