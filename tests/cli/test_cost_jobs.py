"""After a job: what was billed beside what was estimated."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fault_server import Reply, Request, fault_server, json_reply
from fttui.cli.main import run
from fttui.jobs.store import JobStore
from token_files import example, plain_count, write

LINES = [example(number) for number in range(20)]
EXPECTED = sum(plain_count(line)[0] for line in LINES) * 2


def server(status: str, trained: int | None) -> Any:
    job = {"id": "ftjob-1", "status": status, "model": "gpt-4.1-mini-2025-04-14", "trained_tokens": trained}

    def script(request: Request) -> Reply:
        return json_reply({"id": "file-1", "status": "processed"} if request.path == "/v1/files" else job)

    return fault_server(script)


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Create a job at a scripted provider, then show it in both forms."""
    file = write(tmp_path / "a.jsonl", LINES)

    def show(status: str, trained: int | None, *, created_here: bool = True) -> tuple[dict[str, Any], str]:
        with server(status, trained) as running:
            monkeypatch.setenv("OPENAI_API_KEY", "sk-12345678")
            monkeypatch.setenv("OPENAI_BASE_URL", running.base_url)
            profile = ("--profile", "openai")
            if created_here:
                assert run(["jobs", "create", str(file), "--epochs", "2", "--yes", *profile]) == 0
            capsys.readouterr()
            assert run(["jobs", "show", "ftjob-1", "--format", "json", *profile]) == 0
            document = json.loads(capsys.readouterr().out, parse_float=Decimal)
            assert run(["jobs", "show", "ftjob-1", *profile]) == 0
            return document, capsys.readouterr().out

    return show


def test_more_was_billed_than_estimated(shown: Any) -> None:
    document, text = shown("succeeded", EXPECTED + 100)
    bill = document["billing"]
    assert (bill["estimated_tokens"], bill["billed_tokens"], bill["difference"]) == (EXPECTED, EXPECTED + 100, 100)
    assert bill["billed_usd"] == Decimal(5) * (EXPECTED + 100) / 1_000_000
    assert bill["estimated_usd"] == Decimal(5) * EXPECTED / 1_000_000
    assert f"estimated       {EXPECTED:,} tokens, $" in text
    assert "% more than estimated" in text


def test_what_was_billed_as_estimated_says_no_difference(shown: Any) -> None:
    document, text = shown("succeeded", EXPECTED)
    assert (document["billing"]["difference"], document["billing"]["share"]) == (0, 0)
    assert "than estimated" not in text


def test_a_job_of_somewhere_else_has_a_bill_only(shown: Any) -> None:
    document, text = shown("succeeded", 5000, created_here=False)
    assert document["billing"]["estimated_tokens"] is None
    assert "billed          5,000 tokens, $0.0250" in text
    assert "estimated" not in text


@pytest.mark.parametrize(("status", "trained"), [("running", 50), ("succeeded", None), ("failed", 50)])
def test_no_bill_before_the_end(shown: Any, status: str, trained: int | None) -> None:
    document, text = shown(status, trained)
    assert document["billing"] is None
    assert "billed " not in text


def test_an_estimate_that_cannot_be_kept_does_not_lose_the_job(shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from fttui.core.errors import FttuiError

    def broken(*_: Any) -> None:
        raise FttuiError("The database is broken.")

    monkeypatch.setattr(JobStore, "save_estimate", broken)
    document, _ = shown("succeeded", 5000)
    assert document["billing"]["billed_tokens"] == 5000
