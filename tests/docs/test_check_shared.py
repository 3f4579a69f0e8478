"""The command that compares what is found in shared files with what was found before."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "check_shared.py"


@pytest.fixture
def check_shared() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_shared", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_differs_is_said(check_shared: ModuleType) -> None:
    before = {"a": {"kind": "chat", "examples": 2}, "b": {"kind": "chat"}, "c": {"refused": "no"}}
    now = {"a": {"kind": "chat", "examples": 3}, "c": {"refused": "no"}, "d": {"kind": "chat"}}
    assert list(check_shared.differences(before, now)) == ["a: examples was 2, is 3", "b: is gone", "d: is new"]


def test_a_folder_is_as_it_was_until_a_file_changes(tmp_path: Path) -> None:
    folder, golden = tmp_path / "data", tmp_path / "golden.json"
    folder.mkdir()
    record = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}
    (folder / "chat.jsonl").write_text(json.dumps(record) + "\n", "utf-8")
    (folder / "packed.jsonl").write_bytes("é".encode("utf-16") * 100)

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(SCRIPT), str(folder), "--golden", str(golden), *more]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert run("--write").returncode == 0
    assert "refused" in json.loads(golden.read_text("utf-8"))["packed.jsonl"]
    assert run().returncode == 0
    (folder / "chat.jsonl").write_text(json.dumps(record).replace("assistant", "assitant") + "\n", "utf-8")
    done = run()
    assert done.returncode == 1
    assert "role-unknown" in done.stdout
