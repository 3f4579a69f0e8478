"""The shell of the app around screens that hold almost nothing: to test it without the five real ones."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.pilot import Pilot
from textual.widgets import Static

from fttui.core.settings import Settings
from fttui.dataset.document import Document
from fttui.providers.profiles import Profile
from fttui.ui.app import SCREENS, FttuiApp
from fttui.ui.handover import Handover
from fttui.ui.keymap import Keymap
from fttui.ui.messages import DocumentEdited
from fttui.ui.screens.base import FttuiScreen
from fttui.ui.services import Services
from fttui.ui.theming import load_themes
from fttui.ui.widgets.text_fields import Field, TextEditor

EXAMPLE = '{"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]}\n'


class PlainScreen(FttuiScreen):
    """A field and a text; it remembers what the app told it."""

    HELP_TEXT = "A screen for tests."
    AUTO_FOCUS = ""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.WHERE = where  # type: ignore[misc]
        self.received: list[Handover] = []
        self.edits: list[DocumentEdited] = []

    def body(self) -> ComposeResult:
        with Vertical():
            yield Static(f"the {self.WHERE} screen")
            yield Field(id="field")
            yield TextEditor(id="text")

    def receive(self, handover: Handover) -> None:
        self.received.append(handover)

    def document_edited(self, edit: DocumentEdited) -> None:
        self.edits.append(edit)


class ShellApp(FttuiApp):
    """`FttuiApp` with plain screens."""

    MODES = {name: (lambda name=name: PlainScreen(name)) for name in SCREENS}  # type: ignore[misc]


def shell_app(
    path: Path | None = None,
    *,
    keymap: Keymap | None = None,
    settings: Settings | None = None,
    profile: Profile | None = None,
    counts: bool = False,
    **arguments: Any,
) -> ShellApp:
    """The app on a file (or none), with its own themes and default settings.

    Args:
        counts: Whether the file is counted, in processes as always; without it the meter stays at "estimating".
    """
    document = Document.open(path) if path is not None else None
    services = Services(settings or Settings(), profile or Profile("local", is_local=True), document=document)
    app = ShellApp(services, keymap=keymap, themes=load_themes(), **arguments)
    if not counts:
        app.counting.count = lambda: None  # type: ignore[method-assign]
    app.checking.begin = lambda file: None  # type: ignore[method-assign]
    return app


async def counted(pilot: Pilot[Any], app: ShellApp) -> None:
    """Wait until the file is counted and the meter shows it."""
    await pilot.pause()
    await app.workers.wait_for_complete()
    if app.services.totals is not None:
        assert await asyncio.to_thread(app.services.totals.wait, 20)
    await pilot.pause()


def plain(app: ShellApp) -> PlainScreen:
    screen = app.screen
    assert isinstance(screen, PlainScreen)
    return screen


def toasts(app: ShellApp) -> str:
    return "\n".join(f"{toast.title}: {toast.message}" for toast in app._notifications)
