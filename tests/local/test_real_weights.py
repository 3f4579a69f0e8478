"""The loop with the real model: SmolLM2-135M learns a tone. `benchmarks/samples.py` trains all packaged samples."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "samples.py"


@pytest.mark.real_weights
def test_the_tone_sample_keeps_its_promises_with_automatic_hyperparameters(tmp_path: Path) -> None:
    """It fails where the weights cannot be fetched: a skip would look like a pass."""
    command = [sys.executable, str(SCRIPT), "tone", "--home", str(tmp_path / "home")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
    assert done.stdout, done.stderr
    document = json.loads(done.stdout)
    assert document["samples"].keys() == {"tone"}
    promises = document["samples"]["tone"]["promises"]
    assert promises and not [promise for promise in promises if promise["holds"] is False], done.stdout
    assert done.returncode == 0
