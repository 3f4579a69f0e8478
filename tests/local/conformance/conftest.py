"""One server for all of the suite, clients whose every answer is held against the SDK's types, and a finished job."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.fine_tuning import FineTuningJob

from local_server_fixture import PATIENCE_S, RunningServer, chat_lines, running_server, upload, wait_for
from openai_shapes import ShapeCheck
from tiny_gguf import write_tiny_gguf

PAIRS = [("Who are you?", "A test."), ("What is it?", "It is a sign."), ("Is it on?", "It is on."), ("Ten?", "Nine.")]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server over a tiny random model; neither it nor its training processes may print of mishaps."""
    weights = write_tiny_gguf(tmp_path_factory.mktemp("weights") / "tiny.gguf")
    with running_server(weights, tmp_path_factory.mktemp("server")) as running:
        yield running
    printed = (running.home / "serve.err").read_text("utf-8")
    assert "Traceback" not in printed, printed
    assert "Fatal" not in printed, printed


@pytest.fixture
def client(server: RunningServer) -> Iterator[OpenAI]:
    """The official SDK; the test fails when an answer had not OpenAI's shape."""
    check = ShapeCheck()
    with server.client(http_client=check.http_client()) as opened:
        yield opened
    assert check.complaints == []


@pytest.fixture
async def async_client(server: RunningServer) -> AsyncIterator[AsyncOpenAI]:
    """Likewise, for asyncio."""
    check = ShapeCheck()
    async with AsyncOpenAI(
        base_url=server.base_url,
        api_key=server.token,
        max_retries=0,
        timeout=PATIENCE_S,
        http_client=check.async_http_client(),
    ) as opened:
        yield opened
    assert check.complaints == []


@pytest.fixture(scope="session")
def finished(server: RunningServer) -> FineTuningJob:
    """A job that has succeeded: three epochs, with a validation file, a suffix and metadata."""
    with server.client() as client:
        job = client.fine_tuning.jobs.create(
            model=server.model,
            training_file=upload(client, chat_lines(PAIRS)),
            validation_file=upload(client, chat_lines(PAIRS[:2]), "valid.jsonl"),
            method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3, "batch_size": 2}}},
            suffix="conform",
            seed=7,
            metadata={"suite": "conformance"},
        )
        done = wait_for(client, job.id)
    assert done.status == "succeeded", done.error
    return done


@pytest.fixture(scope="session")
def tuned(finished: FineTuningJob) -> str:
    """The model of that job."""
    assert finished.fine_tuned_model is not None
    return finished.fine_tuned_model


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A small training file on the disk."""
    path = tmp_path / "notes.jsonl"
    path.write_bytes(chat_lines(PAIRS))
    return path
