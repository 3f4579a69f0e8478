"""Every event once, oldest first, whatever happens to the connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fault_server import DROP, FaultServer, Reply, Request, error_reply, fault_server, json_reply, page_reply
from fttui.core.errors import ProviderError
from fttui.jobs.follow import follow, follow_with_restart
from fttui.jobs.objects import JobEvent, JobUpdate

JOB = "ftjob-1"


class Provider:
    """A provider with one job whose events come as the test says: so many are there after each look at the job."""

    def __init__(self, events: list[dict[str, Any]], shown: list[int], statuses: list[str], page: int = 100) -> None:
        self.events, self.shown, self.statuses, self.page = events, shown, statuses, page
        self.looks = 0

    def __call__(self, request: Request) -> Reply:
        if not request.path.endswith("/events"):
            status = self.statuses[min(self.looks, len(self.statuses) - 1)]
            self.looks += 1
            return json_reply({"id": JOB, "object": "fine_tuning.job", "status": status, "error": {}})
        there = self.events[: self.shown[min(self.looks - 1, len(self.shown) - 1)]][::-1]
        after = request.query.get("after")
        start = next((n + 1 for n, event in enumerate(there) if event.get("id") == after), 0)
        size = min(self.page, int(request.query["limit"]))
        return page_reply(there[start : start + size], has_more=start + size < len(there))


def events(count: int, per_second: int = 7) -> list[dict[str, Any]]:
    return [
        {"id": f"e{n}", "object": "fine_tuning.job.event", "created_at": 1000 + n // per_second, "message": f"Step {n}"}
        for n in range(count)
    ]


class NoWaiting:
    """A way to wait that does not; it remembers how long it should have been."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)
        assert len(self.pauses) < 2000, "the follower goes on for ever"


async def followed(server: FaultServer, **options: Any) -> tuple[list[str], list[str]]:
    """The ids of the events and the statuses, as they came."""
    options.setdefault("sleep", NoWaiting())
    ids: list[str] = []
    statuses: list[str] = []
    async with server.client() as client:
        async for item in follow(client, JOB, **options):
            if isinstance(item, JobEvent):
                ids.append(item.id)
            else:
                statuses.append(str(item.job.get("status")))
    return ids, statuses


def ids_of(count: int) -> list[str]:
    return [f"e{n}" for n in range(count)]


async def test_events_come_in_order_while_the_job_goes_on() -> None:
    provider = Provider(
        events(30), [2, 2, 9, 29, 30], ["validating_files", "queued", "running", "running", "succeeded"]
    )
    with fault_server(provider) as server:
        ids, statuses = await followed(server)
    assert ids == ids_of(30)
    assert statuses == ["validating_files", "queued", "running", "succeeded"]


async def test_pages_are_turned_until_a_known_event() -> None:
    provider = Provider(events(250), [240, 243, 250], ["running", "running", "succeeded"])
    with fault_server(provider) as server:
        ids, _ = await followed(server)
        asked = [request.query.get("after") for request in server.requests if request.path.endswith("/events")]
    assert ids == ids_of(250)
    assert asked == [None, "e140", "e40", None, None, None]


async def test_known_events_do_not_come_again() -> None:
    provider = Provider(events(250), [250], ["succeeded"])
    with fault_server(provider) as server:
        ids, _ = await followed(server, known=set(ids_of(200)))
    assert ids == ids_of(250)[200:]


async def test_events_that_come_after_the_end_are_drained() -> None:
    provider = Provider(events(12), [10, 11, 12, 12], ["succeeded"])
    with fault_server(provider) as server:
        ids, statuses = await followed(server)
    assert (ids, statuses) == (ids_of(12), ["succeeded"])


async def test_a_provider_that_ignores_after_does_not_hold_us() -> None:
    def script(request: Request) -> Reply:
        if request.path.endswith("/events"):
            return page_reply(events(3)[::-1], has_more=True)
        return json_reply({"id": JOB, "status": "succeeded"})

    with fault_server(script) as server:
        assert (await followed(server))[0] == ids_of(3)


async def test_fields_may_lack_and_statuses_be_unknown() -> None:
    bare = [{}, {"message": "a"}, {"message": "b", "created_at": None, "data": 7, "level": None}]
    statuses = iter(
        [{}, {"status": "pausing"}, {"status": "weird\x1b"}, {"status": "cancelled"}, {"status": "cancelled"}]
    )

    def script(request: Request) -> Reply:
        return page_reply(bare[::-1]) if request.path.endswith("/events") else json_reply({"id": JOB, **next(statuses)})

    with fault_server(script) as server:
        found: list[JobEvent | JobUpdate] = []
        async with server.client() as client:
            async for item in follow(client, JOB, sleep=NoWaiting()):
                found.append(item)
    came = [item for item in found if isinstance(item, JobEvent)]
    assert [(e.message, e.level, e.type, e.created_at, e.data) for e in came] == [
        ("", "info", "message", 0, {}),
        ("a", "info", "message", 0, {}),
        ("b", "info", "message", 0, {}),
    ]
    assert len({event.id for event in came}) == 3


async def test_short_losses_lose_nothing() -> None:
    faults = [
        DROP,
        Reply(b'{"object": "list", "data": [', drop=True),
        error_reply(500, "Sorry"),
        error_reply(429, "Slow down", "rate_limit_exceeded"),
        Reply(b"<html>bad gateway</html>", status=502, content_type="text/html"),
        Reply(b"<html>Log in to the network</html>", content_type="text/html"),
        Reply(b"\x00\xff garbage", content_type="application/json"),
    ]
    # a poll is two requests: the job, then the events; with every second one failing it takes three
    steady = Provider(events(40), [5, 5, 20, 40], ["running"] * 8 + ["succeeded"])
    count = 0

    def script(request: Request) -> Reply:
        nonlocal count
        count += 1
        if count > 2 and count % 3 == 0:
            return faults[count // 3 % len(faults)]
        return steady(request)

    sleep = NoWaiting()
    with fault_server(script) as server:
        ids, statuses = await followed(server, sleep=sleep)
    assert ids == ids_of(40)
    assert statuses == ["running", "succeeded"]


async def test_a_provider_that_stays_away_is_given_up() -> None:
    provider = Provider(events(3), [3], ["running"])

    def script(request: Request) -> Reply:
        return provider(request) if len(server.requests) <= 2 else DROP

    sleep = NoWaiting()
    with fault_server(script) as server:
        ids: list[str] = []
        async with server.client() as client:
            with pytest.raises(ProviderError, match=r'Profile "openai" cannot be reached') as caught:
                async for item in follow(client, JOB, patience_s=100, sleep=sleep):
                    ids += [item.id] if isinstance(item, JobEvent) else []
    assert ids == ids_of(3)
    assert caught.value.retryable
    waits = sleep.pauses[1:]
    assert 90 < sum(waits) < 130
    assert waits[0] < waits[3] < waits[5], "it backs off"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (lambda _: error_reply(404, "No such job", "not_found"), "does not have it"),
        (lambda _: error_reply(401, "Bad key"), "did not accept the key"),
        (lambda _: error_reply(429, "You exceeded", "insufficient_quota"), "no credit left"),
    ],
)
async def test_a_refusal_is_not_waited_for(script: Callable[[Request], Reply], said: str) -> None:
    sleep = NoWaiting()
    with fault_server(script) as server, pytest.raises(ProviderError, match=said):
        await followed(server, sleep=sleep)
    assert sleep.pauses == []


async def test_an_address_that_never_answered_is_given_up_soon() -> None:
    sleep = NoWaiting()
    page = Reply(b"<html></html>", content_type="text/html")
    with fault_server(lambda _: page) as server, pytest.raises(ProviderError, match="right address"):
        await followed(server, sleep=sleep, patience_s=1000)
    assert 0 < sum(sleep.pauses) < 15


async def test_after_a_loss_the_next_client_goes_on_where_the_last_stopped() -> None:
    first = Provider(events(20), [5, 5], ["running"])
    second = Provider(events(20), [20], ["failed"])

    def dies(request: Request) -> Reply:
        return first(request) if len(dying.requests) <= 4 else DROP

    statuses: list[Any] = []
    ids: list[str] = []
    with fault_server(dies) as dying, fault_server(second) as living:
        clients = iter([dying.client(), living.client()])

        async def connect() -> Any:
            return next(clients)

        async for item in follow_with_restart(connect, JOB, poll_s=0.01):
            if isinstance(item, JobEvent):
                ids.append(item.id)
            else:
                statuses.append(item.job["status"])
    assert ids == ids_of(20)
    assert statuses == ["running", "failed"]
