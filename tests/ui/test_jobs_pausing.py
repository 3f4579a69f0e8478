"""Pausing on the Jobs screen: providers that refuse it, and a job that goes on while nobody looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from openai import AsyncOpenAI

from fault_server import FaultServer, Reply, Request, error_reply, fault_server, json_reply, page_reply
from fttui.providers.profiles import Profile
from fttui.ui.app import FttuiApp
from fttui.ui.screens.jobs import JobsScreen
from ui.golden import screen_text
from ui.loop_app import WIDE, loop_app, stored_job, until

CREATED = 1_780_000_000


class Provider:
    """One job, and what is answered to who wants to pause it; it can always be resumed."""

    def __init__(self, status: str, refusal: Reply | None = None) -> None:
        self.job = stored_job("tone", status, CREATED)
        self.refusal = refusal

    def __call__(self, request: Request) -> Reply:
        if request.path.endswith("/pause") and self.refusal is not None:
            return self.refusal
        if request.path.endswith("/resume"):
            self.job = self.job | {"status": "running"}
        if request.path.endswith("/events"):
            return page_reply([])
        return page_reply([self.job]) if request.path.endswith("/jobs") else json_reply(self.job)


def app_at(server: FaultServer, profile: Profile) -> FttuiApp:
    app = loop_app(profile=profile)

    async def client(*_: object) -> AsyncOpenAI:
        return server.client(profile)

    app.services.client = client  # type: ignore[method-assign]
    return app


HOSTED, LOCAL = Profile("work", is_local=False), Profile("local", is_local=True)


@pytest.mark.parametrize(
    ("profile", "refusal", "said", "is_offered_again"),
    [
        (HOSTED, error_reply(404, "Invalid URL"), "work cannot pause this job.", False),
        (HOSTED, error_reply(405, "Not allowed"), "work cannot pause this job.", False),
        (HOSTED, error_reply(404, "No job tone here", "fine_tune_not_found"), "No job tone here", True),
        (LOCAL, error_reply(404, "No such fine-tuning job"), "No such fine", True),
        (LOCAL, error_reply(400, "It ended before"), "It ended before", True),
    ],
)
async def test_only_who_knows_no_pausing_is_not_asked_again(
    profile: Profile, refusal: Reply, said: str, is_offered_again: bool
) -> None:
    with fault_server(Provider("running", refusal)) as server:
        app = app_at(server, profile)
        async with app.run_test(size=WIDE, notifications=True) as pilot:
            await pilot.press("3", "r")
            await until(pilot, lambda: "Pause" in screen_text(app))
            await pilot.press("s")
            await until(pilot, lambda: said in screen_text(app))
            app.clear_notifications()
            await until(pilot, lambda: said not in screen_text(app))
            assert ("Pause" in screen_text(app)) == is_offered_again


async def test_a_job_that_goes_on_during_the_last_look_is_followed_again() -> None:
    """Its follower was about to leave, and is still there when the person lets the job go on."""
    looks: list[str] = []
    leaves = asyncio.Event()

    async def last_look(client: AsyncOpenAI, job_id: str) -> AsyncIterator[None]:
        looks.append(job_id)
        await (leaves if len(looks) == 1 else asyncio.Event()).wait()
        for _ in ():
            yield

    with fault_server(Provider("paused")) as server:
        app = app_at(server, LOCAL)
        async with app.run_test(size=WIDE) as pilot:
            await pilot.press("3")
            screen = app.screen
            assert isinstance(screen, JobsScreen)
            screen._book.follow = last_look  # type: ignore[method-assign]
            await pilot.press("r")
            await until(pilot, lambda: looks and "Pause" in screen_text(app))
            await pilot.press("s")
            await until(pilot, lambda: screen._book.job("ftjob-tone").get("status") == "running")
            assert looks == ["ftjob-tone"]
            leaves.set()
            await until(pilot, lambda: looks == ["ftjob-tone"] * 2)
