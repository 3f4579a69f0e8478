"""What the app does with its open files: show one, open and close them, say what each is for, watch the disk."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.events import AppFocus

from fttui.core.errors import FttuiError, InputError
from fttui.core.text import one_line, safe
from fttui.dataset.recent import Role
from fttui.ui.disk_watch import State, state_on_disk
from fttui.ui.keys import BY_ID
from fttui.ui.messages import DocumentEdited, NumbersChanged, SessionNews
from fttui.ui.open_files import OpenFile
from fttui.ui.screens.base import FttuiScreen
from fttui.ui.tasks import task

if TYPE_CHECKING:
    from fttui.ui.checking import Checking
    from fttui.ui.keymap import Keymap
    from fttui.ui.numbers import Counting
    from fttui.ui.services import Services
    from fttui.ui.works import Works

LOOK_AT_DISK_S = 2.0
KEEP_MARKS_S = 3.0
NO_FILE = "No file is open."


class FilesApp(App[object], inherit_bindings=False):
    """The part of the app that knows about files; `FttuiApp` is the whole."""

    if TYPE_CHECKING:
        services: Services
        works: Works
        counting: Counting
        checking: Checking
        keymap: Keymap

        def show_error(self, error: Exception) -> None: ...
        def document_edited(self, row: int | None = None) -> None: ...

    def begin_with_files(self) -> None:
        """Called once after the first paint: ask about unsaved edits of an earlier session, and begin to watch."""
        self.services.files.on_news = self._post_news
        for file in self.services.files:
            self._tell_news(file)
        self.say_whether_read_only()
        self._remember()
        self.set_interval(LOOK_AT_DISK_S, self.look_at_disk)
        self.set_interval(KEEP_MARKS_S, self._keep_marks)
        self.offer_recovery([*self.services.files])

    # --- which file is shown ---

    def action_files(self) -> None:
        """Show the open and the recent files."""
        from fttui.ui.screens.files import FilesScreen

        self.finish_typing()
        self.push_screen(FilesScreen())

    def action_next_file(self) -> None:
        """Show the next open file."""
        files = self.services.files
        following = files.next_after(files.active)
        if following is None or following is files.active:
            key = self.keymap.label_of(BY_ID["files.show"])
            self.notify(f"No other file is open; {key} opens one.", timeout=3, markup=False)
        else:
            self.show_file(following)

    def show_file(self, file: OpenFile) -> None:
        """Show another open file on all screens."""
        if file is self.services.files.active:
            return
        self.finish_typing()
        self.services.files.activate(file)
        self.file_shown()

    def file_shown(self) -> None:
        """Another file is shown, or none: screens, numbers and the reading follow."""
        self.post_message(NumbersChanged())
        self.say_whether_read_only()
        screen = self.screen_under_dialogs()
        document = self.services.document
        if screen is not None:
            screen.take_edit(DocumentEdited(document.revision if document is not None else -1, None))
        self.read_document()

    def screen_under_dialogs(self) -> FttuiScreen | None:
        """The screen of the five that is shown, whatever dialogs are over it."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, FttuiScreen)), None)

    def finish_typing(self) -> None:
        """Take what is being typed into the document."""
        screen = self.screen_under_dialogs()
        if screen is not None:
            screen.finish_draft()

    @task(group="read", thread=True, exclusive=False)
    def read_document(self) -> None:
        """Index the file that is shown, count and check it, and read its marks; the screens follow as numbers come."""
        file = self.services.files.active
        self.counting.count()  # first: the meter waits for it
        if file is not None:
            self.checking.begin(file)
        self.counting.read()
        if file is not None:
            self._post_news(file)
            file.load_marks(self.counting.is_stopped)
            self.post_message(NumbersChanged())

    @task(group="count", thread=True, exclusive=False)
    def count_document(self) -> None:
        """Count the file that is shown for the model that is priced now."""
        self.counting.count()

    @task(group="count", thread=True, exclusive=False)
    def count_training_file(self, file: OpenFile) -> None:
        """Count the file that is trained on while another one is shown, and find all its rows."""
        self.counting.count_file(file)
        self.counting.index(file)
        self._post_news(file)

    # --- opening, closing, roles ---

    @task(group="open", exclusive=False)
    async def open_file(self, path: Path) -> None:
        """Open a file, or find it among the open ones, and show it; a sentence says why it cannot be opened."""
        files = self.services.files
        before = len(files)
        with self.works.running(f"Opening {path.name}"):
            file = await asyncio.to_thread(files.open, path)
        if file is files.active and len(files) > before:  # the first one
            self.file_shown()
        else:
            self.show_file(file)
        self._tell_news(file)
        self._remember()
        if len(files) > before:
            self.offer_recovery([file])

    async def close_file(self, file: OpenFile) -> bool:
        """Close a file, asking first about what would be lost; whether it was closed. In a task."""
        from fttui.ui.saving import ask_about_unsaved, save_document

        self.finish_typing()
        discard = False
        if file.has_unsaved:
            answer = await self.push_screen_wait(ask_about_unsaved([file], then="close"))
            if answer not in ("save", "discard") or (answer == "save" and not await save_document(self, file.document)):
                return False
            discard = answer == "discard"
        was_shown = file is self.services.files.active
        self.counting.forget(file)
        self.checking.forget(file)
        self.services.files.drop(file)
        for about in ("journal", "disk", "reading"):
            self.works.warn(f"{about} {id(file)}", "")
        await asyncio.to_thread(file.close, discard=discard)
        if was_shown:
            self.file_shown()
        else:
            self.post_message(NumbersChanged())
        return True

    @task(group="role", exclusive=False)
    async def set_role(self, file: OpenFile, role: Role) -> None:
        """Say what a file is for, now and the next time it is opened."""
        file.role = role
        self.post_message(NumbersChanged())
        await asyncio.to_thread(self.services.files.set_role, file, role)

    @task(group="remember", thread=True)
    def _remember(self) -> None:
        self.services.files.remember()

    def say_whether_read_only(self) -> None:
        """As long as a file is shown that cannot be edited, the status line says why."""
        file = self.services.files.active
        self.works.warn("read-only", _by_name(file, file.read_only_reason) if file is not None else "")

    # --- the journal ---

    def _post_news(self, file: OpenFile) -> None:
        self.post_message(SessionNews(file))

    def on_session_news(self, message: SessionNews) -> None:
        self._tell_news(message.file)

    def _tell_news(self, file: OpenFile) -> None:
        self.works.warn(f"journal {id(file)}", file.trouble)
        self.works.warn(f"reading {id(file)}", _by_name(file, file.problem))
        while file.notes:
            self.notify(safe(file.notes.pop(0)), severity="warning", timeout=10, markup=False)

    @task(group="recovery", exclusive=False)
    async def offer_recovery(self, files: list[OpenFile]) -> None:
        """Ask about what a crashed session left, file by file."""
        from fttui.ui.recovering import recover

        for file in files:
            if file.recovery is not None:
                await recover(self, file)

    @task(group="marks", thread=True)
    def _keep_marks(self) -> None:
        """Write what was said about examples, once the person pauses."""
        for file in self.services.files:
            file.keep_marks_when_idle()

    # --- the disk ---

    def on_app_focus(self, event: AppFocus) -> None:
        self.look_at_disk()

    @task(group="disk")
    async def look_at_disk(self) -> None:
        """See whether another program changed an open file."""
        files = [*self.services.files]
        states = await asyncio.to_thread(lambda: [state_on_disk(file) for file in files])
        for file, state in zip(files, states, strict=True):
            self._show_disk(file, state)

    def _show_disk(self, file: OpenFile, state: State) -> None:
        name, key = one_line(file.title, 60), self.keymap.label_of(BY_ID["files.reload"])
        sentences = {
            "same": "",
            "changed": f"{name} was changed by another program: {key} reloads it, or go on editing.",
            "gone": f"{name} is no longer on the disk; saving writes it again.",
        }
        self.works.warn(f"disk {id(file)}", sentences[state])

    @task(group="reload")
    async def action_reload_file(self) -> None:
        """Read the shown file anew from the disk; unsaved edits are asked about."""
        from fttui.ui.screens.dialogs import Confirm

        self.finish_typing()
        file = self.services.files.active
        if file is None:
            self.notify(NO_FILE, severity="warning", markup=False)
            return
        if file.document.is_dirty:
            many = f"{file.unsaved:,} unsaved change{'' if file.unsaved == 1 else 's'}"
            question = Confirm(
                "Reload the file?",
                f"{file.title} is read anew from the disk. The {many} made here are lost, and so is the way back.",
                yes="Reload it",
                no="Keep editing",
                cautious=True,
            )
            if not await self.push_screen_wait(question):
                return
        await self.reload(file)

    async def reload(self, file: OpenFile) -> None:
        """Take a file as it is on the disk now.

        Raises:
            InputError: It cannot be read; everything stays as it was.
        """
        if file.needs_name:
            raise InputError(f"{one_line(file.title, 60)} has no file that could be read again.")
        with self.works.running(f"Reading {file.title}"):
            await asyncio.to_thread(file.reload)
        self.counting.forget(file)
        self.checking.forget(file)
        self.works.warn(f"disk {id(file)}", "")
        self.file_shown()
        self.notify(f"Read {one_line(file.title, 60)} anew.", timeout=3, markup=False)

    def say(self, error: FttuiError) -> None:
        """Show a sentence about something that cannot be done now."""
        self.notify(safe(str(error)), severity="warning", markup=False)


def _by_name(file: OpenFile, sentence: str) -> str:
    """A sentence about a file that is on the screen: its name says enough, and a path leaves no room for the reason."""
    return one_line(sentence.replace(str(file.path), file.title), 300)
