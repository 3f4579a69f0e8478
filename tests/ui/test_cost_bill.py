"""The bill of a job on the Jobs screen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fttui.core.settings import CostSettings
from fttui.costs.billed import Estimate
from fttui.jobs.store import JobStore
from fttui.ui.bill_text import bill_line
from ui.golden import screen_text
from ui.loop_app import WIDE, loop_app, store_jobs, stored_job, until

JOB = {"status": "succeeded", "model": "gpt-4.1-mini-2025-04-14", "trained_tokens": 10_500}
EXPECTED = Estimate(10_000, 3, Decimal("0.05"), "2026-07").as_dict()


@pytest.mark.parametrize(
    ("job", "stored", "said"),
    [
        (JOB, EXPECTED, "Billed 10,500 tokens, $0.05: 5.0% more than the estimate of 10,000, $0.05."),
        ({**JOB, "trained_tokens": 10_000}, EXPECTED, "Billed 10,000 tokens, $0.05: as estimated."),
        (JOB, None, "Billed 10,500 tokens, $0.05."),
        ({**JOB, "model": "nobody knows"}, None, "Billed 10,500 tokens."),
        ({**JOB, "status": "running"}, EXPECTED, ""),
        ({**JOB, "trained_tokens": None}, EXPECTED, ""),
    ],
)
def test_the_line(job: dict[str, Any], stored: dict[str, Any] | None, said: str) -> None:
    assert bill_line(job, stored, is_local=False, cost=CostSettings()) == said


def test_in_the_persons_currency_and_free_at_home() -> None:
    yen = CostSettings(currency="JPY", rate=Decimal(150))
    assert bill_line(JOB, None, is_local=False, cost=yen) == "Billed 10,500 tokens, ¥8."
    assert bill_line(JOB, None, is_local=True, cost=yen) == "Billed 10,500 tokens, free."


async def test_on_the_screen() -> None:
    store_jobs([stored_job("tone", "succeeded", 1_700_000_000, trained_tokens=1100, fine_tuned_model="ft:x")], {})
    store = JobStore()
    store.save_estimate("local", "ftjob-tone", Estimate(1000, 3, Decimal(0), "", False).as_dict())
    store.close()
    app = loop_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("3")
        said = "Billed 1,100 tokens, free: 10.0% more than the estimate"
        await until(pilot, lambda: said in " ".join(screen_text(app).split()))
