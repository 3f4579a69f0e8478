"""The first line: the file and its unsaved changes, the five screens, the profile and model in use."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from fttui.core.text import one_line


@dataclass(frozen=True, slots=True)
class TopBarState:
    """What the top bar says.

    Attributes:
        file: Name of the open file, or "".
        changes: Number of unsaved changes.
        remarks: What one has to know of it: its role when it is not for training, "read-only", "2 of 3".
        screens: Key and title of each screen.
        current: Title of the one that is shown.
        profile: Name of the provider's profile.
        model: Model that is priced and trained.
    """

    file: str
    changes: int
    screens: tuple[tuple[str, str], ...]
    current: str
    profile: str
    model: str
    remarks: tuple[str, ...] = ()


class TopBar(Widget, can_focus=False):
    """Three groups: left the file, in the middle the screens, right the provider; the ends give way first."""

    DEFAULT_CSS = """
    TopBar { dock: top; height: 1; background: $panel; color: $foreground; }
    """

    def __init__(self, state: TopBarState) -> None:
        super().__init__()
        self.auto_links = False  # clicks work, but the colours stay ours
        self._state = state

    def show(self, state: TopBarState) -> None:
        if state != self._state:
            self._state = state
            self.refresh()

    def render(self) -> RenderResult:
        return top_bar_text(self._state, self.size.width)


_SHORT_NAME = 12


def top_bar_text(state: TopBarState, width: int) -> Content:
    """The bar in ``width`` cells; on a narrow screen model, remarks, profile, then the name give way."""
    tabs = _tabs(state)
    mark = f" ●{state.changes:,}" if state.changes else ""
    name = one_line(state.file, 200) or "no file"
    room = width - tabs.cell_length - len(mark) - 6  # a blank at both ends, two between the groups
    remarks = _remarks(state.remarks, room - min(cell_len(name), _SHORT_NAME))
    room -= cell_len(remarks)
    right = _right(state, room - cell_len(name), room - min(cell_len(name), _SHORT_NAME))
    name = clip(name, max(room - cell_len(right), 1))
    left = Content.assemble(" ", (name, "bold"), (mark, "$issue-warn"), (remarks, "$foreground 75%"))
    gap = max(2, width - left.cell_length - tabs.cell_length - cell_len(right) - 1)
    before = max(2, min(gap - 2, (width - tabs.cell_length) // 2 - left.cell_length))
    return Content.assemble(left, " " * before, tabs, " " * (gap - before), (right, "$foreground 75%"), " ")


def _tabs(state: TopBarState) -> Content:
    tabs = []
    for key, title in state.screens:
        style = "$primary bold" if title == state.current else "$foreground 85%"
        tab = Content.assemble((f"{key} ", "$foreground 60%"), (title, style))
        tabs.append(tab.stylize(Style.from_meta({"@click": f"app.show('{title.lower()}')"})))
    return Content("  ").join(tabs)


def _remarks(remarks: tuple[str, ...], room: int) -> str:
    """As many remarks as there is room for, the first first."""
    text = ""
    for remark in remarks:
        longer = f"{text} · {one_line(remark, 40)}"
        if cell_len(longer) > room:
            break
        text = longer
    return text


def _right(state: TopBarState, beside_name: int, beside_short_name: int) -> str:
    """Profile and model where there is room beside the whole name, the profile alone beside a shortened one."""
    profile, model = one_line(state.profile, 40), one_line(state.model, 80)
    if model and cell_len(f"{profile} · {model}") <= beside_name:
        return f"{profile} · {model}"
    return profile if cell_len(profile) <= beside_short_name else ""


def clip(text: str, cells: int) -> str:
    """``text`` in at most ``cells`` cells."""
    if cell_len(text) <= cells:
        return text
    while text and cell_len(text) > cells - 1:
        text = text[:-1]
    return text + "…"
