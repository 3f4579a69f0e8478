"""What a new job costs and takes, in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fttui.core.settings import Settings
from fttui.dataset.document import Document
from fttui.providers.profiles import Profile
from fttui.ui.job_estimate import errors_remark, estimate, expected_seconds
from fttui.ui.screens.new_job import NewJob
from fttui.ui.services import Services


class Counted:
    """Counts that are complete."""

    examples, billable, is_complete = 60, 100_000, True

    class rule:
        exact = True


class Checked:
    """Checks that found errors."""

    targets = ("openai",)

    def __init__(self, errors: int) -> None:
        self.errors = errors


@pytest.fixture
def services(file: Path) -> Callable[[str], Services]:
    """Makes services of a profile with a counted file open."""

    def make(name: str) -> Services:
        services = Services(Settings(), Profile(name, is_local=name == "local"), document=Document.open(file))
        assert services.files.active is not None
        services.files.active.totals = Counted()  # type: ignore[assignment]
        return services

    return make


def test_local_is_free(services: Callable[[str], Services]) -> None:
    numbers = estimate(services("local"), "SmolLM2-135M", None)
    assert numbers.sentence == "About 100,000 tokens × 3 epochs = 300,000 → free: it trains on this machine."
    assert numbers.epochs_remark == "auto: 3 for 60 examples"
    assert (numbers.price, numbers.trained_tokens) == ("free", 300_000)


def test_the_local_server_goes_through_pairs_less_often(
    services: Callable[[str], Services], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Counted, "examples", 4)
    numbers = estimate(services("local"), "SmolLM2-135M", None, method="dpo")
    assert numbers.sentence == "About 100,000 tokens × 3 epochs = 300,000 → free: it trains on this machine."
    assert numbers.epochs_remark == "auto: 3 for 4 examples"
    assert (numbers.kept is not None) and (numbers.kept.epochs == 3)
    assert estimate(services("local"), "SmolLM2-135M", None).epochs_remark == "auto: 25 for 4 examples"
    assert estimate(services("local"), "SmolLM2-135M", 7, method="dpo").trained_tokens == 700_000
    hosted = estimate(services("openai"), "gpt-4.1-mini", None, method="dpo")
    assert hosted.epochs_remark == "auto: 25 for 4 examples", "their rule for pairs is not known"


def test_hosted_names_price_and_profile(services: Callable[[str], Services]) -> None:
    numbers = estimate(services("openai"), "gpt-4.1-mini", 2)
    assert numbers.sentence == "100,000 tokens × 2 epochs = 200,000 → $1.00 (price of 2026-07)."
    assert numbers.epochs_remark == "chosen"
    new = NewJob("gpt-4.1-mini", 2, None, None, numbers)
    assert new.verb == "Train for $1.00"
    first, second = new.warning("tone.jsonl", "openai")
    assert first == "This sends tone.jsonl (60 examples, 100,000 tokens) to openai and trains gpt-4.1-mini there."
    assert "$1.00" in second


def test_an_unknown_price_is_said(services: Callable[[str], Services]) -> None:
    numbers = estimate(services("openai"), "someone's-model", None)
    assert "no price known for someone's-model" in numbers.sentence
    assert NewJob("m", None, None, None, numbers).verb == "Train, price unknown"


def test_uncounted_files_have_no_price_yet() -> None:
    numbers = estimate(Services(Settings(), Profile("openai", is_local=False)), "gpt-4.1-mini", None)
    assert "still being counted" in numbers.sentence
    assert numbers.price == ""


def test_the_expected_time_goes_by_a_job_of_the_model_and_of_that_size() -> None:
    def job(model: str, end: int, tokens: object) -> dict[str, object]:
        return {"status": "succeeded", "model": model, "created_at": 100, "finished_at": end, "trained_tokens": tokens}

    jobs = [job("a", 200, 1000), job("a", 140, 400), job("b", 900, 10), job("a", 300, None), {"status": "failed"}]
    assert expected_seconds(jobs, "a", 500) == 50
    assert expected_seconds(jobs, "a", 5000) == 500, "the larger of the two is more like it, at the same rate"
    jobs.append(job("a", 102, 10))
    assert expected_seconds(jobs, "a", 500) == 50, "a tiny one tells nothing about it"
    assert expected_seconds(jobs, "a", 5) == 1
    assert expected_seconds(jobs, "c", 500) is None
    assert expected_seconds(jobs, "a", 0) is None


def test_pairs_take_their_own_time() -> None:
    """A pair is two sequences, each of which goes through the reference too."""

    def job(end: int, **more: object) -> dict[str, object]:
        times = {"created_at": 100, "finished_at": end, "trained_tokens": 100}
        return {"status": "succeeded", "model": "a", **times, **more}

    jobs = [job(110), job(140, method={"type": "dpo"}), job(120, method={"type": "supervised"})]
    assert expected_seconds(jobs, "a", 100, "dpo") == 40
    assert expected_seconds(jobs, "a", 100) == 20
    assert expected_seconds(jobs[:1], "a", 100) == 10, "who does not say it was supervised"
    assert expected_seconds(jobs[:1], "a", 100, "dpo") is None


def test_errors_of_the_file_are_told_before_it_is_trained_on(services: Callable[[str], Services]) -> None:
    file = services("openai").files.active
    assert file is not None
    assert errors_remark(file) == ""
    file.checks = Checked(0)  # type: ignore[assignment]
    assert errors_remark(file) == ""
    file.checks = Checked(1)  # type: ignore[assignment]
    assert errors_remark(file).startswith("✖ The file has an error for OpenAI:")
    file.checks = Checked(1200)  # type: ignore[assignment]
    assert "1,200 errors" in errors_remark(file)
