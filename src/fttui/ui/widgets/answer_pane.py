"""One answer of the playground: the model's name, the text as it streams, and what it took."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from fttui.core.errors import FttuiError
from fttui.core.text import one_line
from fttui.ui.tasks import task
from fttui.ui.widgets.stream_pane import StreamPane

if TYPE_CHECKING:
    from fttui.playground.answer import Answer, Prompt
    from fttui.ui.services import Services

NO_MODEL = "No model here. m chooses one."


class AnswerPane(Vertical):
    """A model and its answer."""

    DEFAULT_CSS = """
    AnswerPane {
        height: 1fr;
        width: 1fr;
        .answer-pane--title { height: 1; padding: 0 1; color: $text-muted; text-style: bold; background: $surface; }
        .answer-pane--stats { height: 1; padding: 0 1; color: $text-muted; }
        StreamPane { padding: 0 1; }
        &:focus-within .answer-pane--title { color: $text-accent; }
        &.-failed .answer-pane--stats { color: $issue-error; }
        &.-differs .answer-pane--stats { color: $text-accent; }
    }
    """

    model: reactive[str] = reactive("", init=False)

    class Progress(Message):
        """What is being waited for, in words; may be posted from a thread."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, AnswerPane.Progress)

    class Finished(Message):
        """The answer is complete, stopped or failed."""

        def __init__(self, pane: AnswerPane) -> None:
            super().__init__()
            self.pane = pane

        @property
        def control(self) -> AnswerPane:
            return self.pane

    def __init__(self, *, role: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.role = role
        self.answer: Answer | None = None
        self.is_answering = False

    def compose(self) -> ComposeResult:
        yield Static(classes="answer-pane--title", markup=False)
        yield StreamPane(empty=NO_MODEL)
        yield Static(classes="answer-pane--stats", markup=False)

    def on_mount(self) -> None:
        self._show_title()

    @property
    def stream(self) -> StreamPane:
        return self.query_one(StreamPane)

    def watch_model(self) -> None:
        self.answer = None
        self._show_title()
        self.stream.clear("enter asks it." if self.model else NO_MODEL)
        self._show_stats("")

    @task(group="ask")
    async def ask(self, services: Services, prompt: Prompt) -> None:
        """Ask the pane's model; the answer streams in. Cancelling the worker keeps what has come."""
        from fttui.costs.calls import call_price, no_price
        from fttui.playground import answer as playground

        price = no_price if services.profile.is_local else call_price
        self._begin()
        try:
            client = await services.client(self._on_progress)
            answer = await playground.ask(client, self.model, prompt, on_delta=self._on_delta, price=price)
        except asyncio.CancelledError:
            self._end("stopped")
            raise
        except FttuiError as error:
            self._end(f"✖ {one_line(str(error))}", failed=True)
            return
        except Exception:
            self._end("✖ no answer: something went wrong inside fttui", failed=True)
            raise
        self.answer = answer
        if answer.error:
            self._end(f"✖ {one_line(str(answer.error))}", failed=True)
        else:
            self._end(answer_line(answer))

    def stop(self) -> None:
        """Stop the answer; what has come stays."""
        self.workers.cancel_group(self, "ask")

    def mark_difference(self, differs: bool) -> None:
        """Say whether this answer differs from the other pane's."""
        self.set_class(differs, "-differs")
        if self.answer is not None and not self.answer.error:
            self._show_stats(f"{answer_line(self.answer)} · {'differs' if differs else 'same'}")

    def on_answer_pane_progress(self, message: Progress) -> None:
        message.stop()
        if self.is_answering and self.stream.is_empty:
            self._show_stats(one_line(message.text))

    def _begin(self) -> None:
        self.answer = None
        self.is_answering = True
        self.remove_class("-failed", "-differs")
        self.stream.clear("…")
        self._show_stats("waiting for the first token")

    def _end(self, stats: str, *, failed: bool = False) -> None:
        self.is_answering = False
        self.stream.flush()
        if self.stream.is_empty:
            self.stream.clear("(an empty answer)" if not failed else "")
        self.set_class(failed, "-failed")
        self._show_stats(stats)
        self.post_message(self.Finished(self))

    def _on_progress(self, text: str) -> None:
        self.post_message(self.Progress(text))

    def _on_delta(self, piece: str) -> None:
        if self.stream.is_empty:
            self._show_stats("answering")
        self.stream.append(piece)

    def _show_title(self) -> None:
        self.query_one(".answer-pane--title", Static).update(
            Content(f"{self.role}: {one_line(self.model, 200) or 'no model'}")
        )

    def _show_stats(self, text: str) -> None:
        self.query_one(".answer-pane--stats", Static).update(Content(text))


def answer_line(answer: Answer) -> str:
    """What an answer took: ``9 tok · first 0.21 s · 33 tok/s``; numbers that are not known are left out."""
    parts = []
    if answer.completion_tokens is not None:
        parts.append(f"{answer.completion_tokens:,} tok")
    if answer.ttft_s is not None:
        parts.append(f"first {answer.ttft_s:.2f} s")
    if answer.completion_tokens and answer.completion_tokens > 1 and answer.ttft_s is not None and answer.total_s:
        seconds = answer.total_s - answer.ttft_s
        if seconds > 0:
            parts.append(f"{(answer.completion_tokens - 1) / seconds:.0f} tok/s")
    if answer.finish_reason == "length":
        parts.append("cut at the longest answer")
    if answer.cost_usd:
        parts.append(f"${answer.cost_usd:.6f}")
    return " · ".join(parts)
