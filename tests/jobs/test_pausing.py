"""Paused jobs: asked for, followed without haste, and left where nobody waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fault_server import FaultServer, Reply, Request, error_reply, fault_server, json_reply, page_reply
from fttui.core.errors import ProviderError
from fttui.jobs.follow import PAUSED_LOOKS, PAUSED_POLL_S, follow
from fttui.jobs.objects import JobEvent
from fttui.jobs.request import method_for, pause_job, resume_job
from fttui.jobs.store import JobStore

JOB = "ftjob-1"


class Provider:
    """A job with these statuses, one a look (the last one stays), and an event more at each of the first looks."""

    def __init__(self, statuses: list[str], events: int) -> None:
        self.statuses, self.events, self.looks = statuses, events, 0

    def __call__(self, request: Request) -> Reply:
        if request.path.endswith("/events"):
            there = range(min(self.looks, self.events))
            return page_reply([{"id": f"e{n}", "created_at": n, "message": f"Step {n}"} for n in reversed(there)])
        self.looks += 1
        return json_reply({"id": JOB, "status": self.statuses[min(self.looks, len(self.statuses)) - 1]})


async def followed(server: FaultServer, **options: Any) -> tuple[list[str], list[float]]:
    """What came, and the pauses in between."""
    pauses: list[float] = []
    came: list[str] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        assert len(pauses) < 100, "it goes on for ever"

    async with server.client() as client:
        async for item in follow(client, JOB, sleep=sleep, **options):
            came.append(item.id if isinstance(item, JobEvent) else str(item.job["status"]))
    return came, pauses


async def test_a_paused_job_is_not_over_and_is_looked_at_less_often() -> None:
    with fault_server(Provider(["running", *["paused"] * 30, "running", "succeeded"], 3)) as server:
        came, pauses = await followed(server, poll_s=0.5)
    assert came == ["running", "e0", "paused", "e1", "e2", "running", "succeeded"]
    local = PAUSED_POLL_S[0]
    assert pauses[:2] == [0.5, local]
    assert pauses.count(local) == 30


async def test_a_paused_job_can_be_left_when_all_was_told() -> None:
    with fault_server(Provider(["running", "paused"], 4)) as server:
        came, pauses = await followed(server, leave_paused=True)
    assert came == ["running", "e0", "paused", "e1", "e2", "e3"]
    assert pauses.count(PAUSED_POLL_S[0]) == 3 + PAUSED_LOOKS


async def test_pausing_and_resuming_are_asked_for_by_name() -> None:
    with fault_server(lambda request: json_reply({"id": JOB, "status": request.path.rpartition("/")[2]})) as server:
        async with server.client() as client:
            assert (await pause_job(client, JOB))["status"] == "pause"
            assert (await resume_job(client, JOB))["status"] == "resume"
        assert server.paths("POST") == [f"/v1/fine_tuning/jobs/{JOB}/{verb}" for verb in ("pause", "resume")]


async def test_a_provider_that_cannot_pause_says_so() -> None:
    with fault_server(lambda request: error_reply(405, "no such thing")) as server:
        async with server.client() as client:
            for asked in (pause_job, resume_job):
                with pytest.raises(ProviderError) as caught:
                    await asked(client, JOB)
                assert caught.value.status == 405


def test_the_store_keeps_a_paused_job() -> None:
    store = JobStore()
    store.save_job("local", {"id": JOB, "status": "paused", "created_at": 5, "best_checkpoint": "ft:x:ckpt-step-2"})
    store.close()
    again = JobStore()
    assert again.jobs("local") == [
        {"id": JOB, "status": "paused", "created_at": 5, "best_checkpoint": "ft:x:ckpt-step-2"}
    ]
    again.close()


PAIR: Mapping[str, Any] = {"input": {"messages": []}, "preferred_output": [], "non_preferred_output": []}


@pytest.mark.parametrize(
    ("records", "method"),
    [
        ([PAIR, PAIR], "dpo"),
        ([{"messages": []}] * 2, "supervised"),
        ([{"prompt": "a", "completion": "b"}], "supervised"),
        ([PAIR, PAIR, {"messages": []}], "dpo"),
        ([], "supervised"),
    ],
)
def test_the_method_goes_by_the_records(records: list[Mapping[str, Any]], method: str) -> None:
    assert method_for(records) == method
