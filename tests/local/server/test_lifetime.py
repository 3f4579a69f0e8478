"""A server's life: killed in mid-training, started twice, stopped, idle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import openai
import pytest

from local_server_fixture import PATIENCE_S, RunningServer, ask, chat_lines, running_server, story, upload, wait_for
from slow_jobs import messages_of, worker_pids
from tiny_gguf import write_tiny_gguf

PAIRS = [(f"Question {n}?", "An answer of some length, so that a step takes its time.") for n in range(40)]


def start_long_job(server: RunningServer) -> str:
    with server.client() as client:
        job_id = client.fine_tuning.jobs.create(
            model=server.model,
            training_file=upload(client, chat_lines(PAIRS)),
            hyperparameters={"n_epochs": 50, "batch_size": 1},
        ).id
        while not any(event.type == "metrics" for event in story(client, job_id)):
            assert client.fine_tuning.jobs.retrieve(job_id).status in ("validating_files", "queued", "running")
        return job_id


def local(home: Path, *arguments: str, code: int = 0) -> dict[str, object]:
    """`fttui local … --format json` in the server's home."""
    done = subprocess.run(
        [sys.executable, "-m", "fttui", "local", *arguments, "--format", "json"],
        capture_output=True,
        env=os.environ | {"FTTUI_HOME": str(home)},
        timeout=PATIENCE_S,
    )
    assert done.returncode == code, done.stderr.decode()
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_serving_twice_reports_the_first_and_stop_ends_it(weights: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running_server(weights, home) as server:
        job_id = start_long_job(server)
        first = local(home, "status")
        assert first["running"] is True
        assert first["pid"] == server.process.pid
        assert first["base_url"] == server.base_url
        assert first["models"] == [server.model]
        assert Path(str(first["token_file"])).stat().st_mode & 0o777 == 0o600
        second = local(home, "serve")
        assert {**second, "disk": None} == {**first, "disk": None}  # which grows meanwhile
        text = subprocess.run(
            [sys.executable, "-m", "fttui", "local", "status"],
            capture_output=True,
            env=os.environ | {"FTTUI_HOME": str(home)},
            timeout=PATIENCE_S,
        )
        assert text.stdout.decode().startswith(f"{server.base_url} serves {server.model} (process ")
        assert local(home, "stop")["stopped"] is True
        assert server.process.wait(PATIENCE_S) == 0
        if Path("/proc").is_dir():
            assert not worker_pids(home)
    assert local(home, "status", code=1)["running"] is False
    assert local(home, "stop")["stopped"] is False
    with running_server(weights, home) as server, server.client() as client:
        assert client.fine_tuning.jobs.retrieve(job_id).status in ("queued", "running")
        client.fine_tuning.jobs.cancel(job_id)
        assert "The local server was stopped: training goes on with the next one" in messages_of(client, job_id)


def test_an_idle_server_stops_itself_but_not_while_a_job_trains(weights: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running_server(weights, home, settings="[local]\nidle_minutes = 0.005\n") as server:
        with server.client() as client:
            job_id = client.fine_tuning.jobs.create(
                model=server.model,
                training_file=upload(client, chat_lines(PAIRS)),
                hyperparameters={"n_epochs": 4, "batch_size": 4},
            ).id
        assert server.process.wait(PATIENCE_S) == 0
    with running_server(weights, home) as server, server.client() as client:
        assert client.fine_tuning.jobs.retrieve(job_id).status == "succeeded"


def test_a_port_that_is_taken_is_told_in_a_sentence(weights: Path, tmp_path: Path) -> None:
    with running_server(weights, tmp_path / "one") as server:
        port = server.base_url.rsplit(":", 1)[1].removesuffix("/v1")
        done = subprocess.run(
            [sys.executable, "-m", "fttui", "local", "serve", "--port", port],
            capture_output=True,
            env=os.environ | {"FTTUI_HOME": str(tmp_path / "two")},
            timeout=PATIENCE_S,
        )
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_server_without_weights_answers_and_says_what_is_wrong(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF?" * 100)
    with (
        running_server(broken, tmp_path / "home", must_be_ready=False) as server,
        server.client() as client,
    ):
        status = local(server.home, "status", code=1)
        assert status["running"] is False
        assert status["pid"] == server.process.pid
        assert str(broken) in str(status["message"])
        assert list(client.models.list()) == []
        with pytest.raises(openai.InternalServerError) as refused:
            ask(client, "SmolLM2-135M", "Anyone?")
        assert (refused.value.status_code, refused.value.code) == (503, "model_not_ready")
        assert str(broken) in refused.value.message
        file_id = upload(client, chat_lines(PAIRS[:1]))
        job = wait_for(client, client.fine_tuning.jobs.create(model="SmolLM2-135M", training_file=file_id).id)
        assert job.error is not None
        assert job.error.code == "weights_not_available"
        assert str(broken) in job.error.message


def test_ctrl_c_stops_it_quietly_in_mid_training(weights: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running_server(weights, home) as server:
        start_long_job(server)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(PATIENCE_S) == 0
    assert "Traceback" not in (home / "serve.err").read_text("utf-8")


def test_models_of_another_base_are_not_offered(weights: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running_server(weights, home) as server, server.client() as client:
        job_id = client.fine_tuning.jobs.create(
            model=server.model,
            training_file=upload(client, chat_lines(PAIRS[:2])),
            hyperparameters={"n_epochs": 1},
        ).id
        tuned = wait_for(client, job_id).fine_tuned_model
        assert tuned in [model.id for model in client.models.list()]
    other = write_tiny_gguf(tmp_path / "other.gguf", changes={"general.name": "other"})
    with running_server(other, home) as server, server.client() as client:
        assert [model.id for model in client.models.list()] == ["other"]
