"""A reader that goes away while issues are printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fttui.checks.run import Options, check_file


def test_a_closed_pipe_is_no_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join([b"{}"] * 3) + b"\n")

    def closed(issues: object) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        check_file(path, Options(), on_issues=closed)
