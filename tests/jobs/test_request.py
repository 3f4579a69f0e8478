"""Files go up, jobs are created once, and what is wrong with them is said."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from fault_server import DROP, Reply, Request, error_reply, fault_server, json_reply
from fttui.core.errors import InputError, ProviderError
from fttui.jobs import request as request_module
from fttui.jobs.objects import JobEvent
from fttui.jobs.request import JobRequest, cancel_job, create_job, job_parameters, list_jobs, retrieve_job
from local_server_fixture import RunningServer, chat_lines


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tone.jsonl"
    path.write_bytes(chat_lines([("What is this?", "A lamp."), ("And this?", "A lamp.")]))
    return path


@pytest.fixture(autouse=True)
def quick_processing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_module, "_PROCESSING_POLL_S", (0.01,))


def test_parameters() -> None:
    bare = job_parameters(JobRequest("m", Path("a")), "file-1", None)
    assert bare == {
        "model": "m",
        "training_file": "file-1",
        "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": "auto"}}},
    }
    full = job_parameters(JobRequest("m", Path("a"), None, 3, "tone", 0, "dpo"), "file-1", "file-2")
    assert full == {
        "model": "m",
        "training_file": "file-1",
        "method": {"type": "dpo", "dpo": {"hyperparameters": {"n_epochs": 3}}},
        "validation_file": "file-2",
        "suffix": "tone",
        "seed": 0,
    }


async def test_a_job_at_the_local_server(server: RunningServer, file: Path) -> None:
    from fttui.jobs.follow import follow
    from fttui.providers.client import _client
    from fttui.providers.profiles import Profile

    told: list[str] = []
    async with _client(Profile("local", is_local=True), server.base_url, server.token) as client:
        wanted = JobRequest(server.model, file, file, epochs=2, suffix="lamp", seed=7)
        job = await create_job(client, wanted, on_progress=told.append)
        assert (job["model"], job["seed"], job["user_provided_suffix"]) == (server.model, 7, "lamp")
        assert told == ["Uploading tone.jsonl", "Uploading tone.jsonl", "Creating the job"]
        messages = [i.message async for i in follow(client, job["id"], poll_s=0.02) if isinstance(i, JobEvent)]
        done = await retrieve_job(client, job["id"])
        assert [found["id"] for found in await list_jobs(client, 1)] == [job["id"]]
        with pytest.raises(ProviderError, match="already ended"):
            await cancel_job(client, job["id"])
        with pytest.raises(ProviderError, match="local server does not have it"):
            await retrieve_job(client, "ftjob-none")
    assert done["status"] == "succeeded"
    assert messages[0].startswith("Created fine-tuning job")
    assert messages[-1] == "The job has successfully completed"
    steps = [message for message in messages if message.startswith("Step ")]
    assert steps[0].startswith("Step 1/")
    assert len(steps) == len(set(steps)) == int(steps[0].split("/")[1].split(":")[0])
    assert len(messages) == len(set(messages))


class Provider:
    """Takes files, which are processed after a few looks, and jobs."""

    def __init__(self, looks: int = 0, outcome: str = "processed", job: Reply | None = None) -> None:
        self.looks, self.outcome, self.job = looks, outcome, job or json_reply({"id": "ftjob-1", "status": "queued"})

    def __call__(self, request: Request) -> Reply:
        if request.path == "/v1/fine_tuning/jobs":
            return self.job
        self.looks -= 1
        status = self.outcome if self.looks < 0 else "uploaded"
        return json_reply({"id": "file-1", "status": status, "status_details": "line 3 is no\x1b[31m JSON"})


async def test_a_file_is_waited_for(file: Path) -> None:
    told: list[str] = []
    with fault_server(Provider(looks=3)) as server:
        async with server.client() as client:
            assert (await create_job(client, JobRequest("m", file), on_progress=told.append))["id"] == "ftjob-1"
        assert server.paths() == ["/v1/files/file-1"] * 3
        assert server.requests[-1].json()["training_file"] == "file-1"
        assert b'filename="tone.jsonl"' in server.requests[0].body
        assert b"fine-tune" in server.requests[0].body
        assert file.read_bytes() in server.requests[0].body
    assert told == ["Uploading tone.jsonl", *["tone.jsonl is being processed"] * 3, "Creating the job"]


@pytest.mark.parametrize("outcome", ["error", "deleted"])
async def test_a_file_that_cannot_be_processed(file: Path, outcome: str) -> None:
    with fault_server(Provider(2, outcome)) as server:
        async with server.client() as client:
            with pytest.raises(ProviderError, match=r"could not process tone\.jsonl: line 3 is no␛"):
                await create_job(client, JobRequest("m", file))
        assert "/v1/fine_tuning/jobs" not in server.paths("POST")


@pytest.mark.parametrize("status", ["", "ready", None])
async def test_a_status_that_nobody_knows_counts_as_processed(file: Path, status: Any) -> None:
    with fault_server(Provider(0, status)) as server:
        async with server.client() as client:
            assert (await create_job(client, JobRequest("m", file)))["id"] == "ftjob-1"


async def test_a_job_is_never_asked_for_twice(file: Path) -> None:
    with fault_server(Provider(job=DROP)) as server:
        async with server.client() as client:
            client.max_retries = 2
            with pytest.raises(ProviderError, match="may have been created all the same"):
                await create_job(client, JobRequest("m", file))
        assert server.paths("POST").count("/v1/fine_tuning/jobs") == 1


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (error_reply(403, "Not for you"), "does not allow this: Not for you"),
        (error_reply(400, "bad model", param="model"), "refused the request: bad model"),
        (json_reply({"status": "queued"}), "did not say which job"),
        (Reply(b"<html>", content_type="text/html"), "OpenAI protocol"),
    ],
)
async def test_a_job_that_is_refused(file: Path, job: Reply, said: str) -> None:
    with fault_server(Provider(job=job)) as server:
        async with server.client() as client:
            with pytest.raises(ProviderError, match=said):
                await create_job(client, JobRequest("m", file))


async def test_files_that_cannot_be_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    big = tmp_path / "big.jsonl"
    big.write_bytes(b"x" * 11)
    monkeypatch.setattr(request_module, "MAX_FILE_BYTES", 10)
    with fault_server(Provider()) as server:
        async with server.client() as client:
            for path, said in (
                (tmp_path / "none.jsonl", "There is no file"),
                (tmp_path, "is a directory"),
                (big, "11 bytes; providers take 10"),
            ):
                with pytest.raises(InputError, match=said):
                    await create_job(client, JobRequest("m", path))
        assert server.requests == []


@pytest.mark.parametrize(
    "name", ["日本語.jsonl", "a\x1b]0;x\x07.jsonl", 'quo"te\r\n.jsonl', os.fsdecode(b"\xff.jsonl")]
)
async def test_any_file_name_can_be_sent(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"{}\n")
    with fault_server(Provider()) as server:
        async with server.client() as client:
            assert (await create_job(client, JobRequest("m", path)))["id"] == "ftjob-1"
