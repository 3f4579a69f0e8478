"""Issues as words to read: pure, from rules and what they found to lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.content import Content

from fttui.core.text import one_line
from fttui.ui.wrapping import clip, wrap

if TYPE_CHECKING:
    from fttui.checks.model import Issue, Rule, Target

SIGNS: Final = {"error": "✖", "warning": "⚠", "info": "·"}
STYLES: Final = {"error": "$issue-error", "warning": "$issue-warn", "info": "$foreground 70%"}
DIM: Final = "$foreground 70%"
_LONGEST: Final = 600
"""Characters of a message that are shown."""
_LEAST_LEFT: Final = 24
"""Cells of the rule and its place that are worth more than the keys."""


def place_text(issue: Issue) -> str:
    """``messages[2].role``, or "" for the example as a whole; safe."""
    from fttui.checks.model import show_path

    return one_line(show_path(issue.path), 80)


def strip_text(issues: Sequence[Issue], chosen: int, keys: str, width: int, height: int) -> Content:
    """The chosen issue with its message, and as many of the others as fit, in ``height`` lines.

    Args:
        issues: Those of an example.
        chosen: Index of the one that keys work on.
        keys: What can be done about it: ``f fix · h why``.
        width: Cells of a line.
        height: Lines.
    """
    issue = issues[chosen]
    number = f"{chosen + 1} of {len(issues)}" if len(issues) > 1 else ""
    right = " · ".join(part for part in (number, keys) if part)
    lines = [_head_line(issue, right, width)]
    rest = [*issues[chosen + 1 :], *issues[:chosen]]
    room = height - 1 - (1 if rest and height > 2 else 0)
    message = one_line(issue.message, _LONGEST)
    wrapped = wrap(message, max(8, width - 4))
    if len(wrapped) > room:
        wrapped = [*wrapped[: room - 1], clip(" ".join(wrapped[room - 1 :]), max(8, width - 4))]
    lines += [Content(f"   {line}") for line in wrapped[:room]]
    for other in rest[: height - len(lines)]:
        text = clip(f"{other.rule}: {one_line(other.message, _LONGEST)}", max(8, width - 4))
        lines.append(Content.assemble((f" {SIGNS[other.severity]} ", STYLES[other.severity]), (text, DIM)))
    return Content("\n").join(lines)


def _head_line(issue: Issue, right: str, width: int) -> Content:
    """``✖ role-unknown at messages[2].role            1 of 3 · f fix · h why``; the keys go last when it is narrow."""
    place = place_text(issue)
    left = issue.rule + (f" at {place}" if place else "")
    room = width - 4 - len(right)
    if room < min(cell_len(left), _LEAST_LEFT):
        right, room = "", width - 3
    left = clip(left, room)
    gap = " " * (width - 3 - cell_len(left) - len(right)) if right else ""
    style = STYLES[issue.severity]
    return Content.assemble((f" {SIGNS[issue.severity]} ", style), (left, f"bold {style}"), gap, (right, DIM))


def explanation(rule: Rule, target: Target) -> list[tuple[str, str]]:
    """A rule as paragraphs: (heading, text); the texts are ours."""
    severity = rule.severity_for(target)
    bad = {"error": "Has to be right", "warning": "Worth a look", "info": "Good to know", None: "No rule"}[severity]
    parts = [("", rule.why), ("for", f"{bad} for {_title(target)}. {_others(rule, target)}".rstrip())]
    if rule.fix is not None:
        needed = "needed to train" if rule.fix == "necessary" else "recommended"
        parts.append(("fix", f"{rule.fix_text[:1].upper()}{rule.fix_text[1:]} ({needed})."))
    else:
        parts.append(("fix", "There is no automatic one: edit the example."))
    return parts


def _others(rule: Rule, target: Target) -> str:
    """For whom else it is a rule: ``Also for Azure AI Foundry …``."""
    from fttui.checks.targets import targets

    others = [name for name in targets() if name != target and rule.severity_for(name) is not None]
    if len(others) == len(targets()) - 1:
        return "The same rule holds for all others." if not rule.severities else "It is a rule for all others too."
    if not others:
        return "No other target has this rule."
    return f"Also a rule for {', '.join(others)}."


def _title(target: Target) -> str:
    from fttui.checks.targets import targets

    limits = targets().get(target)
    return limits.title if limits is not None else target
