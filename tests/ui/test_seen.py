"""An example as its model sees it: laid out in lines, and on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import hostile
from fttui.core.text import safe
from fttui.tokens.models import rule_for
from fttui.tokens.seen import Piece
from fttui.ui.screens.seen import SeenScreen
from fttui.ui.seen_text import screen_lines
from fttui.ui.widgets.seen_view import SeenView
from ui.examples_app import NARROW, WIDE, app_on, chat, settle, write_lines
from ui.golden import screen_text
from ui.loop_app import until

kinds = st.sampled_from(["trained", "masked", "format", "label"])
pieces = st.lists(st.builds(Piece, st.text("a 東\n\t👩\u0301é", max_size=30), kinds, st.integers(0, 3)), max_size=20)


@given(pieces=pieces, width=st.integers(8, 40))
def test_lines_fit_and_lose_nothing(pieces: list[Piece], width: int) -> None:
    lines = screen_lines(pieces, width)
    assert all(sum(cell_len(run.text) for run in line) <= width for line in lines)
    shown = "".join(run.text for line in lines for run in line)
    signs = [piece.text.replace("\n", "" if piece.kind == "label" else "⏎") for piece in pieces]
    assert shown == "".join(
        text if piece.kind == "label" else text.replace("\t", "⇥   ") for piece, text in zip(pieces, signs, strict=True)
    )


def test_every_other_token_stands_out_and_line_ends_are_seen() -> None:
    tokens = [Piece("A", "trained", 1), Piece(" city\n\n", "trained", 1), Piece("x\x1b[2J", "masked", 1)]
    lines = screen_lines(tokens, 20)
    assert [[run.text for run in line] for line in lines] == [["A", " city⏎"], ["⏎"], ["x␛[2J"]]
    assert [run.is_odd for line in lines for run in line] == [False, True, True, False]


@pytest.mark.parametrize("text", hostile.STRINGS.values(), ids=hostile.STRINGS)
def test_hostile_text_is_made_safe(text: str) -> None:
    lines = screen_lines([Piece(text[:20_000], "masked", 1)], 80)
    assert all(run.text == safe(run.text) for line in lines for run in line)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_b_shows_the_example_as_the_model_sees_it(size: tuple[int, int], tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", chat("Be kind.", "Where?", "In Tokyo."), chat("s", "And now?", "Kyoto."))
    app = app_on(path)
    async with app.run_test(size=size) as pilot:
        await settle(pilot, app)
        await pilot.press("b")
        await until(pilot, lambda: "In Tokyo.<|im_end|>" in screen_text(app))
        assert "line 1 · 2" in screen_text(app)
        assert "exact for OpenAI models" in " ".join(screen_text(app).split())
        trained = next(line for line in screen_text(app).splitlines() if "Tokyo" in line)
        assert trained.startswith(" ┃ ")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "Kyoto.<|im_end|>" in screen_text(app))
        await pilot.press("right_square_bracket", "escape")
        await settle(pilot, app)
        assert not isinstance(app.screen, SeenScreen)
        assert app.services.files.active is not None
        await until(pilot, lambda: "And now?" in screen_text(app))


async def test_long_and_broken_lines(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", chat("s", "word " * 20_000, "end"), {"nothing": 1})
    path.write_bytes(path.read_bytes() + b"{broken\n")
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("b")
        await until(pilot, lambda: "the rest is counted but not shown" in " ".join(screen_text(app).split()))
        view = app.screen.query_one(SeenView)
        await pilot.press("space", "j")
        assert view.scroll_offset.y > 10
        await pilot.press("k", "pageup")
        assert view.scroll_offset.y == 0
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "no example that a model reads" in " ".join(screen_text(app).split()))
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "This line is no example" in screen_text(app))


async def test_without_counts_a_process_is_started_and_ended(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", chat("s", "Where?", "In Tokyo."))
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        document = app.services.document
        assert document is not None
        screen = SeenScreen(document, 0, rule_for("llama-3"), None)
        await app.push_screen(screen)
        await until(pilot, lambda: "In Tokyo.<|eot_id|>" in screen_text(app))
        assert "estimate: Llama models have a vocabulary of their own" in " ".join(screen_text(app).split())
        pool = screen._pool
        assert pool is not None and pool.pids
        await pilot.press("q")
        await until(pilot, lambda: not pool.pids)
