"""The app on a file, for the tests of the Examples screen."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from fttui.core.settings import Settings
from fttui.providers.profiles import resolve_profile
from fttui.ui.app import FttuiApp
from fttui.ui.open_files import OpenFiles
from fttui.ui.screens.examples import ExamplesScreen
from fttui.ui.services import Services
from fttui.ui.theming import load_themes
from fttui.ui.widgets.example_view import ExampleView
from fttui.ui.widgets.message_editor import MessageEditor
from fttui.ui.widgets.row_list import RowList

WIDE = (140, 40)
NARROW = (80, 24)


def app_on(*paths: Path | None, counts: bool = False, checks: bool = False) -> FttuiApp:
    """The app with the files open, or with none; it counts, and looks for issues, only when told so."""
    settings = Settings()
    files = OpenFiles()
    for path in paths:
        if path is not None:
            files.open(path)
    services = Services(settings, resolve_profile(None, settings), files=files)
    app = FttuiApp(services, themes=load_themes())
    if not counts:
        app.counting.count = lambda: None  # type: ignore[method-assign]
    if not checks:
        app.checking.begin = lambda file: None  # type: ignore[method-assign]
    return app


def chat(*texts: str) -> dict[str, Any]:
    """A chat example: system, user, assistant, as far as there are texts."""
    roles = ("system", "user", "assistant", "user", "assistant")
    return {"messages": [{"role": role, "content": text} for role, text in zip(roles, texts, strict=False)]}


def write_lines(path: Path, *records: dict[str, Any] | bytes) -> Path:
    """A JSONL file; bytes are written as they are, each as one line."""
    lines = [
        record if isinstance(record, bytes) else json.dumps(record, ensure_ascii=False).encode() for record in records
    ]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def small_file(folder: Path) -> Path:
    """Four examples, one of them broken."""
    return write_lines(
        folder / "tickets.jsonl",
        chat("You are a helpful assistant.", "How do I reset my password?", "Choose Forgotten on the first page."),
        chat(
            "You are a helpful assistant.",
            "注文をキャンセルしたいのですが、どうすればいいですか。",
            "マイページからできます。",
        ),
        b'{"messages": [{"role": "user", "content": "never closed}]}',
        {
            "messages": [
                {"role": "user", "content": "Two plus two?", "name": "Bob"},
                {"role": "assistant", "content": "5", "weight": 0},
                {"role": "user", "content": "Sure?"},
                {"role": "assistant", "content": "4", "weight": 1},
            ],
            "tools": [{"type": "function", "function": {"name": "add"}}],
        },
    )


def screen_of(app: FttuiApp) -> ExamplesScreen:
    return next(screen for screen in app.screen_stack if isinstance(screen, ExamplesScreen))


def rows_of(app: FttuiApp) -> RowList:
    return screen_of(app).query_one(RowList)


def view_of(app: FttuiApp) -> ExampleView:
    return screen_of(app).query_one(ExampleView)


def editor_of(app: FttuiApp) -> MessageEditor:
    return screen_of(app).query_one(MessageEditor)


async def settle(pilot: Pilot[Any], app: FttuiApp) -> None:
    """Wait for workers (indexing, saving, finding) and for what they set off."""
    await pilot.pause()
    await app.workers.wait_for_complete()
    document = app.services.document
    if document is not None:
        await asyncio.to_thread(document.build_index)  # returns at once when all rows are known
    await pilot.pause()


async def type_text(pilot: Pilot[Any], text: str) -> None:
    names = {" ": "space", "\n": "enter"}
    await pilot.press(*(names.get(character, character) for character in text))
