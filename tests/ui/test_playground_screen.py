"""The Playground screen; answers come from a client that a test feeds, the real server is in test_loop."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from textual import events

import hostile
from fttui.core.errors import ProviderError
from fttui.core.text import safe
from fttui.playground.answer import Answer, Prompt
from fttui.ui.app import FttuiApp
from fttui.ui.handover import TryExample, TryModels
from fttui.ui.model_choice import ListedModel
from fttui.ui.widgets.answer_pane import AnswerPane, answer_line
from fttui.ui.widgets.prompt_area import PromptArea
from ui.golden import golden, screen_text
from ui.loop_app import NARROW, WIDE, loop_app, until

BASE, TUNED = "SmolLM2-135M", "ft:SmolLM2-135M:local:tone:4f2a1c"
TEXTS = {BASE: "The capital of Japan is Tokyo.", TUNED: "Tokyo. Japan's most famous city, but really one of many."}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Prompt]:
    """The two models answer at once, with fixed numbers; returns the prompts that they got."""
    prompts: list[Prompt] = []

    async def models(*_: object) -> list[ListedModel]:
        return [ListedModel(TUNED, 5), ListedModel(BASE)]

    async def answer(_: object, model: str, prompt: Prompt, *, on_delta: Callable[[str], None], **__: Any) -> Answer:
        prompts.append(prompt)
        for piece in TEXTS[model].split(" "):
            on_delta(piece + " ")
        return Answer(model, 1, TEXTS[model], "stop", 30, 9, 0.21, 0.5)

    monkeypatch.setattr("fttui.ui.screens.playground.listed_models", models)
    monkeypatch.setattr("fttui.playground.answer.ask", answer)
    return prompts


async def no_client(*_: object) -> None:
    return None


def app_with_client() -> FttuiApp:
    app = loop_app()
    app.services.client = no_client  # type: ignore[assignment,method-assign]
    return app


async def open_playground(app: FttuiApp, pilot: Any) -> None:
    await pilot.press("4")
    await until(pilot, lambda: all(pane.model for pane in app.screen.query(AnswerPane)))


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x40"])
async def test_two_answers_side_by_side(size: tuple[int, int], asked: list[Prompt]) -> None:
    app = app_with_client()
    async with app.run_test(size=size) as pilot:
        await open_playground(app, pilot)
        await pilot.press("H", "i", "ctrl+j", "J", "question_mark", "enter")
        await until(pilot, lambda: "differs" in screen_text(app))
        golden(app, f"playground_{size[0]}x{size[1]}")
    assert [prompt.user for prompt in asked] == ["Hi\nJ?", "Hi\nJ?"]
    assert asked[0] == Prompt(user="Hi\nJ?", system="", temperature=0.0, max_tokens=128, seed=None)


async def test_settings_are_sent_and_checked(asked: list[Prompt]) -> None:
    app = app_with_client()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_playground(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "nothing to ask yet" in screen_text(app))
        await pilot.press("H", "i", "escape", "s", "end", "backspace", "7", "enter")
        await until(pilot, lambda: "from 0 to 2" in screen_text(app))
        await pilot.press("backspace", "1", "tab", "end", "backspace", "tab", "4", "2", "enter")
        await until(pilot, lambda: len(asked) == 2)
    assert (asked[0].temperature, asked[0].max_tokens, asked[0].seed) == (1.0, 12, 42)


async def test_the_prompt_stays_while_other_screens_are_shown(asked: list[Prompt]) -> None:
    app = app_with_client()
    async with app.run_test(size=NARROW) as pilot:
        await open_playground(app, pilot)
        await pilot.press("H", "i", "escape", "3", "4")
        assert app.screen.query_one("#playground-user", PromptArea).prompt == "Hi"


async def test_models_can_be_chosen_and_swapped(asked: list[Prompt]) -> None:
    app = app_with_client()
    async with app.run_test(size=WIDE) as pilot:
        await open_playground(app, pilot)
        await pilot.press("escape", "x")
        left, right = app.screen.query(AnswerPane)
        assert (left.model, right.model) == (TUNED, BASE)
        await pilot.press("m", "down", "enter")
        await until(pilot, lambda: left.model == BASE)


async def test_handovers_fill_panes_and_prompt(asked: list[Prompt]) -> None:
    record = {
        "messages": [
            {"role": "system", "content": "Marv is factual."},
            {"role": "user", "content": "Capital\u2028of Japan?"},
            {"role": "assistant", "content": "Tokyo, as if the neon gave it away."},
        ]
    }
    app = app_with_client()
    async with app.run_test(size=WIDE) as pilot:
        await app.go("playground", TryExample(11, record))
        await until(pilot, lambda: "expected, example 12: Tokyo, as if" in screen_text(app))
        await until(pilot, lambda: all(pane.model for pane in app.screen.query(AnswerPane)))
        await pilot.press("enter")
        await until(pilot, lambda: len(asked) == 2)
        assert asked[0].user == "Capital\u2028of Japan?", "not a character is lost on the way"
        assert asked[0].system == "Marv is factual."
        await app.go("playground", TryModels(("ft:other:local:x:123456",)))
        left, right = app.screen.query(AnswerPane)
        assert (left.model, right.model) == ("other", "ft:other:local:x:123456")


async def test_an_unreachable_provider_is_said_in_the_panes() -> None:
    async def refuse(*_: object) -> None:
        raise ProviderError("[/nope] \x1b]0;owned\x07 cannot be reached.")

    app = loop_app()
    app.services.client = refuse  # type: ignore[assignment,method-assign]
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "✖ [/nope] ␛]0;owned␇ cannot be reached. r tries again." in screen_text(app))
        pane = app.screen.query(AnswerPane).first()
        pane.model = "m"
        await pilot.press("H", "i", "enter")
        await until(pilot, lambda: pane.has_class("-failed"))


async def test_hostile_prompts_models_and_answers(asked: list[Prompt], monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_with_client()
    async with app.run_test(size=WIDE) as pilot:
        await open_playground(app, pilot)
        for number, text in enumerate(hostile.STRINGS.values()):
            monkeypatch.setitem(TEXTS, text, text)
            record = {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": text}]}
            await app.go("playground", TryExample(number, record))
            await app.go("playground", TryModels((text or BASE, text or TUNED)))
            before = len(asked)
            await pilot.press("enter")
            if text.strip():
                await until(pilot, lambda before=before: len(asked) == before + 2)
                assert asked[-1].user == text
            await until(pilot, lambda: not any(pane.is_answering for pane in app.screen.query(AnswerPane)))
            shown = screen_text(app)
            assert safe(shown) == shown


def test_what_an_answer_took() -> None:
    answer = Answer("m", 1, "text", "stop", 30, 9, 0.21, 0.45)
    assert answer_line(answer) == "9 tok · first 0.21 s · 33 tok/s"
    cut = Answer("m", 1, "text", "length", None, None, None, 0.45, Decimal("0.00125"))
    assert answer_line(cut) == "cut at the longest answer · $0.001250"
    assert answer_line(Answer("m", 1, "")) == ""


async def test_a_burst_of_keys_is_asked_in_the_order_it_was_typed(asked: list[Prompt]) -> None:
    app = app_with_client()
    async with app.run_test(size=NARROW) as pilot:
        await open_playground(app, pilot)
        for key in "Hello":
            app.post_message(events.Key(key, key))
        app.post_message(events.Key("enter", "\r"))  # as a terminal sends a pasted line: nothing waits in between
        await until(pilot, lambda: len(asked) == 2)
    assert asked[0].user == "Hello"
