"""The keys of what the checks found: the issue under the conversation, the list of issues, the preview of a fix."""

from __future__ import annotations

from fttui.ui.actions import Action, Place

PLACES: tuple[Place, ...] = (
    Place("issues", "In the list of issues", inside=""),
    Place("fix", "In the preview of a fix", inside=""),
    Place("explain", "In the explanation of an issue", inside=""),
)


def _example(name: str, keys: str, label: str, help_line: str, method: str) -> Action:
    return Action(f"issue.{name}", tuple(keys.split()), label, help_line, "examples", method, in_footer=False)


def _key(name: str, keys: str, label: str, help_line: str, method: str) -> Action:
    where = name.partition(".")[0]
    return Action(name, tuple(keys.split()), label, help_line, where, method, in_footer=False)


ACTIONS: tuple[Action, ...] = (
    _example("fix", "f", "Fix", "Fix the issue that is shown under the conversation", "fix_issue"),
    _example("fix_example", "alt+f", "Fix example", "Fix everything in this example that has a fix", "fix_example"),
    _example("why", "X", "Explain", "Explain the issue: why it matters, what its fix does, for whom", "why_issue"),
    _example("list", "I", "Issues", "List what the checks found, and fix it in all examples", "issues"),
    _key("issues.show", "enter", "Show examples", "Close the list and show only these examples", "show"),
    _key("issues.fix", "f", "Fix", "Look at the fix for all of these, then make it as one step", "fix"),
    _key("issues.fix_all", "F", "Fix all", "Look at all fixes of all issues, then make them as one step", "fix_all"),
    _key("issues.target", "t", "Target", "Check the file for another provider", "target"),
    _key("issues.why", "X", "Explain", "Explain the issue", "why"),
    _key("issues.close", "escape q", "Close", "Close the list of issues", "close"),
    _key("fix.all", "enter ctrl+r f5", "Fix", "Make all of these changes, as one step", "all"),
    _key("fix.necessary", "n", "Necessary only", "Leave out what is only recommended, or take it in", "necessary"),
    _key("fix.down", "down j", "Down", "Scroll down", "scroll(1)"),
    _key("fix.up", "up k", "Up", "Scroll up", "scroll(-1)"),
    _key("fix.page_down", "pagedown space", "Page down", "Scroll one page down", "page(1)"),
    _key("fix.page_up", "pageup", "Page up", "Scroll one page up", "page(-1)"),
    _key("fix.close", "escape q", "Close", "Close without fixing anything", "close"),
    _key("explain.down", "down j", "Down", "Scroll down", "scroll(1)"),
    _key("explain.up", "up k", "Up", "Scroll up", "scroll(-1)"),
    _key("explain.close", "escape enter X q", "Close", "Close the explanation", "close"),
)
