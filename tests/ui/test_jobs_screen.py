"""The Jobs screen over stored jobs: nothing here needs a server."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import hostile
from fttui.core.errors import ProviderError
from fttui.core.text import safe
from fttui.jobs.objects import JobEvent
from fttui.ui.screens.new_job import NewJob, NewJobDialog
from fttui.ui.widgets.table_list import TableList
from ui.golden import golden, screen_text
from ui.loop_app import BASE, NARROW, WIDE, loop_app, pairs_file, step_events, store_jobs, stored_job, until

CREATED = 1_780_000_000


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def stored() -> None:
    """Three jobs that are over: one overfitted, one failed, one cancelled before its first step."""
    losses = [3.2 * math.exp(-step / 9) + 0.4 for step in range(24)]
    valid = {6: 2.4, 12: 1.3, 18: 1.35, 24: 1.6}
    tone = stored_job("tone", "succeeded", CREATED + 200, fine_tuned_model="ft:SmolLM2-135M:local:tone:4f2a1c")
    failed = stored_job(
        "sport", "failed", CREATED + 100, error={"code": "invalid_training_file", "message": "Line 3 is not JSON."}
    )
    events = {
        "tone": [
            JobEvent("tone-0", CREATED + 200, "info", "message", "Fine-tuning job started"),
            *step_events("tone", losses, valid, CREATED + 200),
            JobEvent("tone-99", CREATED + 230, "warn", "message", "One example was cut at 1,024 tokens"),
        ]
    }
    store_jobs([stored_job("old", "cancelled", CREATED), failed, tone], events)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x40"])
async def test_an_empty_screen_teaches_the_next_step(size: tuple[int, int], tmp_path: Path) -> None:
    app = loop_app(pairs_file(tmp_path / "tone.jsonl", [("q", "a")] * 3))
    async with app.run_test(size=size) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "No jobs yet" in screen_text(app))
        golden(app, f"jobs_empty_{size[0]}x{size[1]}")


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x40"])
async def test_stored_jobs_are_there_at_once(size: tuple[int, int]) -> None:
    app = loop_app()
    async with app.run_test(size=size) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "24/24" in screen_text(app))
        golden(app, f"jobs_list_{size[0]}x{size[1]}")
        await pilot.press("enter")
        await until(pilot, lambda: "Tuned model" in screen_text(app))
        golden(app, f"jobs_detail_{size[0]}x{size[1]}")
        await pilot.press("escape", "j")
        await until(pilot, lambda: app.screen.query_one(TableList).key == "ftjob-sport")
        await pilot.press("enter")
        await until(pilot, lambda: "Line 3 is not JSON." in screen_text(app))


async def test_no_file_and_no_job_each_get_a_word() -> None:
    app = loop_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "no file is open" in screen_text(app))
        await pilot.press("n")
        await until(pilot, lambda: "No file is open: start fttui" in screen_text(app))
        await pilot.press("p")
        await until(pilot, lambda: "There is no job here yet" in screen_text(app))
        await pilot.press("c")
        await until(pilot, lambda: "nothing to cancel" in screen_text(app))


@pytest.mark.usefixtures("stored")
async def test_a_job_without_a_model_cannot_be_tried() -> None:
    app = loop_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "24/24" in screen_text(app))
        await pilot.press("G", "p")
        await until(pilot, lambda: "no tuned model yet" in screen_text(app))


async def test_hostile_jobs_and_events() -> None:
    jobs, events = [], {}
    for number, text in enumerate(hostile.STRINGS.values()):
        name = f"{number:02}{text}"
        job = stored_job(name, "failed", CREATED - number, fine_tuned_model=text, error={"message": text})
        jobs.append(job | {"id": f"ftjob-{number}", "method": text, "model": text})
        step = {"step": 1, "train_loss": 2.0 + number / 1000, "total_steps": 2}
        events[name] = [JobEvent(text or "id", CREATED, text, text, text, step)]
    store_jobs(jobs, events)
    app = loop_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: len(app.screen.query_one(TableList).rows) == len(jobs))
        for number in range(len(jobs)):
            await until(pilot, lambda number=number: f"train {2 + number / 1000:.3f}" in screen_text(app))
            shown = screen_text(app)
            assert safe(shown) == shown
            await pilot.press("j")


async def test_a_hostile_provider_error_is_shown_as_text(tmp_path: Path) -> None:
    app = loop_app(pairs_file(tmp_path / "tone.jsonl", [("q", "a")] * 3))
    app.services.client = _no_client  # type: ignore[method-assign]
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("3", "r")
        await until(pilot, lambda: "[/nope] ␛]0;owned␇ away." in screen_text(app))


async def _no_client(*_: object) -> None:
    raise ProviderError("[/nope] \x1b]0;owned\x07 away.")


async def test_unsaved_changes_are_named_before_training(tmp_path: Path) -> None:
    path = pairs_file(tmp_path / "tone.jsonl", [("q", "a")] * 3)
    app = loop_app(path)
    app.services.client = _no_client  # type: ignore[method-assign]
    async with app.run_test(size=NARROW) as pilot:
        document = app.services.document
        assert document is not None
        document.delete(0)
        await pilot.press("3", "n")
        await until(pilot, lambda: "what gets trained" in screen_text(app))
        golden(app, "jobs_unsaved_80x24")
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, NewJobDialog))
        assert len(path.read_text().splitlines()) == 2


async def test_the_form_of_a_new_job_checks_what_is_typed(tmp_path: Path) -> None:
    app = loop_app(pairs_file(tmp_path / "my [b]tone.jsonl", [("q", "a")] * 3), counts=True)
    app.services.client = _no_client  # type: ignore[method-assign]
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: app.services.totals is not None and app.services.totals.is_complete)
        await pilot.press("3", "n")
        await until(pilot, lambda: "25 for 3 examples" in screen_text(app))
        golden(app, "jobs_new_80x24")
        await pilot.press("tab", "0", "enter")
        await until(pilot, lambda: "a number from 1 to 50" in screen_text(app))
        await pilot.press("backspace", "backspace", "backspace", "backspace", "backspace", "4")
        await until(pilot, lambda: "× 4 epochs" in screen_text(app))
        await pilot.press("tab", "tab", "n", "o", "enter")
        await until(pilot, lambda: "There is no file no." in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, NewJobDialog))


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x40"])
async def test_a_paused_dpo_job_with_its_best_checkpoint(size: tuple[int, int]) -> None:
    best = "ft:SmolLM2-135M:local:pairs:4f2a1c:ckpt-step-6"
    method = {"type": "dpo", "dpo": {"hyperparameters": {"n_epochs": 2, "beta": 0.1}}}
    job = stored_job("pairs", "paused", CREATED, method=method, best_checkpoint=best)
    steps = step_events("pairs", [0.69, 0.6, 0.5, 0.4, 0.35, 0.3, 0.28, 0.27], {6: 0.41, 8: 0.44}, CREATED)
    more = {"total_steps": 12, "train_reward_accuracy": 0.875}
    events = [replace(event, data={**event.data, **more}) for event in steps]
    store_jobs([job], {"pairs": events})
    app = loop_app()
    app.services.client = _no_client  # type: ignore[method-assign]
    async with app.run_test(size=size) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "8/12" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "b tries it" in screen_text(app))
        golden(app, f"jobs_paused_{size[0]}x{size[1]}")


@pytest.mark.usefixtures("stored")
async def test_only_what_can_be_paused_offers_it() -> None:
    app = loop_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "24/24" in screen_text(app))
        assert "Pause" not in screen_text(app)
        assert "Try the best" not in screen_text(app)
        await pilot.press("s", "b")
        await until(pilot, lambda: app.screen.query_one(TableList).key == "ftjob-tone")


def preference_file(path: Path) -> Path:
    """A file of four preference pairs."""
    said = {"role": "user", "content": "Hi"}
    pair = {
        "input": {"messages": [said]},
        "preferred_output": [{"role": "assistant", "content": "Good day."}],
        "non_preferred_output": [{"role": "assistant", "content": "Yo."}],
    }
    path.write_text("".join(json.dumps(pair) + "\n" for _ in range(4)), encoding="utf-8")
    return path


async def test_a_file_of_pairs_is_trained_by_dpo(tmp_path: Path) -> None:
    path = preference_file(tmp_path / "pairs.jsonl")
    app = loop_app(path)
    app.services.client = _no_client  # type: ignore[method-assign]
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("3", "n")
        await until(pilot, lambda: isinstance(app.screen, NewJobDialog))
        await until(pilot, lambda: "auto: 3 for 4 examples" in screen_text(app))
        await until(pilot, lambda: "dpo: pairs of a preferred answer and another" in screen_text(app))
        wanted: list[NewJob | None] = []
        app.screen.dismiss = wanted.append  # type: ignore[assignment,method-assign]
        await pilot.press("enter")
        await until(pilot, lambda: wanted)
        new = wanted[0]
        assert new is not None
        assert new.request(path).method == "dpo"


async def test_the_form_fits_a_small_terminal_however_much_it_has_to_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remark = "✖ The file has 1,000 errors for fttui local: I on the Examples screen lists them."
    monkeypatch.setattr("fttui.ui.screens.new_job.errors_remark", lambda _: remark)
    app = loop_app(preference_file(tmp_path / "pairs.jsonl"))
    app.services.client = _no_client  # type: ignore[method-assign]
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("3", "n")
        await until(pilot, lambda: isinstance(app.screen, NewJobDialog))
        dialog = app.screen
        assert isinstance(dialog, NewJobDialog)
        dialog.offer([BASE, *(f"ft:{BASE}:local:pairs:{number}" for number in range(9))])
        await pilot.press("tab", "tab", "tab", "n", "o", "enter")
        await until(pilot, lambda: "There is no file no." in screen_text(app))
        shown = screen_text(app)
        for part in (f"  {BASE}  ", "local:pairs:0", "method", "epochs", "1,000 errors", "enter trains", "─╯"):
            assert part in shown
