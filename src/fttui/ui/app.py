"""The Textual app: services, screens as modes, themes, keys, and one policy for errors."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from textual.command import CommandPalette
from textual.screen import Screen
from textual.widget import Widget

from fttui.core.errors import FttuiError, InputError
from fttui.core.text import safe
from fttui.ui.actions import Action
from fttui.ui.checking import Checking
from fttui.ui.commands import ActionsProvider, RowProvider, ThemesProvider
from fttui.ui.crash import explain_crash, keep_unsaved
from fttui.ui.files_app import NO_FILE, FilesApp
from fttui.ui.handover import Handover
from fttui.ui.keymap import Keymap
from fttui.ui.keys import BY_ID, bindings_for
from fttui.ui.messages import DocumentEdited, NumbersChanged, WorkChanged
from fttui.ui.numbers import Counting
from fttui.ui.run_action import node_for
from fttui.ui.services import Services
from fttui.ui.tasks import TaskFailed, task
from fttui.ui.theming import APP_VARIABLES, LoadedThemes, register_themes
from fttui.ui.type_ahead import TypeAhead
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


class FttuiApp(TypeAhead, FilesApp, inherit_bindings=False):
    """The workbench.

    Args:
        services: What the screens work with.
        keymap: The keys in use.
        themes: The themes that can be used.
        problems: A sentence for each thing in the user's settings that was not used.
        notices: Sentences to show at the start.
        on_started: Called after the first paint.
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
        self,
        services: Services,
        *,
        keymap: Keymap | None = None,
        themes: LoadedThemes,
        problems: tuple[str, ...] = (),
        notices: tuple[str, ...] = (),
        on_started: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self.services = services
        self.keymap = keymap or Keymap()
        self.works = Works(on_change=self._post_work)
        self.counting = Counting(services, self.works, self._post_numbers, self._post_error)
        self.checking = Checking(services, self.works, self._post_numbers, self._post_error)
        self._notices = notices
        self._on_started = on_started
        self._has_begun = False
        self._discards = False
        self.set_keymap(self.keymap.for_textual())
        self.theme_names = list(themes.themes)
        self._problems = [*problems, *self.keymap.problems, *register_themes(self, themes, services.settings.theme)]
        self.stylesheet.set_variables(self.get_css_variables())

    # --- themes ---

    def refresh_css(self, animate: bool = True) -> None:
        """Style everything anew; not before the first paint: what is styled until then has this theme's colours.

        Textual asks for it twice at the start, and each time all style sheets are parsed again.
        """
        if self._has_begun:
            super().refresh_css(animate=animate)
            return
        for screen in self.screen_stack:
            screen._css_update_count = self._css_update_count  # private in Textual 8.2.8: it is up to date

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(APP_VARIABLES)

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
        problems = [*self._problems, *self.counting.problems]
        if problems:
            first = safe("\n".join(problems[:4]))
            more = f"\nand {len(problems) - 4} more" if len(problems) > 4 else ""
            hint = "\n`fttui config check` lists them."
            self.notify(f"{first}{more}{hint}", title="Not used", severity="warning", timeout=15, markup=False)
        profile = self.services.profile  # the top bar names it; a word only where that may surprise
        for notice in (profile.note if profile.is_unexpected else "", *self._notices):
            if notice:
                self.notify(safe(notice), timeout=6, markup=False)
        self.read_document()
        self._has_begun = True
        self.begin_with_files()
        self._on_started()

    def _post_error(self, error: Exception) -> None:
        self.post_message(TaskFailed(error, "count"))

    def _post_work(self) -> None:
        self.post_message(WorkChanged())

    def _post_numbers(self) -> None:
        self.post_message(NumbersChanged())

    async def action_quit(self) -> None:
        """Leave; with unsaved changes, ask first."""
        self.quit()

    @task(group="quit")
    async def quit(self) -> None:
        """Take in what is being typed, ask about unsaved changes, and end the app unless the person stays."""
        self.finish_typing()
        unsaved = [file for file in self.services.files if file.has_unsaved]
        if unsaved:
            from fttui.ui.saving import ask_about_unsaved, save_files

            answer = await self.push_screen_wait(ask_about_unsaved(unsaved))
            if answer not in ("save", "discard") or (answer == "save" and not await save_files(self, unsaved)):
                return
            self._discards = answer == "discard"
        self.leave()

    def leave(self) -> None:
        """End the app; jobs of the local server go on."""
        self.exit()

    async def on_unmount(self) -> None:
        self.counting.stop()
        self.checking.stop()
        await self.services.close(discard=self._discards)

    # --- the open file ---

    @property
    def has_unsaved_changes(self) -> bool:
        """Whether the file that is shown differs from the one on the disk."""
        document = self.services.document
        return document is not None and document.is_dirty

    @task(group="save", exclusive=False)
    async def action_save(self) -> None:
        """Save the open file."""
        from fttui.ui.saving import save_document

        self.finish_typing()
        file = self.services.files.active
        if file is None:
            self.notify(NO_FILE, severity="warning", markup=False)
        elif not (file.document.is_dirty or file.needs_name or file.is_read_only):
            self.notify("Nothing to save: no unsaved changes.", timeout=3, markup=False)
        else:
            await save_document(self, file.document)

    def document_edited(self, row: int | None = None) -> None:
        """Tell the app that ``services.document`` was edited: numbers, top bar and screens follow.

        Args:
            row: The one row whose text changed; None when rows were added, removed or moved, or when saved.
        """
        document = self.services.document
        if document is None:
            return
        self.post_message(NumbersChanged())
        screen = self.screen_under_dialogs()
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
        self.count_document()
        self.on_numbers_changed()

    # --- numbers and work on every screen ---

    @property
    def meter_numbers(self) -> MeterNumbers | None:
        return self.counting.numbers()

    def top_bar_state(self, where: str) -> TopBarState:
        """What the top bar of the screen ``where`` says."""
        file = self.services.files.active
        tabs = [BY_ID[f"screen.{name}"] for name in SCREENS]
        return TopBarState(
            file=file.title if file is not None else "",
            changes=self.counting.unsaved,
            screens=tuple((self.keymap.label_of(tab), tab.label) for tab in tabs),
            current=where.title(),
            profile=self.services.profile.name,
            model=self.services.training_model,
            remarks=self.services.files.remarks(),
        )

    def on_numbers_changed(self, message: NumbersChanged | None = None) -> None:
        screen = self.screen_under_dialogs()
        if screen is not None:
            screen.show_numbers()
        waiting = self.counting.waiting() if self._has_begun else None
        if waiting is not None:
            self.count_training_file(waiting)

    def on_work_changed(self, message: WorkChanged) -> None:
        screen = self.screen_under_dialogs()
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
        screen = self.screen_under_dialogs()
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

    async def run_action(self, *arguments: Any, **options: Any) -> bool:
        """Run an action; a sentence says why it cannot be done now, for instance without a file."""
        try:
            return await super().run_action(*arguments, **options)
        except FttuiError as error:
            self.say(error)
            return True

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
        """A handler failed and the app cannot go on: log it, and leave with one sentence; unsaved edits are kept.

        Private in Textual 8.2.8, where it prints a traceback with the values of all variables.
        """
        from rich.text import Text

        error = sys.exc_info()[1]
        log.critical("the app had to stop", exc_info=error)
        self._exit_renderables.append(Text(explain_crash(error, *keep_unsaved(self.services.files))))
        self._close_messages_no_wait()
