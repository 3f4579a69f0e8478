"""Playground: one prompt, two models, both answers as they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Label, Static

from fttui.core.errors import FttuiError
from fttui.core.text import one_line
from fttui.formats.chat import Message, messages_of
from fttui.ui.handover import Handover, TryExample, TryModels
from fttui.ui.keys import bindings_for
from fttui.ui.model_choice import ListedModel, default_pair
from fttui.ui.model_list import listed_models
from fttui.ui.screens.base import FttuiScreen
from fttui.ui.screens.dialogs import Choice
from fttui.ui.tasks import task
from fttui.ui.widgets.answer_pane import AnswerPane
from fttui.ui.widgets.prompt_area import PromptArea
from fttui.ui.widgets.text_fields import Field

if TYPE_CHECKING:
    from fttui.playground.answer import Prompt

NO_TUNED = "No tuned model yet: 3 shows the jobs, n there trains the open file. m chooses any other model."


class PlaygroundScreen(FttuiScreen):
    """A system and a user prompt, and two panes of answers."""

    WHERE = "playground"
    HELP_TEXT = "One prompt goes to two models at once; their answers stream side by side."
    BINDINGS = bindings_for(WHERE)
    CSS_PATH = "playground.tcss"
    AUTO_FOCUS = "#playground-user"

    def __init__(self) -> None:
        super().__init__()
        self._models: list[ListedModel] = []
        self._expected = ""
        self._models_chosen = False

    def body(self) -> ComposeResult:
        with Vertical(id="playground"):
            with Horizontal(classes="playground--row"):
                yield Label("system", classes="playground--label")
                yield PromptArea(id="playground-system", placeholder="How the model should behave (may stay empty)")
            with Horizontal(classes="playground--row"):
                yield Label("user", classes="playground--label")
                yield PromptArea(id="playground-user", placeholder="What to ask; enter asks both models")
            with Horizontal(id="playground-settings"):
                yield Label("temperature")
                yield Field("0", id="playground-temperature", compact=True, restrict=r"[0-9.]*")
                yield Label("longest answer")
                yield Field("128", id="playground-max-tokens", compact=True, restrict=r"[0-9]*")
                yield Label("tokens   seed")
                yield Field("", id="playground-seed", compact=True, restrict=r"[0-9]*", placeholder="any")
            yield Static(id="playground-expected", markup=False)
            with Horizontal(id="playground-answers"):
                yield AnswerPane(role="base", id="playground-left")
                yield AnswerPane(role="tuned", id="playground-right")

    def on_mount(self) -> None:
        self._begin_as_trained()
        self._load_models()

    def _begin_as_trained(self) -> None:
        """Begin with the system text of the open file's first example: a tuned model is asked as it was trained."""
        document = self.services.document
        record = document.parsed(0).value if document is not None and len(document) else None
        if record is not None:
            self.query_one("#playground-system", PromptArea).prompt = system_text(messages_of(record))

    # --- models ---

    @property
    def _panes(self) -> tuple[AnswerPane, AnswerPane]:
        return self.query_one("#playground-left", AnswerPane), self.query_one("#playground-right", AnswerPane)

    @task(group="models")
    async def _load_models(self, *, choose_for: AnswerPane | None = None) -> None:
        """Ask the provider for its models; fill the panes that have none."""
        try:
            with self.app.works.running("Asking for the models") as work:
                self._models = await listed_models(self.services, lambda text: work.advance(0, detail=text))
        except FttuiError as error:
            self._show_problem(str(error))
            return
        self._fill_panes()
        if choose_for is not None:
            self._choose(choose_for)

    def _fill_panes(self) -> None:
        base, tuned = default_pair(self._models, self.services.training_model)
        left, right = self._panes
        if not self._models_chosen:
            left.model, right.model = base or left.model, tuned or right.model
        if not right.model:
            right.stream.clear(NO_TUNED)

    def _show_problem(self, sentence: str) -> None:
        for pane in self._panes:
            if not pane.is_answering and not pane.stream.text:
                pane.stream.clear(f"✖ {one_line(sentence)} r tries again.")

    def receive(self, handover: Handover) -> None:
        if isinstance(handover, TryModels):
            self._take_models(handover.models)
        elif isinstance(handover, TryExample):
            self._take_example(handover)

    def _take_models(self, models: tuple[str, ...]) -> None:
        """Show these models: one alone is compared with its base."""
        if len(models) == 1:
            models = (ListedModel(models[0]).base, models[0])
        for pane, model in zip(self._panes, models, strict=False):
            pane.model = model
        self._models_chosen = True
        self._load_models()
        self.query_one("#playground-user").focus()

    def _take_example(self, example: TryExample) -> None:
        """Put the example's system text and its last question into the prompt; its answer is what is expected."""
        messages = messages_of(example.record)
        answers = [index for index, message in enumerate(messages) if message.role == "assistant"]
        before = messages[: answers[-1]] if answers else messages
        questions = [message.text for message in before if message.role == "user"]
        self.query_one("#playground-system", PromptArea).prompt = system_text(before)
        self.query_one("#playground-user", PromptArea).prompt = questions[-1] if questions else ""
        self._expected = messages[answers[-1]].text if answers else ""
        turns = " (its last question alone, without the turns before)" if len(questions) > 1 else ""
        shown = f"expected, example {example.row + 1}{turns}: {one_line(self._expected)}"
        expected = self.query_one("#playground-expected", Static)
        expected.update(Content(shown))
        expected.set_class(bool(self._expected), "-shown")
        self.query_one("#playground-user").focus()

    # --- actions ---

    def action_run(self) -> None:
        """Ask, after the keys that were pressed before this one: they may still wait in the focused field."""
        (self.focused or self).call_later(self._ask_both)

    def _ask_both(self) -> None:
        prompt = self._prompt()
        if prompt is None:
            return
        panes = [pane for pane in self._panes if pane.model]
        if not panes:
            self.notify("There is no model to ask yet: m chooses one.", markup=False)
            return
        for pane in panes:
            pane.ask(self.services, prompt)

    def action_stop(self) -> None:
        running = [pane for pane in self._panes if pane.is_answering]
        for pane in running:
            pane.stop()
        if not running:
            self._panes[0].stream.focus()

    def action_newline(self) -> None:
        if isinstance(self.focused, PromptArea):
            self.focused.call_later(self.focused.insert, "\n")  # behind the letters that still wait

    def action_edit_prompt(self) -> None:
        self.query_one("#playground-user").focus()

    def action_edit_settings(self) -> None:
        self.query_one("#playground-temperature").focus()

    def action_swap(self) -> None:
        left, right = self._panes
        left.model, right.model = right.model, left.model
        self._models_chosen = True

    def action_refresh(self) -> None:
        self._load_models()

    def action_model(self) -> None:
        if self._models:
            self._choose(self._focused_pane())
        else:
            self._load_models(choose_for=self._focused_pane())

    def _choose(self, pane: AnswerPane) -> None:
        if not self._models:
            self.notify("The provider lists no model yet; r asks again.", markup=False)
            return

        def chosen(model: str | None) -> None:
            if model:
                self._models_chosen = True
                pane.model = model

        options = [(f"{model.id}  {_remark(model)}", model.id) for model in self._models]
        self.app.push_screen(Choice(f"Model of the {pane.role} pane", options=options, current=pane.model), chosen)

    def _focused_pane(self) -> AnswerPane:
        """The pane with the focus; the tuned one when the focus is elsewhere."""
        left, right = self._panes
        return left if left.has_focus_within else right

    # --- answers ---

    @on(AnswerPane.Finished)
    def _compare(self) -> None:
        """Say whether the two answers differ, when both are there."""
        answers = [pane.answer for pane in self._panes]
        if any(pane.is_answering for pane in self._panes) or any(a is None or a.error for a in answers):
            return
        texts = [a.text.strip() for a in answers if a is not None]
        for pane in self._panes[1:]:
            pane.mark_difference(texts[0] != texts[1])

    def _prompt(self) -> Prompt | None:
        """The prompt as it is to be sent; None after the person was told what is wrong with it."""
        from fttui.playground.answer import Prompt

        user = self.query_one("#playground-user", PromptArea).prompt
        if not user.strip():
            self.notify("There is nothing to ask yet: write the question first.", markup=False)
            self.query_one("#playground-user").focus()
            return None
        temperature = self._number("temperature", "The temperature is a number from 0 to 2.", 0, 2)
        longest = self._number("max-tokens", "The longest answer is a number of tokens from 1.", 1, 1_000_000)
        seed = self._number("seed", "The seed is a whole number, or empty.", 0, 2**31 - 1, may_be_empty=True)
        if temperature is None or longest is None or seed is None:
            return None
        return Prompt(
            system=self.query_one("#playground-system", PromptArea).prompt,
            user=user,
            temperature=temperature,
            max_tokens=int(longest),
            seed=int(seed) if seed >= 0 else None,
        )

    def _number(self, name: str, sentence: str, low: float, high: float, *, may_be_empty: bool = False) -> float | None:
        """The number in an input; -1 for an empty one that may be empty, None after a word about a wrong one."""
        box = self.query_one(f"#playground-{name}", Field)
        text = box.value.strip()
        if not text and may_be_empty:
            return -1
        try:
            value = float(text)
        except ValueError:
            value = -2
        if low <= value <= high:
            return value
        self.notify(sentence, severity="warning", markup=False)
        box.focus()
        return None


def _remark(model: ListedModel) -> str:
    return "checkpoint" if model.is_checkpoint else "tuned" if model.is_tuned else "base"


def system_text(messages: Sequence[Message]) -> str:
    """What the model is told before the conversation; empty when nothing is."""
    return "\n\n".join(message.text for message in messages if message.role in ("system", "developer"))
