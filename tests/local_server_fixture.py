"""A real local server in a process of its own, for the tests of everything that talks to one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent

PATIENCE_S = 120.0
"""How long a test waits for what must happen; it ends long before on any machine that works."""


@dataclass
class RunningServer:
    """A server that answers, and the home it lives in."""

    process: subprocess.Popen[bytes]
    home: Path
    base_url: str
    token: str = field(repr=False)
    model: str

    def client(self, **options: Any) -> OpenAI:
        """The official SDK, pointed at the server."""
        return OpenAI(base_url=self.base_url, api_key=self.token, max_retries=0, timeout=PATIENCE_S, **options)

    def environment(self) -> dict[str, str]:
        """What another program needs to find this server."""
        return {"FTTUI_HOME": str(self.home)}

    def kill(self) -> None:
        """SIGKILL: the server gets no chance to clean up."""
        self.process.kill()
        self.process.wait(PATIENCE_S)


@contextlib.contextmanager
def running_server(
    weights: Path | None, home: Path, *arguments: str, settings: str = "", must_be_ready: bool = True
) -> Iterator[RunningServer]:
    """Run `fttui local serve` over ``weights`` until the block ends.

    Args:
        weights: A GGUF file, see `tiny_gguf`; None: SmolLM2-135M, fetched by the server itself.
        home: The ``FTTUI_HOME`` of the server; what an earlier server left there is taken up.
        arguments: More arguments for the command.
        settings: The content of ``settings.toml``, if any.
        must_be_ready: False: go on when the weights cannot be had; the model is "" then.
    """
    if settings:
        (home / "config").mkdir(parents=True, exist_ok=True)
        (home / "config" / "settings.toml").write_text(settings, "utf-8")
    environment = os.environ | {"FTTUI_HOME": str(home), "OPENBLAS_NUM_THREADS": "1"}
    if weights is not None:
        environment["FTTUI_WEIGHTS"] = str(weights)
    errors = home / "serve.err"
    home.mkdir(parents=True, exist_ok=True)
    with errors.open("ab") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "fttui", "local", "serve", "--format", "json", *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the server did not start: {errors.read_text('utf-8', 'replace')}"
        said = json.loads(line)
        assert said["running"] or not must_be_ready, said
        token = Path(said["token_file"]).read_text("ascii")
        yield RunningServer(process, home, said["base_url"], token, "".join(said["models"]))
    finally:
        stop_process(process)


def stop_process(process: subprocess.Popen[bytes]) -> None:
    """End a server that a test started, whatever state it is in."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(PATIENCE_S)
    if process.stdout is not None:
        process.stdout.close()


def chat_lines(pairs: Sequence[tuple[str, str]]) -> bytes:
    """A training file of question and answer pairs."""
    records = (
        {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}
        for question, answer in pairs
    )
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def upload(client: OpenAI, content: bytes, name: str = "train.jsonl") -> str:
    """Upload a training file; its id."""
    return client.files.create(file=(name, content), purpose="fine-tune").id


def wait_for(client: OpenAI, job_id: str, *statuses: str, patience_s: float = PATIENCE_S) -> FineTuningJob:
    """The job once it has one of ``statuses``, or has ended."""
    give_up = time.monotonic() + patience_s
    while time.monotonic() < give_up:
        job = client.fine_tuning.jobs.retrieve(job_id)
        if job.status in statuses or job.status in ("succeeded", "failed", "cancelled"):
            return job
        time.sleep(0.05)
    raise AssertionError(f"{job_id} stays {job.status}")


def story(client: OpenAI, job_id: str) -> list[FineTuningJobEvent]:
    """All events of a job, oldest first."""
    return list(client.fine_tuning.jobs.list_events(job_id, limit=100))[::-1]


def ask(client: OpenAI, model: str, question: str, *, system: str = "", **options: Any) -> str:
    """A model's answer to one question, the likeliest words."""
    messages: Any = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": question})
    answer = client.chat.completions.create(
        model=model, messages=messages, temperature=0, **{"max_tokens": 40, **options}
    )
    return answer.choices[0].message.content or ""
