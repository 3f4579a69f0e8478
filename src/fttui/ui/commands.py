"""The command palette: every action of the registry that can be done now, a row by its number, the themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from fttui.ui.actions import GLOBAL, Action
from fttui.ui.handover import ShowRow
from fttui.ui.keys import ACTIONS, PLACES
from fttui.ui.run_action import node_for

if TYPE_CHECKING:
    from fttui.ui.app import FttuiApp

_OWN = ("app.palette",)


class _AppProvider(Provider):
    if TYPE_CHECKING:

        @property
        def app(self) -> FttuiApp: ...


class ActionsProvider(_AppProvider):
    """Everything that can be done, found by its help line; the keys are shown, so that they are learnt."""

    def _possible(self) -> Iterator[Action]:
        for action in ACTIONS:
            if action.id not in _OWN and node_for(action, self.screen) is not None:
                yield action

    def _title(self, action: Action) -> str:
        return action.help if action.where == GLOBAL else f"{PLACES[action.where].title}: {action.help}"

    def _help(self, action: Action) -> str:
        return f"{self.app.keymap.labels_of(action)} · {action.id}"

    async def discover(self) -> Hits:
        """What the footer would offer, then the screens and the rest of the app's own actions."""
        for action in sorted(self._possible(), key=lambda action: action.where == GLOBAL):
            if action.in_footer or action.where == GLOBAL:
                run = partial(self.app.run_registered, action)
                yield DiscoveryHit(self._title(action), run, help=self._help(action))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in self._possible():
            title = self._title(action)
            score = max(matcher.match(title), matcher.match(action.id) * 0.9, matcher.match(action.label) * 0.9)
            if score > 0:
                run = partial(self.app.run_registered, action)
                yield Hit(score, matcher.highlight(title), run, help=self._help(action))


class RowProvider(_AppProvider):
    """A number typed into the palette shows that row."""

    async def search(self, query: str) -> Hits:
        found = re.fullmatch(r"(?:row\s*)?([\d_,.]+)", query.strip(), re.IGNORECASE)
        digits = re.sub(r"\D", "", found[1]) if found else ""
        document = self.app.services.document
        if digits and document is not None and 1 <= int(digits) <= len(document):
            row = int(digits)
            show = partial(self.app.go, "examples", ShowRow(row - 1))
            yield Hit(1.0, f"Go to row {row:,}", show, help=f"of {len(document):,}")


class ThemesProvider(_AppProvider):
    """The themes that can be used, own and the user's."""

    async def discover(self) -> Hits:
        for name in self.app.theme_names:
            yield DiscoveryHit(f"Theme: {name}", partial(self.app.use_theme, name), help="for this session")

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name in self.app.theme_names:
            title = f"Theme: {name}"
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), partial(self.app.use_theme, name), help="for this session")
