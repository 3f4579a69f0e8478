"""How jobs and events read."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import pytest

import hostile
from fttui.core.text import safe
from fttui.jobs.objects import is_terminal
from fttui.ui.job_text import (
    Metrics,
    clock,
    epochs_of,
    event_line,
    headline,
    job_name,
    job_row,
    metrics_of,
    outcome,
    seconds_left,
    state_of,
)

JOB = {
    "id": "ftjob-8c1d2e",
    "model": "SmolLM2-135M",
    "status": "running",
    "user_provided_suffix": "tone",
    "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 8}}},
    "error": {},
}


def step(number: int, at: int, **data: float) -> dict[str, object]:
    return {
        "id": f"e{number}", "created_at": at, "level": "info", "type": "metrics",
        "message": f"Step {number}/24", "data": {"step": number, "total_steps": 24, **data},
    }  # fmt: skip


EVENTS = [step(1, 100, train_loss=3.2), step(2, 101, train_loss=3.0, full_valid_loss=2.9), step(5, 104, train_loss=2.0)]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_latest_numbers_of_each_kind_count() -> None:
    assert metrics_of(EVENTS) == Metrics(5, 24, 2.0, 2.9, 100, 1, 104)
    assert metrics_of([]) == Metrics()
    odd = [{"data": None}, {"data": {"step": None}}, {"data": {"step": True}}, {}, {"data": {"step": "3"}}]
    assert metrics_of(odd) == Metrics()
    assert metrics_of([step(1, 1, train_loss=math.nan)]).loss is None


def test_time_left_goes_by_the_steps_or_by_what_the_provider_says() -> None:
    metrics = metrics_of(EVENTS)
    assert seconds_left(JOB, metrics, now=104) == 19
    assert seconds_left(JOB, metrics, now=114) == 9
    assert seconds_left(JOB, metrics, now=999) == 0
    assert seconds_left({**JOB, "estimated_finish": 204}, metrics, now=104) == 100
    assert seconds_left({**JOB, "status": "queued"}, metrics, now=104) is None
    assert seconds_left(JOB, Metrics(), now=104) is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, ""), (0, "0:00"), (13.2, "0:14"), (725, "12:05"), (10_800, "3:00 h")]
)
def test_clocks(seconds: float | None, text: str) -> None:
    assert clock(seconds) == text


def test_names_states_and_epochs() -> None:
    assert job_name(JOB) == "tone"
    assert job_name({"id": "ftjob-1", "fine_tuned_model": "ft:base:org:sport:abc"}) == "sport"
    assert job_name({"id": "ftjob-12345678901234"}) == "345678901234"
    assert job_name({}) == "?"
    assert state_of({"status": "validating_files"}) == "validating"
    assert state_of({"status": "pausing"}) == "pausing"
    assert state_of({}) == "unknown"
    assert epochs_of(JOB) == "8"
    assert epochs_of({"hyperparameters": {"n_epochs": "auto"}}) == "auto"
    assert epochs_of({"hyperparameters": None, "method": {"type": None}}) == ""
    assert not is_terminal(JOB)
    assert is_terminal({"status": "cancelled"})


def test_rows_and_headlines() -> None:
    cells = [cell.text for cell in job_row(JOB, EVENTS, now=104).cells]
    assert cells == ["tone", "SmolLM2-135M", "running", "5/24", "2.00", "2.90", "0:19"]
    assert headline(JOB, EVENTS, now=104) == "tone · SmolLM2-135M · 8 epochs · running 20 %, 0:19 left"
    assert headline({"id": "x", "status": "queued"}, [], now=0) == "x · ? · queued"


def test_outcomes_say_what_to_do_next() -> None:
    assert outcome({"status": "succeeded", "fine_tuned_model": "ft:a"}) == "Tuned model: ft:a. p tries it."
    assert outcome({"status": "failed", "error": {"message": "Line 3 is empty."}}) == "✖ Line 3 is empty."
    assert outcome({"status": "failed", "error": {}}) == "✖ It failed, and the provider gives no reason."
    assert outcome({"status": "cancelled"}) == "Cancelled."
    assert outcome(JOB) == ""


def test_event_lines() -> None:
    event = {"created_at": 50531, "level": "info", "message": "Step 15: loss 1.08"}
    assert event_line(event) == "14:02:11 Step 15: loss 1.08"
    assert event_line({**event, "level": "warn"}) == "14:02:11 ⚠ Step 15: loss 1.08"
    assert event_line({}) == "--:--:-- "
    assert event_line({"created_at": 1e300, "message": None}) == "--:--:-- "


@pytest.mark.parametrize("text", hostile.STRINGS.values(), ids=hostile.STRINGS)
def test_hostile_objects_give_safe_single_lines(text: str) -> None:
    job = dict.fromkeys(("id", "model", "status", "user_provided_suffix", "fine_tuned_model"), text)
    job |= {"error": {"message": text}, "hyperparameters": {"n_epochs": text}}
    event = {"id": text, "created_at": text, "level": text, "message": text, "data": {"step": text}}
    lines = [headline(job, [event], 0), outcome({**job, "status": "failed"}), event_line(event), job_name(job)]
    lines += [state_of(job)]
    for line in lines:
        assert safe(line) == line
        assert "\n" not in line
