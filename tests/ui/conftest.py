"""What the tests of the screens share."""

from __future__ import annotations

from pathlib import Path

import pytest

from ui.shell import EXAMPLE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of three examples."""
    path = tmp_path / "three.jsonl"
    path.write_text(EXAMPLE * 3, encoding="utf-8")
    return path
