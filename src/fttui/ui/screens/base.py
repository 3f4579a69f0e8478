"""What all five screens share: top bar, status, meter and footer around the screen's own body."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.css.query import NoMatches
from textual.events import ScreenResume
from textual.screen import Screen
from textual.widgets import Input, TextArea

from fttui.ui.handover import Handover
from fttui.ui.keys import BY_ID
from fttui.ui.messages import DocumentEdited
from fttui.ui.services import Services
from fttui.ui.widgets.footer import KeyBar
from fttui.ui.widgets.meter import Meter
from fttui.ui.widgets.status import StatusLine
from fttui.ui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual import getters

    from fttui.ui.app import FttuiApp


class FttuiScreen(Screen[None], inherit_bindings=False):
    """A screen of the app. Sub-classes set `WHERE`, ``BINDINGS = bindings_for(WHERE)`` and write `body`."""

    WHERE: ClassVar[str] = ""
    HELP_TEXT: ClassVar[str] = ""
    """One or two sentences for the top of `?`: what this screen is for. Widgets may have one too."""

    BLANK = True  # nothing of its own is seen but the ground: a third of what a page of rows costs to paint
    DEFAULT_CSS = "FttuiScreen { layout: vertical; background: $background; }"

    if TYPE_CHECKING:
        app: getters.app[FttuiApp]

    def __init__(self) -> None:
        super().__init__()
        self._seen: object = None
        self._is_new = True
        self._keys_for: object = None

    @property
    def services(self) -> Services:
        return self.app.services

    def compose(self) -> ComposeResult:
        self.add_class(self._breakpoint())  # before there is anything that would be styled twice
        yield TopBar(self.app.top_bar_state(self.WHERE))
        yield from self.body()
        yield StatusLine(self.app.works, self.app.keymap.label_of(BY_ID["app.cancel"]))
        yield Meter(self.app.meter_numbers)
        yield KeyBar()

    def body(self) -> ComposeResult:
        """What lies between the top bar and the meter; one widget of height 1fr."""
        raise TypeError(f"{type(self).__name__} has no body")

    def receive(self, handover: Handover) -> None:
        """Take what another screen sent along with ``app.go``; called when this screen is mounted and shown."""

    def finish_draft(self) -> None:
        """Take what is being typed into the document: called before a save and before leaving."""

    def document_edited(self, edit: DocumentEdited) -> None:
        """The open file was edited, here or elsewhere: called at once on the active screen, on others when they come
        back (then with ``row`` None)."""

    # --- what Textual and the app call; Textual calls the handlers of sub-classes too, whatever they are named ---

    def on_mount(self) -> None:
        self.bindings_updated_signal.subscribe(self, lambda _: self._show_keys())
        self._seen = self._now()

    def _breakpoint(self) -> str:
        """The class of this width; at each resizing Textual sees to it."""
        return max(item for item in self.app.HORIZONTAL_BREAKPOINTS or () if item[0] <= self.app.size.width)[1]

    def on_screen_resume(self, event: ScreenResume) -> None:
        if self._is_new:  # everything was styled a moment ago
            event.refresh_styles = self._is_new = False
        self._keys_for = None
        self.show_numbers()
        self.show_works()
        if self.is_mounted and self._seen != self._now():
            document = self.services.document
            self.take_edit(DocumentEdited(document.revision if document is not None else -1, None))

    def _now(self) -> object:
        """What tells one state of one file from any other."""
        document = self.services.document
        return None if document is None else (id(document), document.revision, document.base)

    def take_edit(self, edit: DocumentEdited) -> None:
        """Note which file it is and how it is now, then let the screen follow."""
        self._seen = self._now()
        self.document_edited(edit)

    def show_numbers(self) -> None:
        """Bring top bar and meter up to date."""
        for bar in self.query(TopBar):
            bar.show(self.app.top_bar_state(self.WHERE))
        for meter in self.query(Meter):
            meter.show(self.app.meter_numbers)
        if self._keys_for != (self.app.has_unsaved_changes, self._now()):  # else nothing in the footer can differ
            self._show_keys()

    def show_works(self) -> None:
        """Bring the status line up to date."""
        for line in self.query(StatusLine):
            line.follow()

    def _show_keys(self) -> None:
        try:
            bar = self.query_exactly_one(KeyBar)
        except NoMatches:
            return
        bar.show([*self._footer_entries()])
        self._keys_for = (self.app.has_unsaved_changes, self._now())

    def _footer_entries(self) -> list[tuple[str, str, str]]:
        """Key, label and id of what the footer shows, from the focused widget outwards."""
        found: dict[str, None] = {}
        for active in self.active_bindings.values():
            binding = active.binding
            if binding.id is not None and binding.id in BY_ID and binding.show and active.enabled:
                found.setdefault(binding.id)
        if not self.app.has_unsaved_changes:
            found.pop("file.save", None)
        keymap = self.app.keymap
        label_of = keymap.label_while_typing if isinstance(self.focused, TextArea | Input) else keymap.label_of
        labels = {name: label_of(BY_ID[name]) for name in found}
        return [(label, BY_ID[name].label, name) for name, label in labels.items() if label is not None]
