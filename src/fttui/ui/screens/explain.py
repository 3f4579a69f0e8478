"""Why something is an issue: what happens, for whom, what its fix does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from fttui.core.text import one_line
from fttui.ui.issue_text import STYLES, explanation, place_text
from fttui.ui.key_hints import hints
from fttui.ui.keymap import Keymap
from fttui.ui.keys import bindings_for
from fttui.ui.widgets.footer import KeyBar

if TYPE_CHECKING:
    from fttui.checks.model import Issue, Target


class Explain(ModalScreen[None], inherit_bindings=False):
    """One rule, and the issue that asked for it.

    Args:
        rule: The rule's id.
        target: For whom the file is checked.
        issue: Where it is not kept; None for the rule alone.
    """

    WHERE = "explain"
    HELP_TEXT = "Why this is an issue."
    BINDINGS = bindings_for(WHERE)
    DEFAULT_CSS = """
    Explain {
        align: center middle; background: $background 70%;
        & > Vertical {
            width: 84; max-width: 96%; height: auto; max-height: 90%; background: $surface; border: round $border;
            padding: 0 1; border-title-color: $foreground; border-title-style: bold;
            border-subtitle-color: $foreground 70%;
        }
        VerticalScroll { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
        VerticalScroll Static { height: auto; margin-bottom: 1; }
    }
    """

    def __init__(self, rule: str, target: Target, issue: Issue | None = None) -> None:
        super().__init__()
        self._rule = rule
        self._target = target
        self._issue = issue

    def compose(self) -> ComposeResult:
        from fttui.checks.table import rules

        rule = rules()[self._rule]
        with Vertical() as box:
            box.border_title = Content(rule.title)
            box.border_subtitle = Content(rule.id)
            with VerticalScroll(can_focus=False):
                if self._issue is not None:
                    yield Static(_of_issue(self._issue))
                for heading, text in explanation(rule, self._target):
                    lead = f"{heading.capitalize()}: " if heading else ""
                    yield Static(Content.assemble((lead, "bold"), text))
            yield KeyBar()

    def on_mount(self) -> None:
        keymap = getattr(self.app, "keymap", Keymap())
        self.query_one(KeyBar).show(hints(keymap, ("explain.close",)))

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        view = self.query_one(VerticalScroll)
        view.scroll_to(y=view.scroll_offset.y + lines, animate=False)

    def action_close(self) -> None:
        self.dismiss(None)


def _of_issue(issue: Issue) -> Content:
    place = place_text(issue)
    where = f"line {issue.line:,}" if issue.line is not None else "the file"
    where += f" at {place}" if place else ""
    return Content.assemble(
        (f"{where[:1].upper()}{where[1:]}: ", "bold"), (one_line(issue.message, 600), STYLES[issue.severity])
    )
