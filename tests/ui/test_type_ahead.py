"""Keys that come all at once, as over a slow line: none is lost, none goes to what had the focus before."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from fttui.ui.app import FttuiApp
from fttui.ui.screens.dialogs import Question
from ui.examples_app import NARROW, WIDE, app_on, editor_of, rows_of, settle, small_file

NAMES = {"/": "slash", "\n": "enter", "\x11": "ctrl+q"}


def burst(app: FttuiApp, keys: str) -> None:
    """Put keys in the app's queue as the terminal does, without waiting for what each one does."""
    for key in keys:
        app.post_message(events.Key(NAMES.get(key, key), key if key.isprintable() else None))


def typed_in(app: FttuiApp) -> str:
    return next((field.value for field in app.screen.query(Input)), "")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("keys", ["/dd", "Tsdyn", "g12", "Nnds", "Rdd"])
async def test_keys_behind_the_one_that_opens_a_field_are_typed_into_it(
    tmp_path: Path, keys: str, size: tuple[int, int]
) -> None:
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=size) as pilot:
        await settle(pilot, app)
        burst(app, keys)
        for _ in range(60):  # what opens is loaded first
            await pilot.pause(0.05)
            if typed_in(app) == keys[1:]:
                break
        assert typed_in(app) == keys[1:]
        document = app.services.document
        assert document is not None
        assert not document.is_dirty


async def test_keys_behind_the_one_that_opens_the_editor_are_typed_into_it(tmp_path: Path) -> None:
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        burst(app, "edd")
        await pilot.pause(0.2)
        assert editor_of(app).value.startswith("dd")


async def test_a_key_that_ends_typing_comes_after_what_was_typed(tmp_path: Path) -> None:
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        burst(app, "g4\n")
        await pilot.pause(0.2)
        await settle(pilot, app)
        assert len(app.screen_stack) == 1
        assert rows_of(app).cursor == 3


async def test_a_question_is_not_answered_by_keys_from_before_it(tmp_path: Path) -> None:
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("d")
        burst(app, "\x11d")
        for _ in range(60):
            await pilot.pause(0.05)
            if isinstance(app.screen, Question):
                break
        await pilot.pause(0.3)
        assert isinstance(app.screen, Question)
        assert app.is_running
