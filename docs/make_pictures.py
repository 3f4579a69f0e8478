"""Take the README's pictures from the running app: trains the samples for real, in a home of its own, in some minutes.

    python docs/make_pictures.py [SCENE]…   SCENES has the names; all when none is given

``FTTUI_WEIGHTS`` and ``FTTUI_HOME`` are honoured: a home that has trained the samples before trains nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Static

from fttui.core.settings import Settings
from fttui.providers.profiles import resolve_profile
from fttui.ui.app import FttuiApp
from fttui.ui.open_files import OpenFiles
from fttui.ui.screens.dialogs import Choice
from fttui.ui.services import Services
from fttui.ui.theming import load_themes
from fttui.ui.widgets.answer_pane import AnswerPane
from fttui.ui.widgets.table_list import TableList

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "src" / "fttui" / "samples"
PICTURES = Path(__file__).parent / "pictures"
SIZE = (132, 34)
PATIENCE_S = 300.0
QUESTION = "What is the capital of France?"

Scene = Callable[[Pilot[Any]], Awaitable[None]]


def fttui(*arguments: str) -> str:
    """Run a command of fttui; its standard output."""
    done = subprocess.run([sys.executable, "-m", "fttui", *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def trained() -> set[str]:
    """The suffixes of the jobs that have succeeded here."""
    jobs = json.loads(fttui("jobs", "list", "--profile", "local", "--format", "json"))["jobs"]
    return {job["user_provided_suffix"] for job in jobs if job["status"] == "succeeded"}


def train() -> None:
    """Train both samples, unless this home has them; the newest, sport, is what Evals takes by itself."""
    have = trained()
    wanted = {"tone": ("tone.jsonl", None), "sport": ("sport-train.jsonl", "sport-test.jsonl")}
    for suffix, (training, validation) in wanted.items():
        if suffix not in have:
            more = ("--valid", str(SAMPLES / validation)) if validation else ()
            print(f"training {suffix}", file=sys.stderr)
            fttui(
                "jobs", "create", str(SAMPLES / training), "--suffix", suffix, "--follow", "--profile", "local", *more
            )


async def until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await pilot.pause(0.1)
    await pilot.pause(0.3)


async def examples(pilot: Pilot[Any]) -> None:
    """Some examples tagged and reviewed, one edited, and a filter that leaves a few."""
    await pilot.press("v", "down", "v", "down", "space", "down", "space", "T", *"short", "enter", "escape", "down")
    await pilot.press("enter", "end", "e", "end", *" Show-offs.", "escape", "escape")
    await pilot.press("slash", *"turns:3 -tag:hard", "enter")
    await pilot.pause(0.5)


async def review(pilot: Pilot[Any]) -> None:
    """One example at a time."""
    await pilot.press("F", "enter", "enter", "d", "enter", "enter")


async def changes(pilot: Pilot[Any]) -> None:
    """What differs from the file."""
    await pilot.press("down", "d", "down", "down", "enter", "end", "e", "end", *" Obviously.", "escape", "escape")
    await pilot.press("down", "D", "home", "J", "L")
    await pilot.pause(0.5)
    await pilot.press("down", "down")


def spoil(path: Path) -> None:
    """Put mistakes into a file that people make."""
    lines = path.read_text("utf-8").splitlines()
    lines[1] = lines[1].replace('"assistant"', '"assitant"')
    lines[3] = lines[3].removesuffix("}")
    lines[5] = lines[2]
    record = json.loads(lines[8])
    record["messages"][-1] |= {"content": "Ask ann@example.com.", "weight": "1"}
    lines[8] = json.dumps(record)
    lines[10] = json.dumps({"messages": json.loads(lines[10])["messages"][:-1]})
    path.write_text("\n".join(lines) + "\n", "utf-8")


async def issues(pilot: Pilot[Any]) -> None:
    """What is wrong in a file, in the gutter and under the example."""
    checks = pilot.app.services.files.active.checks  # type: ignore[attr-defined]
    await until(pilot, lambda: checks.is_complete)
    await pilot.press("down", "enter")


async def rules(pilot: Pilot[Any]) -> None:
    """All issues of a file by rule, and for whom it is ready."""
    await issues(pilot)
    await pilot.press("I")
    await pilot.pause(0.5)
    await pilot.press("down")


async def seen(pilot: Pilot[Any]) -> None:
    """What the model sees of an example."""
    await pilot.press("b")
    await pilot.pause(2)


async def cost(pilot: Pilot[Any]) -> None:
    """The table, and when training has paid for itself against a longer prompt on the base model."""
    await pilot.press("2", "b", "e", *"gpt-4.1", "tab", *"400", *["tab"] * 6, *"1000", "escape")
    await pilot.pause(0.5)


async def jobs(pilot: Pilot[Any]) -> None:
    """The list, newest first, and the job with a validation file."""
    await pilot.press("3")
    table = pilot.app.screen.query_one("#job-list", TableList)
    await until(pilot, lambda: table.key is not None)


async def playground(pilot: Pilot[Any]) -> None:
    """From the tone job to its model, with a question that is not among the examples."""
    await jobs(pilot)
    await pilot.press("end", "p")
    panes = list(pilot.app.screen.query(AnswerPane))
    await until(pilot, lambda: len(panes) == 2 and all(pane.model for pane in panes))
    await pilot.press(*QUESTION, "enter")
    await until(pilot, lambda: all(pane.answer is not None for pane in panes))


async def evals(pilot: Pilot[Any]) -> None:
    """Base and tuned on the held-out rows that come with the sample."""
    await pilot.press("5", "n")
    await until(pilot, lambda: isinstance(pilot.app.screen, Choice))
    await pilot.press("enter")
    headline = pilot.app.screen_stack[0].query_one("#evals-headline", Static)
    await until(pilot, lambda: "greedy" in str(headline.content) and "running at" not in str(headline.content))


SCENES: dict[str, tuple[str, Scene]] = {
    "examples": ("tone.jsonl", examples),
    "issues": ("tone.jsonl", issues),
    "rules": ("tone.jsonl", rules),
    "seen": ("tone.jsonl", seen),
    "review": ("tone.jsonl", review),
    "changes": ("tone.jsonl", changes),
    "cost": ("tone.jsonl", cost),
    "jobs": ("tone.jsonl", jobs),
    "playground": ("tone.jsonl", playground),
    "evals": ("sport-train.jsonl", evals),
}


async def take(name: str, folder: Path) -> None:
    """Play one scene on a copy of its sample, and write its picture."""
    sample, scene = SCENES[name]
    settings = Settings(profile="local")
    files = OpenFiles()
    path = Path(shutil.copy(SAMPLES / sample, folder))
    if scene in (issues, rules):
        spoil(path)
    files.open(path)
    services = Services(settings, resolve_profile("local", settings), files=files)
    app = FttuiApp(services, themes=load_themes())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(1.5)  # the file is counted
        await scene(pilot)
        await pilot.pause(0.3)
        picture = app.export_screenshot(title="fttui")
    (PICTURES / f"{name}.svg").write_text(picture, "utf-8")
    print(f"{name}.svg", file=sys.stderr)


def main() -> None:
    names = sys.argv[1:] or list(SCENES)
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("FTTUI_HOME", home)
        if {"jobs", "playground", "evals"} & {*names}:
            train()
        for name in names:
            with tempfile.TemporaryDirectory() as folder:
                asyncio.run(take(name, Path(folder)))
        if os.environ["FTTUI_HOME"] == home and {"jobs", "playground", "evals"} & {*names}:
            fttui("local", "stop")


if __name__ == "__main__":
    main()
