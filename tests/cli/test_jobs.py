"""Jobs from the command line, at the real local server and at one that a test scripts."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fault_server import DROP, Reply, Request, error_reply, fault_server, json_reply, page_reply
from fttui.cli.main import run
from fttui.core.server_state import read_state
from fttui.jobs.store import JobStore
from fttui.providers.local_server import stop_running
from local_server_fixture import RunningServer, chat_lines

LAMP = [("What is this?", "A lamp."), ("And this?", "A lamp."), ("What is that?", "A lamp."), ("So?", "A lamp.")]
EVENT_KEYS = ["id", "created_at", "level", "type", "message", "data"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lamp.jsonl"
    path.write_bytes(chat_lines(LAMP))
    return path


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    """Enough examples to be still in training when the next commands have started, on a fast machine too."""
    path = tmp_path / "long.jsonl"
    path.write_bytes(chat_lines(list(LAMP) * 60))
    return path


@contextlib.contextmanager
def start(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A command in a process of its own; it ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "fttui", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until_training(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """The JSON lines of a follower up to the first step."""
    assert process.stdout is not None
    lines: list[dict[str, Any]] = []
    for line in process.stdout:
        lines.append(json.loads(line))
        if lines[-1].get("type") == "metrics":
            return lines
    raise AssertionError(f"no step came: {lines}")


def test_create_and_follow(fttui: Callable[..., Any], server: RunningServer, file: Path) -> None:
    options = ("--valid", file, "--epochs", "2", "--suffix", "lamp", "--seed", "3")
    done = fttui("jobs", "create", file, *options, "--follow", "--format", "json")
    *events, last = done.lines
    assert done.status == 0
    assert all(list(event) == EVENT_KEYS for event in events)
    assert len({event["id"] for event in events}) == len(events)
    assert [event["created_at"] for event in events] == sorted(event["created_at"] for event in events)
    assert events[0]["message"].startswith("Created fine-tuning job")
    assert events[-1]["message"] == "The job has successfully completed"
    steps = [event["data"] for event in events if event["type"] == "metrics"]
    assert [step["step"] for step in steps] == list(range(1, steps[0]["total_steps"] + 1))
    assert all(step["train_loss"] > 0 for step in steps)
    assert list(last) == ["job", "advice"]
    job = last["job"]
    assert (job["status"], job["profile"], job["seed"]) == ("succeeded", "local", 3)
    assert job["fine_tuned_model"].startswith(f"ft:{server.model}:local:lamp:")
    assert job["hyperparameters"]["n_epochs"] == 2
    assert job["validation_file"]


def test_create_list_show_follow_cancel(fttui: Callable[..., Any], server: RunningServer, long_file: Path) -> None:
    created = fttui("jobs", "create", long_file, "--epochs", "50", "--format", "json")
    assert created.status == 0
    assert created.json["profile"] == "local"
    assert "Using the local profile" in created.err
    job_id = created.json["id"]
    listed = fttui("jobs", "list", "--format", "json").json["jobs"]
    assert listed[0]["id"] == job_id
    assert all(job["profile"] == "local" for job in listed)
    cancelled = fttui("jobs", "cancel", job_id, "--format", "json", "--quiet")
    assert (cancelled.status, cancelled.err) == (0, "")
    assert cancelled.json["id"] == job_id
    followed = fttui("jobs", "follow", job_id, "--format", "json")
    assert followed.status == 1
    assert followed.lines[-1]["job"]["status"] == "cancelled"
    shown = fttui("jobs", "show", job_id)
    assert shown.status == 0
    assert "status          cancelled" in shown.out
    again = fttui("jobs", "cancel", job_id)
    assert again.status == 2
    assert "already ended" in again.err


def test_text(fttui: Callable[..., Any], server: RunningServer, file: Path) -> None:
    done = fttui("jobs", "create", file, "--epochs", "1", "--follow", "--quiet")
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert "Created fine-tuning job" in lines[0]
    assert any("Step 1/" in line for line in lines)
    assert lines[-1].startswith(f"The tuned model is ft:{server.model}:local:")
    table = fttui("jobs", "list").out.splitlines()
    assert table[0].split() == ["job", "created", "status", "model", "tuned", "model"]
    assert "succeeded" in table[1]


def test_a_file_that_the_server_refuses(fttui: Callable[..., Any], server: RunningServer, tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(chat_lines(LAMP) + b'{"messages": [\n')
    refused = fttui("jobs", "create", path, "--follow", "--format", "json", "--quiet")
    assert (refused.status, refused.out) == (2, "")
    assert "could not process broken.jsonl" in refused.err
    assert "ine 5" in refused.err
    path.write_bytes(chat_lines(LAMP) + b'{"messages": []}\n')
    done = fttui("jobs", "create", path, "--follow", "--format", "json")
    assert done.status == 1
    job = done.lines[-1]["job"]
    assert job["status"] == "failed"
    assert "Line 5" in job["error"]["message"]
    text = fttui("jobs", "follow", job["id"])
    assert text.status == 1
    assert text.out.splitlines()[-1].startswith("The job failed: ")


def test_unknown_jobs_and_models(fttui: Callable[..., Any], server: RunningServer, file: Path) -> None:
    for arguments in (("show", "ftjob-none"), ("follow", "ftjob-none"), ("cancel", "ftjob-none")):
        done = fttui("jobs", *arguments, "--quiet")
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith("fttui: The local server does not have it")
        assert done.err.count("\n") == 1
    done = fttui("jobs", "create", file, "--model", "nobody", "--quiet", "--format", "json")
    assert (done.status, done.out) == (2, "")
    assert "nobody" in done.err


@pytest.mark.parametrize("content", [None, b"", b"GGUF\x00\x00\x00\x03"])
def test_a_file_that_cannot_be_trained_starts_no_server(
    fttui: Callable[..., Any], tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "file.jsonl"
    if content is not None:
        path.write_bytes(content)
    done = fttui("jobs", "create", path)
    assert done.status == 2
    assert done.err.count("\n") == 1
    assert "file.jsonl" in done.err
    assert read_state() is None


def test_the_same_code_at_a_hosted_address(
    fttui: Callable[..., Any], running: RunningServer, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Profile openai, pointed at the local server: it is only an address and a key."""
    monkeypatch.setenv("OPENAI_BASE_URL", running.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", running.token)
    options = ("--profile", "openai", "--model", running.model, "--epochs", "1", "--yes")
    done = fttui("jobs", "create", file, *options, "--follow", "--format", "json")
    assert done.status == 0
    assert (done.lines[-1]["job"]["status"], done.lines[-1]["job"]["profile"]) == ("succeeded", "openai")
    tuned = done.lines[-1]["job"]["fine_tuned_model"]
    asked = fttui("ask", "hi", "--profile", "openai", "--model", tuned, "--max-tokens", "2", "--format", "json")
    assert asked.status == 0
    assert asked.json["answers"][0]["model"] == tuned
    assert read_state() is None, "no local server was started in this home"
    monkeypatch.setenv("OPENAI_API_KEY", "wrong")
    refused = fttui("jobs", "list", "--profile", "openai")
    assert refused.status == 2
    assert "did not accept the key" in refused.err


def test_money_is_confirmed_before_anything_is_sent(
    fttui: Callable[..., Any], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(request: Request) -> Reply:
        if request.path == "/v1/files":
            return json_reply({"id": "file-1", "status": "processed"})
        return json_reply({"id": "ftjob-1", "status": "queued"})

    monkeypatch.setenv("OPENAI_API_KEY", "sk-12345678")
    with fault_server(script) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        create = ("jobs", "create", file, "--profile", "openai", "--model", "gpt-4.1-mini", "--epochs", "3")
        done = fttui(*create)
        assert (done.status, done.out, server.requests) == (2, "", [])
        for part in ('profile "openai"', "gpt-4.1-mini", "lamp.jsonl", "4 examples × 3 epochs", "for $", "--yes"):
            assert part in done.err
        unknown = fttui("jobs", "create", file, "--profile", "openai", "--model", "new-model")
        assert unknown.status == 2
        assert "at a price that is not known" in unknown.err
        assert server.requests == []
        assert fttui(*create, "--yes").status == 0
        assert [request.path for request in server.requests] == ["/v1/files", "/v1/fine_tuning/jobs"]


def test_without_a_key_nothing_is_asked_or_sent(fttui: Callable[..., Any], file: Path) -> None:
    done = fttui("jobs", "create", file, "--profile", "openai", "--yes")
    assert (done.status, done.out) == (2, "")
    assert (
        done.err
        == 'fttui: Profile "openai" has no key. Set OPENAI_API_KEY, or use --profile local, which needs none.\n'
    )


def test_what_a_stranger_sends_cannot_speak_to_the_terminal(
    fttui: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "\x1b]0;owned\x07[bold]\u202e\x9b31m\nnext"
    job = {"id": evil, "status": evil, "model": evil, "fine_tuned_model": evil, "error": {"message": evil}}

    def script(request: Request) -> Reply:
        if request.path.endswith("/events"):
            return page_reply([{"id": "e", "message": evil, "level": evil, "created_at": 1e300}])
        if request.path == "/v1/fine_tuning/jobs":
            return page_reply([job, {}, {"id": None, "created_at": "soon", "error": {}}])
        return json_reply({**job, "status": "failed"})

    monkeypatch.setenv("OPENAI_API_KEY", "sk-12345678")
    with fault_server(script) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        for arguments in (("list",), ("show", "x"), ("follow", "x")):
            done = fttui("jobs", *arguments, "--profile", "openai")
            assert not set(done.out + done.err) & set("\x1b\x07\u202e\x9b")
            assert "[bold]" in done.out
        exact = fttui("jobs", "show", "x", "--profile", "openai", "--format", "json")
        assert exact.json["id"] == evil
        assert exact.out.isascii()


@pytest.mark.parametrize(
    "reply", [DROP, error_reply(500, "no"), Reply(b"garbage"), Reply(b"<p>", content_type="text/html")]
)
def test_a_provider_out_of_order_is_one_sentence(
    fttui: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, reply: Reply
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-12345678")
    with fault_server(lambda _: reply) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        done = fttui("jobs", "list", "--profile", "openai", "--format", "json")
    assert (done.status, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert "openai" in done.err


def read_until_message(process: subprocess.Popen[str], part: str) -> list[dict[str, Any]]:
    """The JSON lines of a follower up to an event that says ``part``."""
    assert process.stdout is not None
    lines: list[dict[str, Any]] = []
    for line in process.stdout:
        lines.append(json.loads(line))
        if part in lines[-1].get("message", ""):
            return lines
    raise AssertionError(f"nothing says {part!r}: {lines}")


def test_pause_and_resume(fttui: Callable[..., Any], server: RunningServer, long_file: Path) -> None:
    """The follower stays, while the job is paused and goes on."""
    with start("jobs", "create", long_file, "--epochs", "50", "--follow", "--format", "json") as follower:
        lines = read_until_training(follower)
        job_id = lines[0]["message"].split()[-1]
        paused = fttui("jobs", "pause", job_id, "--format", "json", "--quiet")
        assert (paused.status, paused.err) == (0, "")
        assert (paused.json["id"], paused.json["status"], paused.json["profile"]) == (job_id, "paused", "local")
        lines += read_until_message(follower, "paused")
        again = fttui("jobs", "pause", job_id, "--quiet")
        assert (again.status, again.out) == (2, "")
        assert again.err.count("\n") == 1
        assert "status          paused" in fttui("jobs", "show", job_id).out
        refused = fttui("local", "export", job_id, long_file.parent / "out")
        assert "is paused: it has no model" in refused.err
        assert fttui("jobs", "resume", job_id, "--format", "json").json["status"] in ("queued", "running")
        lines += read_until_message(follower, "goes on from step")
        lines += read_until_training(follower)
        assert fttui("jobs", "resume", job_id).status == 2
        assert fttui("jobs", "cancel", job_id).status == 0
        out, err = follower.communicate(timeout=60)
    last = json.loads(out.splitlines()[-1])
    assert last["job"]["status"] == "cancelled"
    assert err.count(f"Paused: `fttui jobs resume {job_id}` lets it go on.") == 1, "what it waits for, said once"
    steps = [line["data"]["step"] for line in lines if line.get("type") == "metrics"]
    assert steps == sorted(set(steps))


def test_preference_pairs_are_trained_by_dpo(fttui: Callable[..., Any], server: RunningServer, tmp_path: Path) -> None:
    said, good, bad = ({"role": role, "content": text} for role, text in (
        ("user", "What is this?"), ("assistant", "A lamp."), ("assistant", "No idea."),
    ))  # fmt: skip
    pair = {"input": {"messages": [said]}, "preferred_output": [good], "non_preferred_output": [bad]}
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps(pair) + "\n" for _ in range(4)), encoding="utf-8")
    done = fttui("jobs", "create", path, "--follow", "--format", "json")
    assert done.status == 0, done.err
    job = done.lines[-1]["job"]
    assert job["method"]["type"] == "dpo"
    estimate = JobStore().estimate("local", job["id"])
    assert estimate is not None
    assert estimate["epochs"] == job["method"]["dpo"]["hyperparameters"]["n_epochs"] == 3
    steps = [line["data"] for line in done.lines if line.get("type") == "metrics"]
    assert steps
    assert all(0 <= step["train_reward_accuracy"] <= 1 for step in steps)
    shown = fttui("jobs", "show", job["id"]).out
    assert "method          dpo" in shown
    refused = fttui("jobs", "create", path, "--method", "supervised", "--follow", "--format", "json")
    assert refused.status == 1
    assert "Line 1" in refused.lines[-1]["job"]["error"]["message"]


def test_a_server_that_dies_in_mid_training(
    fttui: Callable[..., Any], fttui_home: Path, weights: Path, long_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The follower starts the server again, which goes on with the job."""
    (fttui_home / "config").mkdir()
    (fttui_home / "config" / "settings.toml").write_text("[local]\nsave_seconds = 0\n", "utf-8")
    monkeypatch.setenv("FTTUI_WEIGHTS", str(weights))
    try:
        with start("jobs", "create", long_file, "--epochs", "50", "--follow", "--format", "json") as follower:
            before = read_until_training(follower)
            state = read_state()
            assert state is not None
            os.kill(state.pid, signal.SIGKILL)
            between = read_until_message(follower, "goes on from step")
            between += read_until_training(follower)
            job_id = before[0]["message"].split()[-1]
            assert fttui("jobs", "cancel", job_id).status == 0
            out, err = follower.communicate(timeout=60)
        *after, last = [json.loads(line) for line in out.splitlines()]
        assert follower.returncode == 1, err
        assert "Traceback" not in err
        events = (*before, *between, *after)
        assert len({event["id"] for event in events}) == len(events)
        steps = [event["data"]["step"] for event in events if event["type"] == "metrics"]
        assert steps == list(range(1, len(steps) + 1))
        assert last["job"]["status"] == "cancelled"
    finally:
        stop_running()


def test_ctrl_c_leaves_the_job_alone(fttui: Callable[..., Any], server: RunningServer, long_file: Path) -> None:
    with start("jobs", "create", long_file, "--epochs", "50", "--follow", "--format", "json") as follower:
        created = read_until_training(follower)[0]["message"]
        job_id = created.split()[-1]
        follower.send_signal(signal.SIGINT)
        _, err = follower.communicate(timeout=60)
    assert follower.returncode == 130
    assert f"`fttui jobs follow {job_id}` takes up again" in err
    assert "Traceback" not in err
    assert fttui("jobs", "show", job_id, "--format", "json").json["status"] == "running"
    assert fttui("jobs", "cancel", job_id).status == 0


def test_a_compressed_file_is_to_be_unpacked_first(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / "lamp.jsonl.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    for arguments in ([packed], [file, "--valid", packed]):
        assert run(["jobs", "create", *map(str, arguments)]) == 2
        said = capsys.readouterr().err
        assert "lamp.jsonl.gz is gzip-compressed, not JSONL. Unpack" in said
