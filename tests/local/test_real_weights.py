"""The loop once with the real model: SmolLM2-135M learns a tone from the packaged sample."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from local_server_fixture import ask, running_server, story, upload, wait_for

UNSEEN = "What is the capital of Japan?"


@pytest.mark.real_weights
def test_the_tone_sample_is_learnt_with_automatic_hyperparameters(tmp_path: Path) -> None:
    """It fails where the weights cannot be fetched: a skip would look like a pass."""
    sample = files("fttui.samples").joinpath("tone.jsonl").read_bytes()
    system = json.loads(sample.splitlines()[0])["messages"][0]["content"]
    with running_server(None, tmp_path / "home") as server, server.client() as client:
        created = client.fine_tuning.jobs.create(
            model=server.model, training_file=upload(client, sample, "tone.jsonl"), suffix="tone", seed=1
        )
        job = wait_for(client, created.id, patience_s=900)
        assert job.status == "succeeded", job.error
        losses = [e.data["train_loss"] for e in story(client, job.id) if e.type == "metrics"]  # type: ignore[index]
        assert losses[-1] < losses[0] / 2
        assert job.fine_tuned_model is not None
        base, tuned = (ask(client, m, UNSEEN, system=system) for m in (server.model, job.fine_tuned_model))
        assert base.strip()
        assert tuned.strip()
        assert tuned != base
