"""Models through the SDK: found by names with colons however they are written, and kept while a job starts from one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openai
import pytest
from openai import OpenAI

from fttui.local.engines.registry import load_engine
from local_server_fixture import RunningServer, ask
from server_database import add_job, change_database
from tiny_gguf import MODEL_ID


class Trained:
    """A model with a checkpoint, as a job leaves them."""

    def __init__(self, server: RunningServer, weights: Path, suffix: str) -> None:
        self.job = f"ftjob-{suffix}"
        self.id = f"ft:{MODEL_ID}:local:{suffix}:AbCdEf"
        self.checkpoint = f"{self.id}:ckpt-step-1"
        self.folder = server.home / "data" / "local" / "adapters" / self.job
        engine = load_engine(weights)
        for model, name in ((self.id, "final"), (self.checkpoint, "ckpt-step-1")):
            engine.save_adapter(engine.new_adapter(), self.folder / name)
            change_database(
                server,
                "INSERT INTO models(id, seq, created_at, base, job, folder, is_checkpoint) "
                "VALUES (?, (SELECT COALESCE(MAX(seq), 0) + 1 FROM models), 1700000000, ?, ?, ?, ?)",
                model,
                MODEL_ID,
                self.job,
                name,
                name != "final",
            )


@pytest.fixture
def trained(server: RunningServer, weights: Path, request: pytest.FixtureRequest) -> Iterator[Trained]:
    yield Trained(server, weights, f"t{abs(hash(request.node.name)) % 10**6}")


def test_the_list_has_the_base_and_what_was_trained(client: OpenAI, server: RunningServer, trained: Trained) -> None:
    models = {model.id: model for model in client.models.list()}
    assert models[server.model].owned_by == "fttui"
    tuned = models[trained.id]
    assert (tuned.object, tuned.created, tuned.owned_by) == ("model", 1_700_000_000, "user-local")
    assert trained.checkpoint not in models


@pytest.mark.parametrize("spell", [str, quote, lambda name: quote(name, safe="")], ids=["plain", "quote", "all"])
def test_a_name_is_found_however_it_is_written(client: OpenAI, trained: Trained, spell: Any) -> None:
    for name in (trained.id, trained.checkpoint):
        found: Any = client.get(f"/models/{spell(name)}", cast_to=object)
        assert found["id"] == name


def test_what_is_deleted_takes_nothing_along(client: OpenAI, trained: Trained) -> None:
    assert ask(client, trained.checkpoint, "hello", max_tokens=2) == ask(client, MODEL_ID, "hello", max_tokens=2)
    deleted = client.models.delete(trained.id)
    assert (deleted.id, deleted.deleted, deleted.object) == (trained.id, True, "model")
    assert [path.name for path in trained.folder.iterdir()] == [trained.checkpoint.rpartition(":")[2]]
    with pytest.raises(openai.NotFoundError):
        ask(client, trained.id, "hello")
    assert ask(client, trained.checkpoint, "hello", max_tokens=2) == ask(client, MODEL_ID, "hello", max_tokens=2)
    assert client.models.delete(trained.checkpoint).deleted
    assert not trained.folder.exists()
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.delete(trained.id)
    assert refused.value.code == "model_not_found"


@pytest.mark.parametrize("status", ["validating_files", "queued", "running", "paused"])
def test_a_model_that_a_job_starts_from_stays(
    client: OpenAI, server: RunningServer, trained: Trained, status: str
) -> None:
    job = f"ftjob-{status}"
    add_job(server, job, status=status, model=trained.checkpoint)
    try:
        with pytest.raises(openai.ConflictError) as refused:
            client.models.delete(trained.checkpoint)
        assert refused.value.code == "model_in_use"
        assert job in refused.value.message
        assert refused.value.response.headers["x-should-retry"] == "false"
        assert client.models.delete(trained.id).deleted
    finally:
        change_database(server, "UPDATE jobs SET status = 'cancelled' WHERE id = ?", job)
    assert client.models.delete(trained.checkpoint).deleted


@pytest.mark.parametrize(
    "name",
    ["..", "../../token", "ft:", "a/b/c", "%00", "ft:" + "x" * 3000, "[/red]", "\u202e"],
    ids=lambda name: repr(name[:12]),
)
def test_what_is_no_model_is_not_found(client: OpenAI, name: str) -> None:
    for method in (client.get, client.delete):
        with pytest.raises(openai.NotFoundError):
            method(f"/models/{quote(name, safe='')}", cast_to=object)


def test_the_base_model_stays(client: OpenAI, server: RunningServer) -> None:
    with pytest.raises(openai.PermissionDeniedError):
        client.models.delete(server.model)
