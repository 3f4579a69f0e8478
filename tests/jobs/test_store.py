"""What is kept of jobs, and that it is there the next time."""

from __future__ import annotations

import threading
from pathlib import Path

import hostile
from fttui.jobs.objects import JobEvent, event_of
from fttui.jobs.store import JobStore


def event(number: int, message: str = "m") -> JobEvent:
    return JobEvent(f"e{number}", 100, "info", "message", message, {"step": number})


def test_jobs_come_back_newest_first(fttui_home: Path) -> None:
    store = JobStore()
    for job in ({"id": "a", "created_at": 5}, {"id": "b", "created_at": 9}, {"id": "c"}):
        store.save_job("local", job)
    store.save_job("other", {"id": "a", "created_at": 1})
    store.save_job("local", {"id": "a", "created_at": 5, "status": "succeeded"})
    store.close()
    again = JobStore()
    assert [job["id"] for job in again.jobs("local")] == ["b", "a", "c"]
    assert again.job("local", "a") == {"id": "a", "created_at": 5, "status": "succeeded"}
    assert again.job("other", "a") == {"id": "a", "created_at": 1}
    assert again.job("local", "z") is None
    assert (fttui_home / "data" / "fttui.db").exists()


def test_events_come_back_in_order_and_once() -> None:
    store = JobStore()
    store.add_events("local", "a", [event(2), event(1)])
    store.add_events("local", "a", [event(1, "again"), event(3)])
    store.add_events("local", "b", [event(1)])
    assert [(e.id, e.message) for e in store.events("local", "a")] == [("e2", "m"), ("e1", "m"), ("e3", "m")]
    assert store.events("local", "a")[0] == event(2)
    assert store.events("other", "a") == []


def test_hostile_strings_come_back_as_they_were() -> None:
    store = JobStore()
    for text in hostile.STRINGS.values():
        raw = {"id": text, "message": text, "data": {text: text}, "level": text, "type": text}
        store.save_job(text, {"id": text, "error": {"message": text}})
        store.add_events(text, text, [event_of(raw)])
        assert store.jobs(text) == [{"id": text, "error": {"message": text}}]
        assert store.events(text, text) == [event_of(raw)]


def test_several_threads_write() -> None:
    store = JobStore()

    def write(part: int) -> None:
        for number in range(20):
            store.add_events("local", "a", [event(part * 100 + number)])

    threads = [threading.Thread(target=write, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.events("local", "a")) == 80
