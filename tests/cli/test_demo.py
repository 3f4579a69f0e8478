"""The demo: the loop printed, the app opened on a copy."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from fttui.cli import demo as demo_module
from fttui.cli.samples import catalog, copy_sample
from fttui.core.paths import data_dir
from fttui.evals.exact import case_of
from fttui.formats.chat import messages_of, trained_text_of
from fttui.formats.lines import parse_line
from fttui.ui import start as start_module
from local_server_fixture import RunningServer


def test_the_samples_hold_what_the_catalog_says() -> None:
    counts = {}
    for sample in catalog().values():
        assert all((sample.title, sample.question, sample.shows, sample.limits))
        for name in filter(None, (sample.training, sample.test)):
            lines = files("fttui.samples").joinpath(name).read_bytes().splitlines()
            records = [parse_line(line).value for line in lines]
            assert all(record is not None and trained_text_of(record) for record in records)
            counts[name] = len(records)
            questions = [message.text for record in records if record for message in messages_of(record)]
            assert sample.question not in questions, "the question must be a new one"
            if name == sample.test:
                assert all(record is not None and case_of(0, record) for record in records)
    assert list(catalog()) == ["tone", "sport", "balance"]
    assert counts["tone.jsonl"] >= 12
    assert (counts["sport-train.jsonl"], counts["sport-test.jsonl"], counts["balance-ja.jsonl"]) == (60, 20, 10)


def test_a_copy_with_edits_is_kept() -> None:
    sample = catalog()["sport"]
    path = copy_sample(sample)
    assert path == data_dir() / "samples" / "sport-train.jsonl"
    assert path.with_name("sport-test.jsonl").exists()
    packaged = path.read_bytes()
    path.write_bytes(b"mine\n")
    assert copy_sample(sample).read_bytes() == b"mine\n"
    assert copy_sample(sample, fresh=True).read_bytes() == packaged


def shorten(name: str, count: int) -> None:
    """Put the first ``count`` examples of a sample where the demo keeps its copy: the edits of somebody in a hurry."""
    folder = data_dir() / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    lines = files("fttui.samples").joinpath(name).read_bytes().splitlines(keepends=True)
    (folder / name).write_bytes(b"".join(lines[:count]))


def test_the_loop_is_printed_without_a_terminal(fttui: Callable[..., Any], server: RunningServer) -> None:
    shorten("tone.jsonl", 2)
    done = fttui("demo", "tone", "--profile", "openai")  # whatever was said: it is always the local profile
    assert done.status == 0
    order = [
        "1. Count",
        "2. Cost",
        "3. Train",
        "loss",
        "The tuned model is ft:",
        "4. Compare",
        catalog()["tone"].question,
        "Next:",
    ]
    places = [done.out.index(part) for part in order]
    assert places == sorted(places)
    assert "1. Count   2 examples" in done.out
    assert done.out.count("loss") > 5
    assert f"ft:{server.model}:local:tone:" in done.out


def test_held_out_examples_are_tried(fttui: Callable[..., Any], server: RunningServer) -> None:
    shorten("sport-train.jsonl", 3)
    shorten("sport-test.jsonl", 4)
    done = fttui("demo", "sport", "--format", "json", "--quiet")
    assert done.status == 0
    document = done.json
    assert (document["sample"], document["examples"], document["job"]["profile"]) == ("sport", 3, "local")
    assert document["tokens"] > 100
    base, tuned = document["answers"]
    assert (base["model"], tuned["model"]) == (server.model, document["job"]["fine_tuned_model"])
    assert [cell["n"] for cell in document["cells"]] == [4, 4]


def test_a_training_that_fails_is_exit_1(
    fttui: Callable[..., Any], server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = data_dir() / "samples" / "tone.jsonl"
    broken.parent.mkdir(parents=True, exist_ok=True)
    broken.write_bytes(b"{}\n")
    try:
        done = fttui("demo", "tone")
    finally:
        broken.unlink()
    assert done.status == 1
    assert "The job failed: " in done.out


def test_an_unknown_sample(fttui: Callable[..., Any]) -> None:
    done = fttui("demo", "nothing")
    assert (done.status, done.out) == (2, "")
    assert "There are: tone, sport, balance." in done.err


def test_with_a_terminal_the_app_opens_on_the_copy(fttui: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[Any, ...]] = []

    def run(paths: list[Path], profile: str | None, *, notices: tuple[str, ...] = ()) -> int:
        opened.append((paths, profile, notices))
        return 0

    monkeypatch.setattr(demo_module, "has_terminal", lambda: True)
    monkeypatch.setattr(start_module, "run", run)
    assert fttui("demo").status == 0
    ((paths, profile, notices),) = opened
    assert (paths, profile) == ([data_dir() / "samples" / "tone.jsonl"], "local")
    assert "fttui demo sport" in notices[1]
