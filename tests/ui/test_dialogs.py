"""Questions: answered by key, by focus and enter, or closed; data in them does no harm."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

import hostile
from fttui.ui.screens.dialogs import Choice, Confirm, Prompt
from ui.golden import golden, screen_text
from ui.shell import ShellApp, shell_app

NOTHING = object()


async def answers(*cases: tuple[Screen[Any], str]) -> list[object]:
    """What each dialog returns after some keys (divided by blanks); `NOTHING` when it is still open."""
    app = shell_app()
    results: list[object] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for screen, keys in cases:
            got: list[object] = []
            app.push_screen(screen, got.append)
            await pilot.pause()
            await pilot.press(*keys.split())
            await pilot.pause()
            results.append(got[0] if got else NOTHING)
            if not got:
                await app.pop_screen()
    return results


def confirm(**arguments: Any) -> Confirm:
    return Confirm("Train on openai?", "tone.jsonl, 3 epochs", "About $3.72.", yes="Train for $3.72", **arguments)


async def test_a_question_is_answered_by_keyboard() -> None:
    wanted = {
        "y": True,
        "n": False,
        "escape": None,
        "enter": True,
        "tab enter": False,
        "right enter": False,
        "right left enter": True,
        "s": NOTHING,
        "3 ctrl+p": NOTHING,
    }
    got = await answers(*((confirm(), keys) for keys in wanted))
    assert dict(zip(wanted, got, strict=True)) == wanted


async def test_a_cautious_question_starts_on_no() -> None:
    assert await answers((confirm(cautious=True), "enter")) == [False]


MODELS = [("gpt-4.1-mini", 1), ("gpt-4.1-nano", 2), ("a [/b] c", 3)]


async def test_one_of_several_is_chosen() -> None:
    wanted = {
        "enter": 2,
        "down enter": 3,
        "j enter": 3,
        "k enter": 1,
        "home space": 1,
        "end enter": 3,
        "escape": None,
    }
    got = await answers(*((Choice("Model", options=MODELS, current=2), keys) for keys in wanted))
    assert dict(zip(wanted, got, strict=True)) == wanted


async def test_a_choice_of_nothing_can_only_be_closed() -> None:
    got = await answers(
        (Choice[int]("Model", "There is none.", options=[]), "enter"), (Choice[int]("Model", options=[]), "escape")
    )
    assert got == [NOTHING, None]


def check(text: str) -> str:
    return "" if text.isdigit() else "A whole number, please."


async def test_a_line_of_text_is_taken_when_it_is_right() -> None:
    wanted = {
        "2 enter": "2",
        "end 2 enter": "32",
        "x enter": NOTHING,
        "x enter backspace 4 enter": "4",
        "escape": None,
    }
    got = await answers(*((Prompt("Epochs", value="3", check=check), keys) for keys in wanted))
    assert dict(zip(wanted, got, strict=True)) == wanted


async def test_what_is_wrong_is_said_and_forgotten_when_one_types() -> None:
    app: ShellApp = shell_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.push_screen(Prompt("Epochs", "How often each example is trained on.", value="x", check=check))
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        golden(app, "prompt-80")
        await pilot.press("1")
        await pilot.pause()
        assert "A whole number, please." not in screen_text(app)


async def test_a_question_names_the_thing_and_the_price() -> None:
    app = shell_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.push_screen(confirm())
        await pilot.pause()
        golden(app, "confirm-80")


async def test_data_in_a_dialog_does_no_harm() -> None:
    app = shell_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for name, text in hostile.STRINGS.items():
            for dialog in (
                Confirm(text, text[:5000], yes=text),
                Choice(text, text[:5000], options=[(text, 1)]),
                Prompt(text, text[:5000], value=text[:50], check=lambda _, text=text: text[:200] or "wrong"),
            ):
                app.push_screen(dialog)
                await pilot.pause()
                if isinstance(dialog, Prompt):
                    await pilot.press("enter")
                    await pilot.pause()
                assert app.screen is dialog
                assert not set(screen_text(app)) & set("\x00\x07\x1b\x9b\r\u202e\u2028"), name
                await pilot.press("escape")
                await pilot.pause()
