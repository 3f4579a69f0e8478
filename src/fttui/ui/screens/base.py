"""What all five screens share: top bar, status, meter and footer around the screen's own body."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.screen import Screen

from fttui.ui.handover import Handover
from fttui.ui.messages import DocumentEdited
from fttui.ui.services import Services
from fttui.ui.widgets.footer import KeyBar
from fttui.ui.widgets.meter import Meter
from fttui.ui.widgets.status import StatusLine
from fttui.ui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from fttui.ui.app import FttuiApp


class FttuiScreen(Screen[None], inherit_bindings=False):
    """A screen of the app. Sub-classes set `WHERE`, ``BINDINGS = bindings_for(WHERE)`` and write `body`."""

    WHERE: ClassVar[str] = ""
    HELP_TEXT: ClassVar[str] = ""
    """One or two sentences for the top of `?`: what this screen is for."""

    app: FttuiApp

    @property
    def services(self) -> Services:
        return self.app.services

    def compose(self) -> ComposeResult:
        yield TopBar()
        yield from self.body()
        yield StatusLine()
        yield Meter()
        yield KeyBar()

    def body(self) -> ComposeResult:
        """What lies between the top bar and the meter; one widget of height 1fr."""
        raise TypeError(f"{type(self).__name__} has no body")

    def receive(self, handover: Handover) -> None:
        """Take what another screen sent along with ``app.go``; called when this screen is mounted and shown."""

    def document_edited(self, edit: DocumentEdited) -> None:
        """The open file changed elsewhere or here; called on the active screen, and on others when they come back."""
