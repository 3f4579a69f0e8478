"""The app with its real screens, for the tests of Jobs, Playground, Cost and Evals."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from fttui.core.settings import Settings
from fttui.dataset.document import Document
from fttui.jobs.objects import JobEvent
from fttui.jobs.store import JobStore
from fttui.providers.profiles import Profile
from fttui.ui.app import FttuiApp
from fttui.ui.services import Services
from fttui.ui.theming import load_themes

NARROW, WIDE = (80, 24), (140, 40)
BASE = "SmolLM2-135M"
PATIENCE = 600
"""Pauses of 20 ms that a test waits for what must happen; it ends long before on any machine that works."""


def loop_app(path: Path | None = None, *, profile: Profile | None = None, counts: bool = False) -> FttuiApp:
    """The app on a file (or none); ``counts``: in processes, as always."""
    document = Document.open(path) if path is not None else None
    services = Services(Settings(), profile or Profile("local", is_local=True), document=document)
    app = FttuiApp(services, themes=load_themes())
    if not counts:
        app.counting.count = lambda: None  # type: ignore[method-assign]
    app.checking.begin = lambda file: None  # type: ignore[method-assign]
    return app


def pairs_file(path: Path, pairs: Sequence[tuple[str, str]]) -> Path:
    """A file of question and answer pairs."""
    lines = (
        {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}
        for question, answer in pairs
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


async def until(pilot: Pilot[Any], is_so: Callable[[], object]) -> None:
    """Wait until ``is_so()``; a test that waits in vain fails."""
    for _ in range(PATIENCE):
        if is_so():
            await pilot.pause()
            return
        await pilot.pause(0.02)
    from ui.golden import screen_text

    raise AssertionError(f"it did not happen:\n{screen_text(pilot.app)}")


def stored_job(name: str, status: str, created: int, **more: Any) -> dict[str, Any]:
    """A job object as providers send it."""
    return {
        "id": f"ftjob-{name}", "object": "fine_tuning.job", "created_at": created, "status": status, "model": BASE,
        "user_provided_suffix": name, "error": {}, "fine_tuned_model": None,
        "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 8}}}, **more,
    }  # fmt: skip


def step_events(name: str, losses: Sequence[float], valid: Mapping[int, float], begin: int) -> list[JobEvent]:
    """A metrics event a step, one a second, the steps counted from 1."""
    events = []
    for step, loss in enumerate(losses, start=1):
        data: dict[str, Any] = {"step": step, "total_steps": len(losses), "train_loss": loss}
        message = f"Step {step}/{len(losses)}: training loss={loss:.2f}"
        if step in valid:
            data["full_valid_loss"] = valid[step]
            message += f", full validation loss={valid[step]:.2f}"
        events.append(JobEvent(f"{name}-{step}", begin + step, "info", "metrics", message, data))
    return events


def store_jobs(jobs: Sequence[Mapping[str, Any]], events: Mapping[str, Sequence[JobEvent]]) -> None:
    """Put jobs and events where the Jobs screen looks first."""
    store = JobStore()
    for job in jobs:
        store.save_job("local", job)
        store.add_events("local", str(job["id"]), events.get(str(job["user_provided_suffix"]), ()))
    store.close()
