"""What is wrong with the example on the screen: the issue that the keys work on, and the next ones under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.app import RenderResult
from textual.content import Content
from textual.events import Click
from textual.widget import Widget

from fttui.ui.issue_text import DIM, strip_text

if TYPE_CHECKING:
    from fttui.checks.model import Issue

_NONE: Final = "✓ No issue in this example."


class IssueStrip(Widget, can_focus=False):
    """Lines under the conversation; as many for every example, so that nothing moves when the cursor does.

    It is not there at all until `appear` is called.
    """

    DEFAULT_CSS = """
    IssueStrip { height: 4; background: $surface; display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._issues: Sequence[Issue] = ()
        self._chosen = 0
        self._keys = ("", "")
        self._note = _NONE

    @property
    def issues(self) -> Sequence[Issue]:
        """What is shown."""
        return self._issues

    @property
    def chosen(self) -> Issue | None:
        """The issue that the keys work on."""
        return self._issues[self._chosen] if self._issues else None

    def appear(self, *, shown: bool = True) -> None:
        """Take room under the conversation, or give it back."""
        if self.display != shown:
            self.display = shown

    def name_keys(self, fix: str, why: str) -> None:
        """Say which keys fix and explain the chosen issue."""
        self._keys = (fix, why)

    def show(self, issues: Sequence[Issue], *, note: str = _NONE) -> None:
        """Show the issues of an example; the same one stays chosen if it is still there.

        Args:
            issues: The worst first.
            note: What to say without any.
        """
        before = self.chosen
        same = (at for at, issue in enumerate(issues) if before is not None and _same(issue, before))
        at = next(same, 0)
        if (issues, at, note) != (self._issues, self._chosen, self._note):
            self._issues, self._chosen, self._note = issues, at, note
            self.refresh()

    def choose(self, at: int) -> Issue | None:
        """Have the keys work on another issue; None when there is no such one."""
        if not 0 <= at < len(self._issues):
            return None
        self._chosen = at
        self.refresh()
        return self._issues[at]

    def step(self, by: int) -> Issue | None:
        """The next or previous error or warning, or None at the end."""
        at = self._chosen + by
        if not 0 <= at < len(self._issues) or self._issues[at].severity == "info":
            return None
        return self.choose(at)

    def render(self) -> RenderResult:
        width, height = self.size
        if not self._issues:
            return Content.styled(f" {self._note}", DIM)
        fix, why = self._keys
        fixable = bool(fix) and self._issues[self._chosen].is_fixable
        keys = " · ".join(part for part in (f"{fix} fix" if fixable else "", f"{why} explain" if why else "") if part)
        return strip_text(self._issues, self._chosen, keys, width, height)

    def on_click(self, event: Click) -> None:
        event.stop()
        if self._issues:
            self.choose((self._chosen + 1) % len(self._issues))


def _same(one: Issue, other: Issue) -> bool:
    return (one.rule, one.path) == (other.rule, other.path)
