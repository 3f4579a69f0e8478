"""The question about money, in front of a real terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fault_server import Reply, Request, fault_server, json_reply
from local_server_fixture import chat_lines

pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")


def script(request: Request) -> Reply:
    if request.path == "/v1/files":
        return json_reply({"id": "file-1", "status": "processed"})
    return json_reply({"id": "ftjob-1", "status": "queued"})


def answered(answer: str, file: Path, base_url: str) -> tuple[int, str, str]:
    """Create a job, answer the question; the exit status, standard output and what the terminal shows."""
    master, slave = pty.openpty()
    environment = os.environ | {"OPENAI_API_KEY": "sk-12345678", "OPENAI_BASE_URL": base_url}
    command = [sys.executable, "-m", "fttui", "jobs", "create", str(file), "--profile", "openai", "--format", "json"]
    with subprocess.Popen(command, stdin=slave, stdout=subprocess.PIPE, stderr=slave, env=environment) as process:
        os.close(slave)
        shown = b""
        while b"[y/N]" not in shown:
            shown += os.read(master, 4096)
        os.write(master, answer.encode())
        assert process.stdout is not None
        out = process.stdout.read()
        status = process.wait(60)
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(master)
    return status, out.decode(), shown.decode()


@pytest.mark.parametrize(("answer", "status", "sent"), [("y\n", 0, 2), ("n\n", 2, 0), ("\n", 2, 0)])
def test_the_answer_counts(answer: str, status: int, sent: int, tmp_path: Path) -> None:
    file = tmp_path / "lamp.jsonl"
    file.write_bytes(chat_lines([("What is this?", "A lamp.")]))
    with fault_server(script) as server:
        ended, out, shown = answered(answer, file, server.base_url)
        assert (ended, len(server.requests)) == (status, sent)
    assert 'Send lamp.jsonl to profile "openai" and train gpt-4.1-mini there on' in " ".join(shown.split())
    assert "$" in shown
    assert bool(out) == (sent > 0)
