"""What each open file is for, where it matters: new jobs, prices, evaluations."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from fttui.core.errors import ProviderError
from fttui.ui.app import FttuiApp
from fttui.ui.screens.dialogs import Confirm
from fttui.ui.screens.new_job import NewJobDialog
from ui.golden import screen_text
from ui.loop_app import WIDE, loop_app, pairs_file, until


async def _no_client(*_: object) -> None:
    raise ProviderError("There is no provider in this test.")


def app_on(folder: Path, *names: str) -> FttuiApp:
    """The app with files of these names open, the first on show; each has as many examples as its place says."""
    paths = [pairs_file(folder / name, [("q", "a")] * (number + 2)) for number, name in enumerate(names)]
    app = loop_app(paths[0])
    for path in paths[1:]:
        app.services.files.open(path)
    app.services.client = _no_client  # type: ignore[method-assign]
    return app


async def test_a_job_trains_the_training_file_and_offers_the_validation_file(tmp_path: Path) -> None:
    app = app_on(tmp_path, "tone-valid.jsonl", "tone.jsonl")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("3", "n")
        await until(pilot, lambda: isinstance(app.screen, NewJobDialog))
        assert "Train on tone.jsonl" in screen_text(app)
        validation = app.screen.query_one("#validation", Input)
        assert validation.value == str(tmp_path / "tone-valid.jsonl")
        validation.value = str(tmp_path / "tone.jsonl")
        validation.focus()
        await pilot.press("enter")
        await until(pilot, lambda: "That is the file that is trained on" in screen_text(app))


@pytest.mark.parametrize("key", ["y", "escape"])
@pytest.mark.parametrize("name", ["tone-test.jsonl", "tone-valid.jsonl"])
async def test_training_on_what_is_held_out_is_asked_about(tmp_path: Path, name: str, key: str) -> None:
    app = app_on(tmp_path, name)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("3", "n")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "answers them by heart" in " ".join(screen_text(app).split())
        assert app.focused is not None
        assert app.focused.id == "answer-no"
        await pilot.press(key)
        await until(pilot, lambda: not isinstance(app.screen, Confirm))
        assert isinstance(app.screen, NewJobDialog) == (key == "y")
        if key == "y":
            assert app.screen.query_one("#validation", Input).value == ""


async def test_a_file_for_nothing_special_is_trained_without_a_question(tmp_path: Path) -> None:
    app = app_on(tmp_path, "tone.jsonl")
    file = app.services.files.active
    assert file is not None
    file.role = "other"
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("3", "n")
        await until(pilot, lambda: isinstance(app.screen, NewJobDialog))
        assert "Train on tone.jsonl" in screen_text(app)


async def test_evaluations_offer_the_test_file_first(tmp_path: Path) -> None:
    app = app_on(tmp_path, "tone.jsonl", "tone-valid.jsonl", "tone-test.jsonl")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("5", "n")
        await until(pilot, lambda: "Ask which rows?" in screen_text(app))
        lines = [line for line in screen_text(app).splitlines() if ".jsonl: " in line]
        assert [line.split(".jsonl: ")[1].split("  ")[0].strip() for line in lines] == [
            "test",
            "validation",
            "training, the file that is shown",
        ]


async def test_the_cost_of_the_training_file_is_shown_beside_another(tmp_path: Path) -> None:
    app = app_on(tmp_path, "tone-valid.jsonl", "tone.jsonl")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "tone.jsonl, the file for training." in screen_text(app))
