"""All issues of the open file by rule: how many, whether they can be fixed, and for which targets the file is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from fttui.core.errors import FttuiError
from fttui.core.text import one_line
from fttui.ui.issue_table import COLUMNS, first_found, grid_text, rows_of, title_text
from fttui.ui.issue_text import explanation
from fttui.ui.key_hints import hints
from fttui.ui.keymap import Keymap
from fttui.ui.keys import bindings_for
from fttui.ui.tasks import task
from fttui.ui.widgets.footer import KeyBar
from fttui.ui.widgets.table_list import TableList

if TYPE_CHECKING:
    from fttui.checks.live.live import LiveChecks
    from fttui.checks.model import Issue, Target
    from fttui.ui.checking import Checking
    from fttui.ui.mending import Mending
    from fttui.ui.open_files import OpenFile

NOTHING: Final = "Nothing is wrong with this file."
LOOKING: Final = "Checking … what is found appears here."
_FOLLOW_S: Final = 0.25


class Chosen(NamedTuple):
    """What to do after the list was closed: show the examples of a rule, go to a row, or mend."""

    rule: str = ""
    row: int | None = None
    mending: Mending | None = None


class IssuesScreen(ModalScreen[Chosen | None], inherit_bindings=False):
    """The rules that are not kept, the worst first, and an explanation of the one under the cursor.

    Args:
        file: The open file.
        checking: Who checks it, and for which target.
    """

    WHERE = "issues"
    HELP_TEXT = "What the checks found in the open file, by rule. Above: for which targets the file is ready."
    BINDINGS = bindings_for(WHERE)
    DEFAULT_CSS = """
    IssuesScreen {
        background: $background;
        & > #issues-title { height: 1; padding: 0 1; color: $text-muted; }
        & > #issues-grid { height: auto; max-height: 4; padding: 0 1; }
        & > #issues { height: 1fr; }
        #issues-list { width: 3fr; }
        #issues-why { width: 2fr; border-left: solid $border-blurred; padding: 0 1; scrollbar-size-vertical: 1; }
        #issues-why Static { height: auto; }
        &.-narrow #issues { layout: vertical; }
        &.-narrow #issues-list { width: 1fr; height: 3fr; }
        &.-narrow #issues-why { width: 1fr; height: 2fr; border-left: none; border-top: solid $border-blurred; }
    }
    """

    @dataclass
    class Placed(Message):
        """Where a rule was first found, as of some news; None: nowhere that can be shown."""

        rule: str
        news: int
        issue: Issue | None

    def __init__(self, file: OpenFile, checking: Checking) -> None:
        super().__init__()
        self._file = file
        self._checking = checking
        self._news: object = None
        self._places: dict[str, IssuesScreen.Placed] = {}
        self._is_seeking = False
        self._why = ""
        """The rule that is explained as soon as its first place is known."""

    def compose(self) -> ComposeResult:
        yield Static(id="issues-title", markup=False)
        yield Static(id="issues-grid", markup=False)
        with Horizontal(id="issues"):
            yield TableList(COLUMNS, empty=LOOKING, id="issues-list")
            with VerticalScroll(id="issues-why", can_focus=False):
                yield Static(markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(TableList).focus()
        keymap = getattr(self.app, "keymap", Keymap())
        names = [f"issues.{name}" for name in ("show", "fix", "fix_all", "target", "why", "close")]
        self.query_one(KeyBar).show(hints(keymap, names))
        if self._checks is not None and self._checks.is_stale:
            self._checks.check_again()
        self._follow()
        self.set_interval(_FOLLOW_S, self._follow)

    @property
    def _checks(self) -> LiveChecks | None:
        return self._file.checks

    def _follow(self) -> None:
        """Show what was found since the last look."""
        checks = self._checks
        news = (self._file.checks_news, checks is not None and checks.is_complete, self.size.width)
        if news == self._news or checks is None:
            return
        self._news = news
        target = self._checking.target
        self.query_one("#issues-title", Static).update(title_text(self._file.title, target, checks))
        width = max(20, self.size.width - 2)
        grid = grid_text(checks.grid, target, width, is_complete=checks.is_complete)
        self.query_one("#issues-grid", Static).update(grid)
        table = self.query_one(TableList)
        table.set_rows(rows_of(checks, target), empty=NOTHING if checks.is_complete else LOOKING)
        self._explain()

    @on(TableList.Highlighted)
    def _explain(self) -> None:
        """Say what the rule under the cursor is about, and where it was first found."""
        from fttui.checks.table import rules

        rule, checks = self.query_one(TableList).key, self._checks
        parts: list[Any] = []
        if rule is not None and checks is not None:
            parts.append((f"{rules()[rule].title}\n", "bold"))
            self._seek(rule)
            place = self._places.get(rule)
            if place is None:
                parts.append(("…\n", "$foreground 70%"))
            elif (found := place.issue) is not None:
                where = f"line {found.line:,}: " if found.line is not None else ""
                parts += [(where, "bold"), one_line(found.message, 400), "\n"]
            parts.append("\n")
            for heading, text in explanation(rules()[rule], self._checking.target):
                parts += [(f"{heading}  ", "$foreground 70%") if heading else "", text, "\n"]
        self.query_one("#issues-why Static", Static).update(Content.assemble(*parts))

    def _seek(self, rule: str) -> None:
        """See to it that the first place of a rule is known as of the last news; one is looked for at a time."""
        checks, news, place = self._checks, self._file.checks_news, self._places.get(rule)
        if checks is not None and not self._is_seeking and (place is None or place.news != news):
            self._is_seeking = True
            self._find_place(checks, rule, news)

    @task(group="place", thread=True)
    def _find_place(self, checks: LiveChecks, rule: str, news: int) -> None:
        found = None
        try:
            found = first_found(checks, self._file.document, rule)
        except (FttuiError, IndexError):  # the disk failed, or the row has just gone: the list of rows says so
            pass
        finally:
            self.post_message(self.Placed(rule, news, found))

    @on(Placed)
    def _take_place(self, placed: Placed) -> None:
        placed.stop()
        self._is_seeking = False
        self._places[placed.rule] = placed
        self._explain()  # looks for another one when the cursor or the news went on
        if self._why == placed.rule == self.query_one(TableList).key and self.is_current:
            self.action_why()

    # --- what can be done -----------------------------------------------------------------------------------------
    @on(TableList.Selected)
    def action_show(self) -> None:
        """Close, and show the examples of the rule."""
        rule, checks = self.query_one(TableList).key, self._checks
        count = None if rule is None or checks is None else checks.counts().get(rule)
        if rule is None or count is None:
            return
        if count.rows:
            self.dismiss(Chosen(rule))
        else:
            self._say("This is about the whole file, not about single examples.")

    def action_fix(self) -> None:
        """Look at the fix of the rule under the cursor."""
        from fttui.checks.table import rules

        rule, checks = self.query_one(TableList).key, self._checks
        count = None if rule is None or checks is None else checks.counts().get(rule)
        if rule is None or count is None:
            return
        by_hand = "enter shows the examples, e edits one" if count.rows else "it is about the file as a whole"
        if count.fixable:
            self._preview([rule])
        elif rules()[rule].fix is None:
            self._say(f"There is no automatic fix for {rule}: {by_hand}.")
        else:
            self._say(f"The fix for {rule} can mend none of these places: {by_hand}.")

    def action_fix_all(self) -> None:
        """Look at all fixes."""
        checks = self._checks
        names = [] if checks is None else [name for name, count in checks.counts().items() if count.fixable]
        if names:
            self._preview(names)
        else:
            self._say("Nothing here has an automatic fix.")

    def _preview(self, names: Sequence[str]) -> None:
        from fttui.ui.screens.fix import FixScreen

        checks = self._checks
        why_not = self._checking.why_not_mended_now(self._file)
        if why_not or checks is None:
            self._say(why_not)
            return

        def chosen(mending: Mending | None) -> None:
            if mending is not None:
                self.dismiss(Chosen(mending=mending))

        self.app.push_screen(FixScreen(self._file.document, checks, self._checking.target, names), chosen)

    def action_target(self) -> None:
        """Ask for whom to check."""
        from fttui.checks.targets import targets
        from fttui.ui.screens.dialogs import Choice

        by_profile = f"where the profile trains: {self._checking.by_profile}"
        options = [(by_profile, ""), *((f"{name}: {limits.title}", name) for name, limits in targets().items())]
        current = self._checking.chosen or ""
        self.app.push_screen(Choice("Check files for", options=options, current=current), self._aim)

    def _aim(self, target: Target | None) -> None:
        if target is not None:
            self._check_for(target or None)

    @task(group="target")
    async def _check_for(self, target: Target | None) -> None:
        """Show what is wrong for another target, or check again where that was stopped."""
        try:
            await asyncio.to_thread(self._checking.choose, target)
        finally:
            await asyncio.to_thread(self._checking.begin, self._file)
            self._news = None
            self._places.clear()
            self._follow()

    def action_why(self) -> None:
        """Explain the rule under the cursor, as soon as its first place is known."""
        from fttui.ui.screens.explain import Explain

        rule, checks = self.query_one(TableList).key, self._checks
        if rule is None or checks is None:
            return
        place = self._places.get(rule)
        self._why = rule if place is None else ""
        if place is not None:
            self.app.push_screen(Explain(rule, self._checking.target, place.issue))

    def action_close(self) -> None:
        self.dismiss(None)

    def _say(self, sentence: str) -> None:
        self.notify(one_line(sentence), markup=False, timeout=4)
