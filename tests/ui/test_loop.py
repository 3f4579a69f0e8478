"""The whole loop over the real local server: train, watch, compare, score; and a server that is killed meanwhile."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from os import kill
from pathlib import Path

import pytest

from fttui.core.server_state import read_state
from fttui.providers.local_server import stop_running
from fttui.ui.app import FttuiApp
from fttui.ui.screens.dialogs import ChoiceList
from fttui.ui.screens.new_job import NewJobDialog
from fttui.ui.widgets.answer_pane import AnswerPane
from fttui.ui.widgets.stream_pane import StreamPane
from fttui.ui.widgets.table_list import TableList
from tiny_gguf import MODEL_ID, write_tiny_gguf
from ui.golden import screen_text
from ui.loop_app import NARROW, WIDE, loop_app, pairs_file, until

PAIRS = [("What is the capital of Japan?", "Tokyo."), ("How many legs has an ant?", "Six.")]


@pytest.fixture(autouse=True)
def tiny_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The app starts the local server itself, on a tiny random model; it is stopped at the end."""
    monkeypatch.setenv("FTTUI_WEIGHTS", str(write_tiny_gguf(tmp_path / "tiny.gguf")))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    yield
    stop_running()


def form_is_ready(app: FttuiApp) -> bool:
    """Whether the form of a new job is there, offers the model and listens (its name stands behind the form before)."""
    if not isinstance(app.screen, NewJobDialog) or not isinstance(app.focused, ChoiceList):
        return False
    return app.focused.option_count == 1 and str(app.focused.get_option_at_index(0).prompt) == MODEL_ID


def story(app: FttuiApp) -> str:
    """The events of the job under the cursor, those that have scrolled away too."""
    return app.screen.query_one("#job-detail StreamPane", StreamPane).text


async def test_train_watch_compare_and_score(tmp_path: Path) -> None:
    app = loop_app(pairs_file(tmp_path / "capitals.jsonl", PAIRS))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press("3", "n")
        await until(pilot, lambda: form_is_ready(app))
        await pilot.press("enter")
        await until(pilot, lambda: "succeeded" in screen_text(app) and "Tuned model" in screen_text(app))
        events = story(app)
        assert events.index("Fine-tuning job started") < events.index("Step 1/") < events.index("successfully")
        assert "── train" in screen_text(app)

        await pilot.press("p")
        await until(pilot, lambda: "Playground" in type(app.screen).__name__)
        left, right = app.screen.query(AnswerPane)
        assert left.model == MODEL_ID
        assert right.model.startswith(f"ft:{MODEL_ID}:local:capitals:")
        app.screen.query_one("#playground-user").prompt = PAIRS[0][0]  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: left.answer is not None and right.answer is not None)
        assert right.stream.text == "Tokyo."
        assert left.stream.text != "Tokyo."
        assert "differs" in screen_text(app)
        assert "tok · first" in screen_text(app)

        await pilot.press("escape", "5", "n")
        await until(pilot, lambda: "95 % interval" in screen_text(app))
        await until(pilot, lambda: "2/2" in screen_text(app) and "0/2" in screen_text(app))
        assert "Answers that missed" in screen_text(app)
        missed = app.screen.query_one("#evals-failing", TableList)
        assert [row.key for row in missed.rows] == [f"0:{MODEL_ID}", f"1:{MODEL_ID}"]

        await pilot.press("4")
        await until(pilot, lambda: PAIRS[0][0] in screen_text(app))  # the prompt is still there


async def test_coming_back_finds_everything_and_follows_on(tmp_path: Path) -> None:
    path = pairs_file(tmp_path / "long.jsonl", PAIRS * 30)
    app = loop_app(path)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("3", "n")
        await until(pilot, lambda: form_is_ready(app))
        await pilot.press("tab", "5", "0", "enter")
        await until(pilot, lambda: "running" in screen_text(app) and "/750" in screen_text(app))
    again = loop_app(path)
    async with again.run_test(size=NARROW, notifications=True) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "long" in screen_text(again) and "/750" in screen_text(again))
        job = again.screen.query_one(TableList)
        step = job.rows[0].cells[3].text
        await until(pilot, lambda: job.rows[0].cells[3].text != step)
        await pilot.press("c")
        await until(pilot, lambda: "cannot be taken up again" in screen_text(again))
        await pilot.press("y")
        await until(pilot, lambda: "cancelled" in screen_text(again))


async def test_a_job_is_paused_and_goes_on(tmp_path: Path) -> None:
    app = loop_app(pairs_file(tmp_path / "long.jsonl", PAIRS * 30))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press("3", "n")
        await until(pilot, lambda: form_is_ready(app))
        await pilot.press("tab", "5", "0", "enter")
        await until(pilot, lambda: "running" in screen_text(app) and "/750" in screen_text(app))
        await pilot.press("s")
        await until(pilot, lambda: "Paused: what was trained is kept" in screen_text(app))
        await pilot.press("s")
        await until(pilot, lambda: "goes on from step" in story(app))
        await until(pilot, lambda: "running" in screen_text(app))
        await pilot.press("c")
        await until(pilot, lambda: "cannot be taken up again" in screen_text(app))
        await pilot.press("y")
        await until(pilot, lambda: "cancelled" in screen_text(app))


async def test_a_server_killed_in_mid_training_loses_nothing(fttui_home: Path, tmp_path: Path) -> None:
    (fttui_home / "config").mkdir()
    (fttui_home / "config" / "settings.toml").write_text("[local]\nsave_seconds = 0\n", "utf-8")
    app = loop_app(pairs_file(tmp_path / "long.jsonl", PAIRS * 30))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press("3", "n")
        await until(pilot, lambda: form_is_ready(app))
        await pilot.press("tab", "5", "0", "enter")
        await until(pilot, lambda: "running" in screen_text(app) and "/750" in screen_text(app))
        state = read_state()
        assert state is not None
        kill(state.pid, signal.SIGKILL)
        await until(pilot, lambda: "restarted: training goes on from step" in story(app))
        await until(pilot, lambda: "running" in screen_text(app))
        await pilot.press("1", "3", "c")
        await until(pilot, lambda: "cannot be taken up again" in screen_text(app))
        await pilot.press("y")
        await until(pilot, lambda: "cancelled" in screen_text(app))
