"""The Textual app: services, screens as modes, themes, keys, and one policy for errors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from textual.app import App
from textual.command import CommandPalette
from textual.screen import Screen
from textual.widget import Widget

from fttui.core.errors import FttuiError, InputError
from fttui.core.text import safe
from fttui.ui.actions import Action
from fttui.ui.commands import ActionsProvider, RowProvider, ThemesProvider
from fttui.ui.crash import explain_crash, keep_unsaved
from fttui.ui.handover import Handover
from fttui.ui.keymap import Keymap
from fttui.ui.keys import BY_ID, bindings_for
from fttui.ui.messages import DocumentEdited, NumbersChanged, WorkChanged
from fttui.ui.numbers import Counting
from fttui.ui.run_action import node_for
from fttui.ui.screens.base import FttuiScreen
from fttui.ui.services import Services
from fttui.ui.tasks import TaskFailed, task
from fttui.ui.theming import APP_VARIABLES, DEFAULT_THEME, LoadedThemes
from fttui.ui.widgets.meter import MeterNumbers
from fttui.ui.widgets.top_bar import TopBarState
from fttui.ui.works import Works

log = logging.getLogger(__name__)

SCREENS: Final[Mapping[str, str]] = {
    "examples": "ExamplesScreen",
    "cost": "CostScreen",
    "jobs": "JobsScreen",
    "playground": "PlaygroundScreen",
    "evals": "EvalsScreen",
}


def _screen_factory(name: str) -> Callable[[], Screen[Any]]:
    def make() -> Screen[Any]:
        module = import_module(f"fttui.ui.screens.{name}")
        screen: Screen[Any] = getattr(module, SCREENS[name])()
        return screen

    return make


class FttuiApp(App[None], inherit_bindings=False):
    """The workbench.

    Args:
        services: What the screens work with.
        keymap: The keys in use.
        themes: The themes that can be used.
        problems: A sentence for each thing in the user's settings, keys and themes that was not used.
    """

    MODES = {name: _screen_factory(name) for name in SCREENS}
    DEFAULT_MODE = "examples"
    BINDINGS = bindings_for("global")
    COMMANDS = {ActionsProvider, RowProvider, ThemesProvider}
    CSS_PATH = Path(__file__).with_name("app.tcss")
    TITLE = "fttui"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (150, "-very-wide")]
    PAUSE_GC_ON_SCROLL = True

    def __init__(
        self, services: Services, *, keymap: Keymap | None = None, themes: LoadedThemes, problems: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self.services = services
        self.keymap = keymap or Keymap()
        self.works = Works(on_change=lambda: self.post_message(WorkChanged()) and None)
        self.counting = Counting(services)
        self._problems = [*self.keymap.problems, *problems]
        self._own_themes = themes
        self.set_keymap(self.keymap.for_textual())
        self._set_up_theme()

    # --- themes ---

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(APP_VARIABLES)

    @property
    def theme_names(self) -> list[str]:
        return list(self._own_themes.themes)

    def _set_up_theme(self) -> None:
        for theme in self._own_themes.themes.values():
            self.register_theme(theme)
        self._problems.extend(self._own_themes.problems)
        wanted = self.services.settings.theme
        if wanted in self._own_themes.themes:
            self.theme = wanted
            return
        known = ", ".join(self.theme_names)
        self._problems.append(f'settings.toml: theme: there is no theme "{wanted}"; known: {known}.')
        if DEFAULT_THEME in self._own_themes.themes:
            self.theme = DEFAULT_THEME

    def use_theme(self, name: str) -> None:
        """Use another theme for this session."""
        self.theme = name

    def action_change_theme(self) -> None:
        """Use the next theme."""
        names = self.theme_names
        if names:
            self.theme = names[(names.index(self.theme) + 1) % len(names)] if self.theme in names else names[0]

    # --- start and end ---

    def on_mount(self) -> None:
        self.call_after_refresh(self._after_first_paint)

    def _after_first_paint(self) -> None:
        if self._problems:
            first = safe("\n".join(self._problems[:4]))
            more = f"\nand {len(self._problems) - 4} more" if len(self._problems) > 4 else ""
            hint = "\n`fttui config check` lists them."
            self.notify(f"{first}{more}{hint}", title="Not used", severity="warning", timeout=15, markup=False)
        self.read_document()

    @task(group="read", thread=True)
    def read_document(self) -> None:
        """Index the open file, then count it; the screens follow as numbers come."""
        self.counting.read(self.works, self._post_numbers)

    def _post_numbers(self) -> None:
        self.post_message(NumbersChanged())

    async def action_quit(self) -> None:
        """Leave; with unsaved changes, ask first."""
        if not self.has_unsaved_changes:
            self.leave()
            return
        from fttui.ui.screens.dialogs import Answer, Question

        document = self.services.document
        name = document.path.name if document is not None else ""
        count = self.counting.unsaved
        question = Question[str](
            "Unsaved changes",
            f"{name} has {count:,} unsaved change{'' if count == 1 else 's'}.",
            answers=(
                Answer("save", "Save and quit", "save"),
                Answer("discard", "Discard and quit", "discard"),
                Answer("no", "Stay", "stay"),
            ),
        )
        self.push_screen(question, self._quit_as_answered)

    def _quit_as_answered(self, answer: str | None) -> None:
        if answer == "discard":
            self.leave()
        elif answer == "save":
            self.save(then=self.leave)

    def leave(self) -> None:
        """Stop what runs here and end the app; jobs of the local server go on."""
        self.counting.stop()
        self.exit()

    # --- the open file ---

    @property
    def has_unsaved_changes(self) -> bool:
        document = self.services.document
        return document is not None and document.is_dirty

    def action_save(self) -> None:
        """Save the open file."""
        if self.services.document is None:
            self.notify("No file is open.", severity="warning", markup=False)
        elif not self.has_unsaved_changes:
            self.notify("Nothing to save: no unsaved changes.", timeout=3, markup=False)
        else:
            self.save()

    @task(group="save", exclusive=False)
    async def save(self, *, overwrite: bool = False, then: Callable[[], object] | None = None) -> None:
        """Save the open file in a thread; a file that changed on disk in the meantime is asked about."""
        import asyncio

        from fttui.dataset.errors import FileChangedError
        from fttui.ui.screens.dialogs import Confirm

        document = self.services.document
        if document is None:
            return
        leave_draft = getattr(self.screen, "finish_draft", None)
        if leave_draft is not None:
            leave_draft()
        try:
            with self.works.running(f"Saving {document.path.name}"):
                await asyncio.to_thread(document.save, overwrite=overwrite)
        except FileChangedError as error:
            if not await self.push_screen_wait(
                Confirm("The file changed on disk", str(error), yes="Overwrite it", cautious=True)
            ):
                return
            with self.works.running(f"Saving {document.path.name}"):
                await asyncio.to_thread(document.save, overwrite=True)
        self.document_edited()
        self.notify(f"Saved {safe(document.path.name)}.", timeout=3, markup=False)
        if then is not None:
            then()

    def document_edited(self, row: int | None = None) -> None:
        """Tell the app that ``services.document`` was edited: numbers, top bar and screens follow.

        Args:
            row: The one row whose text changed; None when rows were added, removed or moved, or when saved.
        """
        document = self.services.document
        if document is None:
            return
        self.counting.edited(row)
        self.post_message(NumbersChanged())
        screen = self._screen_under_dialogs()
        if screen is not None:
            screen.take_edit(DocumentEdited(document.revision, row))

    def draft(self, row: int, record: Mapping[str, Any] | None) -> None:
        """Count ``record`` in place of ``row`` while it is being typed; None when the typing ended."""
        self.counting.draft(row, record)
        self.on_numbers_changed()

    def model_chosen(self, model: str, epochs: int | None = None) -> None:
        """Price the open file on another model, and begin new jobs with it."""
        self.services.model = model
        self.services.epochs = epochs
        self.read_document()
        self.on_numbers_changed()

    # --- numbers and work on every screen ---

    @property
    def meter_numbers(self) -> MeterNumbers | None:
        return self.counting.numbers()

    def top_bar_state(self, where: str) -> TopBarState:
        """What the top bar of the screen ``where`` says."""
        document = self.services.document
        tabs = [BY_ID[f"screen.{name}"] for name in SCREENS]
        return TopBarState(
            file=document.path.name if document is not None else "",
            changes=self.counting.unsaved,
            screens=tuple((self.keymap.label_of(tab), tab.label) for tab in tabs),
            current=where.title(),
            profile=self.services.profile.name,
            model=self.services.model,
        )

    def _screen_under_dialogs(self) -> FttuiScreen | None:
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, FttuiScreen)), None)

    def on_numbers_changed(self, message: NumbersChanged | None = None) -> None:
        screen = self._screen_under_dialogs()
        if screen is not None:
            screen.show_numbers()

    def on_work_changed(self, message: WorkChanged) -> None:
        screen = self._screen_under_dialogs()
        if screen is not None:
            screen.show_works()

    def action_cancel_work(self) -> None:
        """Stop the newest long work."""
        work = self.works.cancel_newest()
        word = f"Stopping: {work.title}." if work is not None else "Nothing is running that could be stopped."
        self.notify(safe(word), timeout=3, markup=False)

    # --- from screen to screen ---

    async def action_show(self, name: str) -> None:
        """Show one of the five screens."""
        await self.go(name)

    async def go(self, name: str, handover: Handover | None = None) -> None:
        """Show a screen, and give it what it should work on."""
        await self.switch_mode(name)
        screen = self._screen_under_dialogs()
        if handover is not None and screen is not None:
            screen.receive(handover)

    def action_help(self) -> None:
        """Say what can be done here."""
        from fttui.ui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.screen, self.keymap))

    def action_jump(self) -> None:
        """Show a letter on every pane."""
        from fttui.ui.screens.jump import JumpScreen

        self.push_screen(JumpScreen(self.screen), self._jump_to)

    async def _jump_to(self, target: str | Widget | None) -> None:
        if isinstance(target, str):
            await self.go(target)
        elif target is not None:
            target.focus()

    def action_command_palette(self) -> None:
        """Find any action by name."""
        if not CommandPalette.is_open(self):
            self.push_screen(CommandPalette(placeholder="What do you want to do? An action, a row number, a theme"))

    async def run_registered(self, action: Action) -> None:
        """Run an action of the registry where it applies on the screen."""
        node = node_for(action, self.screen)
        if node is not None:
            await self.run_action(action.method, node)

    async def action_run_registered(self, action_id: str) -> None:
        """Run an action by its id: a click in the footer."""
        await self.run_registered(BY_ID[action_id])

    # --- errors ---

    def show_error(self, error: Exception) -> None:
        """Show what went wrong as one toast; what nobody foresaw goes to the log in full."""
        if isinstance(error, FttuiError):
            title = "Cannot do that" if isinstance(error, InputError) else "That did not work"
            self.notify(safe(str(error)), title=title, severity="error", timeout=10, markup=False)
            return
        log.error("unexpected error", exc_info=error)
        self.notify(safe(explain_crash(error)), title="A fault in fttui", severity="error", timeout=15, markup=False)

    def on_task_failed(self, message: TaskFailed) -> None:
        message.stop()
        self.show_error(message.error)

    def _fatal_error(self) -> None:
        """A handler failed and the app cannot go on: keep unsaved work, log, and leave with one sentence.

        Private in Textual 8.2.8, where it prints a traceback with the values of all variables.
        """
        import sys

        from rich.text import Text

        error = sys.exc_info()[1]
        log.critical("the app had to stop", exc_info=error)
        kept = keep_unsaved(self.services.document)
        self._exit_renderables.append(Text(explain_crash(error, kept)))
        self._close_messages_no_wait()
