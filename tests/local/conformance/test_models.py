"""Models: the base, what was trained over it, and its checkpoints."""

from __future__ import annotations

import openai
import pytest
from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob

from local_server_fixture import RunningServer, ask, chat_lines, upload, wait_for


def test_the_base_and_finished_models_are_listed(client: OpenAI, server: RunningServer, tuned: str) -> None:
    models = {model.id: model for model in client.models.list()}
    assert {server.model, tuned} <= models.keys()
    assert not any(":ckpt-" in model_id for model_id in models)
    for model in models.values():
        assert model.created > 0
        assert model.owned_by
        assert client.models.retrieve(model.id) == model


def test_a_checkpoint_is_a_model(client: OpenAI, finished: FineTuningJob) -> None:
    (checkpoint, *_) = client.fine_tuning.jobs.checkpoints.list(finished.id).data
    assert client.models.retrieve(checkpoint.fine_tuned_model_checkpoint).object == "model"


def test_a_deleted_model_is_gone(client: OpenAI, server: RunningServer) -> None:
    job = client.fine_tuning.jobs.create(
        model=server.model, training_file=upload(client, chat_lines([("a", "b")])), hyperparameters={"n_epochs": 1}
    )
    model = wait_for(client, job.id).fine_tuned_model
    assert model is not None
    deleted = client.models.delete(model)
    assert (deleted.id, deleted.deleted, deleted.object) == (model, True, "model")
    assert model not in [found.id for found in client.models.list()]
    for call in (client.models.retrieve, client.models.delete):
        with pytest.raises(openai.NotFoundError) as missing:
            call(model)
        assert missing.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError) as unanswered:
        ask(client, model, "a")
    assert unanswered.value.code == "model_not_found"


def test_the_base_cannot_be_deleted(client: OpenAI, server: RunningServer) -> None:
    with pytest.raises(openai.PermissionDeniedError):
        client.models.delete(server.model)
