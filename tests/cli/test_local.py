"""`fttui local` beside serving: export, disk, prune, with and without a running server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fttui.core.server_state import local_dir
from local_server_fixture import RunningServer, chat_lines, upload, wait_for

Fttui = Callable[..., Any]
LAMP = chat_lines([("What is this?", "A lamp."), ("And this?", "A lamp."), ("So?", "A lamp.")])


@pytest.fixture(scope="module")
def trained(running: RunningServer) -> Any:
    """A finished job with a validation file, a checkpoint for each of two epochs."""
    with running.client() as client:
        method: Any = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}
        job = client.fine_tuning.jobs.create(
            model=running.model, training_file=upload(client, LAMP, "`lamp|s`.jsonl"),
            validation_file=upload(client, LAMP, "held.jsonl"), method=method, suffix="lamp",
        )  # fmt: skip
        done = wait_for(client, job.id)
        assert done.status == "succeeded", done.error
        return done


def test_an_export_is_a_peft_folder_with_a_readme(
    fttui: Fttui, server: RunningServer, trained: Any, tmp_path: Path
) -> None:
    target = tmp_path / "out" / "lamp"
    done = fttui("local", "export", trained.fine_tuned_model, target, "--format", "json")
    assert done.status == 0, done.err
    assert list(done.json) == ["model", "base", "folder", "files", "loss"]
    assert done.json["model"] == trained.fine_tuned_model
    assert done.json["loss"] is None
    assert set(done.json["files"]) == {path.name for path in target.iterdir()}
    assert {"README.md", "adapter_config.json", "adapter_model.safetensors"} <= set(done.json["files"])
    config = json.loads((target / "adapter_config.json").read_text("utf-8"))
    assert config["base_model_name_or_path"] == done.json["base"]
    page = (target / "README.md").read_text("utf-8")
    assert page.startswith(f"---\nbase_model: {json.dumps(done.json['base'])}\n")
    assert "lamp/s .jsonl (3 examples)" in page
    assert "PeftModel.from_pretrained" in page
    assert "vllm serve" in page
    assert [path.name for path in target.parent.iterdir()] == ["lamp"], "nothing half-written is left"


@pytest.mark.parametrize("name", ["a job", "a checkpoint", "the checkpoint's id"])
def test_what_can_be_exported(fttui: Fttui, server: RunningServer, trained: Any, tmp_path: Path, name: str) -> None:
    with server.client() as client:
        checkpoint = client.fine_tuning.jobs.checkpoints.list(trained.id).data[-1]
    known = {
        "a job": (trained.id, trained.fine_tuned_model),
        "a checkpoint": (checkpoint.fine_tuned_model_checkpoint,) * 2,
        "the checkpoint's id": (checkpoint.id, checkpoint.fine_tuned_model_checkpoint),
    }
    asked, model = known[name]
    (tmp_path / "empty").mkdir()
    done = fttui("local", "export", asked, tmp_path / "empty", "--format", "json")
    assert (done.status, done.json["model"]) == (0, model)


def test_an_export_into_the_folder_that_one_is_in(
    fttui: Fttui, server: RunningServer, trained: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = fttui("local", "export", trained.id, ".", "--format", "json")
    assert done.status == 0, done.err
    assert {path.name for path in tmp_path.iterdir()} == set(done.json["files"])
    assert fttui("local", "export", trained.id, ".").status == 2, "it is not empty now"


def test_the_loss_on_the_original_weights(
    fttui: Fttui, server: RunningServer, trained: Any, weights: Path, tmp_path: Path
) -> None:
    """Over the very same weights it is the very same."""
    options = ("--original", weights, "--format", "json")
    done = fttui("local", "export", trained.id, tmp_path / "lamp", *options)
    assert done.status == 0, done.err
    loss = done.json["loss"]
    assert loss["of"] == "validation"
    assert loss["quantised"] == pytest.approx(loss["original"])
    assert loss["tokens"] > 3
    assert f"{loss['original']:.3f}" in (tmp_path / "lamp" / "README.md").read_text("utf-8")
    said = fttui("local", "export", trained.id, tmp_path / "again", "--original", weights, "--quiet")
    assert f"{loss['quantised']:.3f}" in said.out


def test_an_export_that_cannot_be(fttui: Fttui, server: RunningServer, trained: Any, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for arguments, reason in (
        ((trained.id, tmp_path / "full"), "is not empty"),
        ((trained.id, tmp_path / "file"), "is no folder"),
        ((trained.id, tmp_path / "file" / "below"), "cannot be"),
        (("ft:nobody", tmp_path / "a"), "There is no model ft:nobody. The latest:"),
        (("\ud800\x1b[31m", tmp_path / "a"), "There is no model"),
        ((trained.id, tmp_path / "a", "--original", tmp_path / "none.gguf"), "none.gguf"),
    ):
        done = fttui("local", "export", *arguments)
        assert (done.status, done.out) == (2, ""), arguments
        assert reason in done.err
        assert "\x1b" not in done.err
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "full" / "mine").read_text() == "mine"


def test_an_export_needs_no_server(fttui: Fttui, fttui_home: Path, tmp_path: Path) -> None:
    done = fttui("local", "export", "ft:x", tmp_path / "a")
    assert done.status == 2
    assert "nothing was trained here yet" in done.err
    assert not local_dir().exists()


def test_disk(fttui: Fttui, server: RunningServer, trained: Any) -> None:
    done = fttui("local", "disk", "--format", "json")
    assert done.status == 0
    parts = done.json["parts"]
    assert done.json["bytes"] == sum(part["bytes"] for part in parts.values())
    assert parts["adapters"]["count"] >= 1
    assert parts["checkpoints"]["count"] >= 2
    assert parts["cache"]["bytes"] > 1000
    assert fttui("local", "status", "--format", "json").json["disk"] == pytest.approx(done.json["bytes"], rel=0.2)
    assert "checkpoints" in fttui("local", "disk").out


def test_prune_says_what_goes_and_asks(fttui: Fttui, server: RunningServer, trained: Any) -> None:
    with server.client() as client:
        before = [item.fine_tuned_model_checkpoint for item in client.fine_tuning.jobs.checkpoints.list(trained.id)]
        dry = fttui("local", "prune", "--checkpoints", "--cache", "--dry-run", "--format", "json")
        assert dry.status == 0
        assert dry.json["dry_run"] is True
        named = {item["name"] for item in dry.json["removed"] if item["kind"] == "checkpoint"}
        assert len(named & set(before)) == len(before) - 1, "the best one stays"
        assert any("is using it" in sentence for sentence in dry.json["kept"]), "the server maps the cache"
        refused = fttui("local", "prune", "--checkpoints")
        assert (refused.status, refused.out) == (2, "")
        assert "--yes" in refused.err
        assert [
            item.fine_tuned_model_checkpoint for item in client.fine_tuning.jobs.checkpoints.list(trained.id)
        ] == before
        done = fttui("local", "prune", "--checkpoints", "--yes", "--format", "json")
        assert {item["name"] for item in done.json["removed"]} >= named
        assert done.json["bytes"] >= sum(item["bytes"] for item in done.json["removed"]) > 0
        listed = {model.id for model in client.models.list()}
        assert trained.fine_tuned_model in listed
        answer = client.chat.completions.create(
            model=trained.fine_tuned_model, messages=[{"role": "user", "content": "So?"}], max_tokens=2
        )
        assert answer.usage is not None
    again = fttui("local", "prune", "--checkpoints")
    assert (again.status, again.out) == (0, "There is nothing to remove.\n")


@pytest.mark.parametrize("days", ["-1", "nan", "soon", "1e400"])
def test_prune_takes_a_number_of_days(fttui: Fttui, days: str) -> None:
    done = fttui("local", "prune", "--models", days, "--yes")
    assert (done.status, done.out) == (2, "")
