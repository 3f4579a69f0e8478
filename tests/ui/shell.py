"""The shell of the app around screens that hold almost nothing: to test it without the five real ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from fttui.core.settings import Settings
from fttui.dataset.document import Document
from fttui.ui.app import SCREENS, FttuiApp
from fttui.ui.handover import Handover
from fttui.ui.keymap import Keymap
from fttui.ui.messages import DocumentEdited
from fttui.ui.screens.base import FttuiScreen
from fttui.ui.services import Services
from fttui.ui.theming import load_themes
from fttui.ui.widgets.text_fields import Field, TextEditor


@dataclass(frozen=True)
class LocalProfile:
    """What `Services` needs of a profile."""

    name: str = "local"
    is_local: bool = True
    base_url: str | None = None
    key_env: str = ""
    models: tuple[str, ...] = ("SmolLM2-135M",)
    costs_money: bool = False


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
    profile: Any = None,
    **arguments: Any,
) -> ShellApp:
    """The app on a file (or none), with its own themes and default settings."""
    document = Document.open(path) if path is not None else None
    services = Services(settings or Settings(), profile or LocalProfile(), document=document)
    return ShellApp(services, keymap=keymap, themes=load_themes(), **arguments)
