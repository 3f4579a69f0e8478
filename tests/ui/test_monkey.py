"""A monkey at the keys: whatever is pressed, nothing breaks, nothing unsafe is shown, nothing is lost.

``FTTUI_MONKEY=5000`` presses so many keys in each walk, ``FTTUI_MONKEY_SEED=7`` begins with another seed; a failure
names the seed and the last keys.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input, TextArea

from fttui.core.text import needs_escaped_editing
from fttui.dataset.document import Document
from fttui.ui import external_editor
from fttui.ui.app import FttuiApp
from fttui.ui.browse import Browse
from fttui.ui.screens.examples import ExamplesScreen
from hostile import LINES
from ui.examples_app import NARROW, WIDE, app_on, chat, rows_of, settle, write_lines
from ui.golden import screen_text
from ui.shell import toasts

PRESSED = int(os.environ.get("FTTUI_MONKEY", "90"))
SEED = int(os.environ.get("FTTUI_MONKEY_SEED", "3"))
_LOOK_EVERY = 40
"""Keys after which all edits are taken back and made again."""

_CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": [2, 1.50]}'}}
_IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"}}
RECORDS: tuple[dict[str, Any], ...] = (
    {
        "input": {"messages": [{"role": "user", "content": "Hello"}], "tools": []},
        "preferred_output": [{"role": "assistant", "content": "Hi there"}],
        "non_preferred_output": [{"role": "assistant", "content": "What"}],
    },
    {
        "messages": [
            {"role": "user", "content": "2+2?"},
            {"role": "assistant", "content": None, "tool_calls": [_CALL, {**_CALL, "id": "c2"}]},
            {"role": "tool", "tool_call_id": "c1", "content": '{"sum": 4}'},
            {"role": "assistant", "content": "4", "weight": 0, "refusal": None},
        ],
        "tools": [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}],
        "parallel_tool_calls": False,
    },
    {"messages": [{"role": "user", "content": [{"type": "text", "text": "Look"}, _IMAGE]}, {"role": "assistant"}]},
    {"messages": [{"role": "user", "content": "Name one"}], "reference_answer": "one", "difficulty": 3},
    {"prompt": "Once", "completion": " upon a time"},
)

_MOVES = "down up down up pagedown pageup home end G j k J K tab shift+tab right left right_square_bracket"
_EXAMPLES = (
    "e u u ctrl+r full_stop r a A t w E n D y T N v M F R L equals_sign i I c C o O s vertical_line S W d delete m x z"
    " space space V asterisk escape escape enter enter slash g colon left_square_bracket"
)
_EVERYWHERE = "f2 ctrl+n f5 f3 f8 f1 ctrl+s ctrl+o ctrl+p ctrl+q 1 2"
_TYPING = "a b space left right enter escape backspace f9 f4 ctrl+z ctrl+k ctrl+s quotation_mark down tab"
_QUERIES = ("role:user", "changed:", "-e", "turns:>2", "/a+/", "tag:x", "bytes:<300", "(", "reviewed:", "zzz", "\\")
_ANSWERS = ("y", "n", "s", "d", "enter", "escape", "tab", "down", "up", "space", "x", "r", "g", "q", "ctrl+r", "o")


@dataclass
class Walk:
    """One monkey: where it is, and what it did."""

    app: FttuiApp
    pilot: Pilot[Any]
    seed: int
    random: random.Random
    pressed: list[str] = field(default_factory=list)
    origins: dict[int, tuple[Document, bytes]] = field(default_factory=dict)

    async def press(self) -> None:
        """Press one key, or type one text."""
        focused = self.app.focused
        pick = self.random.random()
        if pick > 0.97:
            await self.press_nothing()
            return
        if isinstance(focused, Input) and pick < 0.3:
            text = self.random.choice(_QUERIES)
            self.pressed.append(f"typed {text}")
            focused.insert_text_at_cursor(text)
            await self.pilot.pause(0.02)
            return
        if isinstance(focused, Input | TextArea):
            keys = _TYPING.split() + (["escape"] * 4 if isinstance(focused, TextArea) else [])
        elif len(self.app.screen_stack) > 1:
            keys = [*_ANSWERS]
        elif pick < 0.35:
            keys = _MOVES.split()
        else:
            keys = _EXAMPLES.split() * 3 + _EVERYWHERE.split()
        key = self.random.choice(keys)
        self.pressed.append(key)
        await self.pilot.press(key)

    async def press_nothing(self) -> None:
        """Do something else than press a key: click, resize the terminal, or let another program change a file."""
        width, height = self.app.size
        what = self.random.choice(("click", "click", "click", "resize", "disk"))
        if what == "click":
            spot = (self.random.randrange(width), self.random.randrange(height))
            with_shift, with_control = self.random.random() < 0.2, self.random.random() < 0.2
            self.pressed.append(f"click at {spot}, shift {with_shift}, control {with_control}")
            await self.pilot.click(offset=spot, shift=with_shift, control=with_control)
        elif what == "resize":
            size = self.random.choice((WIDE, NARROW, (40, 8)))
            self.pressed.append(f"resize to {size}")
            await self.pilot.resize_terminal(*size)
        else:
            path = self.random.choice([Path("mixed.jsonl"), Path("valid.jsonl")])
            if path.exists():
                self.pressed.append(f"another program writes {path}")
                with path.open("ab") as file:
                    file.write(b'{"messages": []}\n')

    async def rest(self) -> None:
        """Close what is open, and wait for what goes on in threads; a task that asks something waits for an answer."""
        for _ in range(20):
            await self.pilot.pause()
            if len(self.app.screen_stack) == 1:
                break
            self.pressed.append("escape")
            await self.pilot.press("escape")
        assert len(self.app.screen_stack) == 1, f"{self.app.screen} does not close"
        await asyncio.wait_for(settle(self.pilot, self.app), 10)

    def check(self) -> None:
        """Hold the app against what must be true after any key."""
        assert self.app._exception is None
        assert self.app.is_running
        assert "A fault in fttui" not in toasts(self.app), toasts(self.app)
        for line in screen_text(self.app).splitlines():
            assert not needs_escaped_editing(line), ascii(line)
        for screen in self.app.screen_stack:
            for widget in screen.query(Input):
                assert not needs_escaped_editing(widget.value), ascii(widget.value)
        focused = self.app.focused
        assert focused is None or all(
            node.display for node in focused.ancestors_with_self if isinstance(node, Widget)
        ), f"the keys go to {focused}, which is hidden"
        file = self.app.services.files.active
        screens = [screen for screen in self.app.screen_stack if isinstance(screen, ExamplesScreen)]
        if file is None or not screens or not isinstance(file.place, Browse) or screens[0]._shown is not file.document:
            return
        browse, document, rows = file.place, file.document, rows_of(self.app)
        browse.follow()
        rows.sync()
        shown = list(browse.view)
        assert rows.count == len(shown)
        assert rows.cursor == 0 or 0 <= rows.cursor < len(shown)
        assert len(set(shown)) == len(shown)
        assert all(0 <= row < len(document) for row in shown)
        if browse.is_everything:
            assert shown == list(range(len(document)))
        assert all(0 <= row < len(document) for row in browse.marked)
        assert -1 <= screens[0]._row < max(len(document), 1)

    def check_files(self) -> None:
        """Taking everything back gives the bytes of the start; doing it again gives those of now."""
        self.app.finish_typing()
        for file in self.app.services.files:
            document = file.document
            _, origin = self.origins.setdefault(id(document), (document, whole(document)))
            now, undone = whole(document), 0
            while document.can_undo:
                document.undo()
                undone += 1
            if whole(document) != origin:
                raise AssertionError(f"undo of {undone} steps in {document.title}: {whole(document)[:3000]!r}")
            for _ in range(undone):
                document.redo()
            assert whole(document) == now
            self.check_marks(file.document, file.marks)

    def check_marks(self, document: Document, marks: Any) -> None:
        """What is counted and found of marks is what each row says."""
        of_rows = [marks.of(row) for row in range(len(document))]
        assert marks.reviewed() == sum(mark.reviewed for mark in of_rows)
        assert marks.tags() == Counter(tag for mark in of_rows for tag in mark.tags)
        assert list(marks.rows_with(noted=True)) == [row for row, mark in enumerate(of_rows) if mark.note]

    def reloaded(self, document: Document) -> None:
        """The history of a document begins anew."""
        self.origins[id(document)] = (document, whole(document))


def whole(document: Document) -> bytes:
    """All the bytes that a save would write."""
    return b"".join(document.snapshot().chunks())


def training_file(folder: Path) -> Path:
    """Every kind of record, with hostile lines of a size that leaves time for keys."""
    lines = [line.rstrip(b"\n") for line in LINES.values() if len(line) < 200_000]
    path = write_lines(folder / "mixed.jsonl", *RECORDS, *lines, *RECORDS)
    path.write_bytes(path.read_bytes() + json.dumps(chat("no", "line end")).encode())
    return path


def validation_file(folder: Path) -> Path:
    """A few plain examples, of which two are equal."""
    return write_lines(folder / "valid.jsonl", *(chat("", f"question {n % 5}", "answer") for n in range(7)))


@pytest.fixture
def tame(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A monkey starts no editor and no server, and does not leave."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(external_editor, "edit_outside", lambda text, suffix="": text + "!")
    monkeypatch.setattr(FttuiApp, "suspend", lambda app: contextlib.nullcontext())
    monkeypatch.setattr(FttuiApp, "leave", lambda app: None)
    go = FttuiApp.go

    async def go_where_nothing_is_started(app: FttuiApp, name: str, handover: Any = None) -> None:
        if name in ("examples", "cost"):
            await go(app, name, handover)

    monkeypatch.setattr(FttuiApp, "go", go_where_nothing_is_started)
    yield


async def walk(app: FttuiApp, size: tuple[int, int], seed: int, keys: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a monkey press so many keys.

    Raises:
        AssertionError: With the seed and the last keys.
    """
    last: list[str] = []
    reload = Document.reload
    try:
        async with app.run_test(size=size) as pilot:
            await settle(pilot, app)
            monkey = Walk(app, pilot, seed, random.Random(seed), last)

            def noted_reload(document: Document) -> None:
                reload(document)
                monkey.reloaded(document)

            monkeypatch.setattr(Document, "reload", noted_reload)
            monkey.check_files()
            for number in range(keys):
                await monkey.press()
                monkey.check()
                if number % _LOOK_EVERY == _LOOK_EVERY - 1:
                    await monkey.rest()
                    monkey.check()
                    monkey.check_files()
            await monkey.rest()
            monkey.check_files()
    except (Exception, asyncio.CancelledError) as error:
        raise AssertionError(f"seed {seed}, {size}, after {len(last)} keys, the last: {last[-60:]}") from error


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_a_monkey_at_the_keys(
    tame: None, tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_on(training_file(tmp_path), validation_file(tmp_path), counts=PRESSED >= 500)
    await walk(app, size, SEED, PRESSED, monkeypatch)


async def test_a_monkey_without_a_file(tame: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await walk(app_on(), NARROW, SEED, PRESSED // 3, monkeypatch)


async def test_a_monkey_at_an_empty_file(tame: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await walk(app_on(write_lines(tmp_path / "empty.jsonl")), WIDE, SEED, PRESSED // 3, monkeypatch)
