"""The form of a new training job: model, epochs, name, validation file, and what it costs before it begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from fttui.core.text import one_line, safe
from fttui.dataset.reader import same_file
from fttui.jobs.objects import Job
from fttui.ui.job_estimate import Estimate, errors_remark, estimate, expected_seconds
from fttui.ui.job_text import clock
from fttui.ui.screens.dialogs import ChoiceList, Dialog
from fttui.ui.widgets.text_fields import Field

if TYPE_CHECKING:
    from fttui.jobs.request import JobRequest
    from fttui.ui.open_files import OpenFile
    from fttui.ui.services import Services

MOST_EPOCHS = 50
_METHODS = {"dpo": "dpo: pairs of a preferred answer and another"}
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class NewJob:
    """What the form was filled with."""

    model: str
    epochs: int | None
    suffix: str | None
    validation_path: Path | None
    estimate: Estimate
    method: str = "supervised"

    def request(self, training_path: Path) -> JobRequest:
        """The job to ask a provider for."""
        from fttui.jobs.request import JobRequest

        return JobRequest(
            model=self.model,
            training_path=training_path,
            validation_path=self.validation_path,
            epochs=self.epochs,
            suffix=self.suffix,
            seed=None,
            method=self.method,
        )

    def warning(self, file_name: str, profile: str) -> tuple[str, str]:
        """What a person should know before money is spent and data leaves the machine."""
        return (
            f"This sends {file_name} ({self.estimate.size}) to {profile} and trains {self.model} there.",
            f"{self.estimate.sentence} It cannot be undone.",
        )

    @property
    def verb(self) -> str:
        return f"Train for {self.estimate.price}" if self.estimate.price else "Train, price unknown"


class NewJobDialog(Dialog[NewJob]):
    """Dismissed with what to train, or None.

    Args:
        services: Models and prices.
        file: What is trained on.
        validation: The file that is offered for validation.
        past_jobs: Earlier jobs, to say how long it will take.
    """

    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]
    DEFAULT_CSS = """
    NewJobDialog {
        & > Vertical { width: 78; }
        .new-job--row { height: 1; margin-top: 1; }
        .new-job--row Label { width: 18; color: $text-muted; }
        .new-job--row Field { width: 1fr; margin-top: 0; }
        .new-job--row #epochs { width: 10; }
        .new-job--remark { width: 1fr; padding: 0 1; color: $text-muted; }
        ChoiceList, ChoiceList:focus { max-height: 6; margin-top: 0; border: none; }
        .new-job--price { height: auto; margin-top: 1; }
        .new-job--hint { height: 1; margin-top: 1; color: $text-muted; }
        &.-low {
            & > Vertical { max-height: 100%; }
            .new-job--row { margin-top: 0; }
            ChoiceList, ChoiceList:focus { max-height: 4; margin-bottom: 1; }
        }
    }
    """

    def __init__(
        self,
        services: Services,
        file: OpenFile,
        *,
        validation: Path | None = None,
        past_jobs: Sequence[Job] = (),
    ) -> None:
        super().__init__(f"Train on {one_line(file.title, 40)}")
        self._services = services
        self._file = file
        self._validation = validation
        self._past_jobs = past_jobs
        self._suffix = _NOT_IN_A_NAME.sub("-", file.path.stem).strip("-.")[:18]
        self._models: list[str] = []
        self._method = method_of_file(file)

    def body(self) -> ComposeResult:
        yield ChoiceList(id="models", markup=False)
        if self._method != "supervised":
            with Horizontal(classes="new-job--row"):
                yield Label("method")
                yield Static(_METHODS[self._method], classes="new-job--remark", markup=False)
        with Horizontal(classes="new-job--row"):
            yield Label("epochs")
            yield Field("auto", id="epochs", restrict="[0-9auto]*")
            yield Static(classes="new-job--remark", id="epochs-remark", markup=False)
        with Horizontal(classes="new-job--row"):
            yield Label("name")
            yield Field(self._suffix, id="suffix", max_length=64, placeholder="becomes part of the model's id")
        with Horizontal(classes="new-job--row"):
            yield Label("validation file")
            yield Field(
                str(self._validation or ""), id="validation", placeholder="a JSONL file of held-out examples, or empty"
            )
        yield Static(classes="new-job--price", markup=False)
        yield Static(classes="dialog--problem", markup=False)
        yield Static("enter trains   tab next field   esc back", classes="new-job--hint", markup=False)

    def on_mount(self) -> None:
        self.offer([])
        self.query_one(ChoiceList).focus()

    def offer(self, models: Sequence[str]) -> None:
        """Offer these models too; base models only, the chosen one stays chosen."""
        if not self.is_attached:
            return
        chosen = self._model
        known = (*models, *self._known_models()) if not self._services.profile.is_local or not models else models
        self._models = list(dict.fromkeys(model for model in known if model and ":ckpt-" not in model))
        options = self.query_one(ChoiceList)
        options.clear_options()
        options.add_options([Option(Content(one_line(model, 200))) for model in self._models])
        options.highlighted = self._models.index(chosen) if chosen in self._models else 0 if self._models else None
        self._show_price()

    def _known_models(self) -> tuple[str, ...]:
        own = (self._services.training_model,)
        if self._services.profile.is_local:
            return own
        from fttui.costs.prices import all_prices

        priced = [price.aliases[0] if price.aliases else price.model for price in all_prices() if price.training]
        return (*own, *(self._services.profile.models or priced))

    @property
    def _model(self) -> str:
        index = self.query_one(ChoiceList).highlighted
        return self._models[index] if index is not None and index < len(self._models) else ""

    def _epochs(self) -> int | None:
        """The chosen number, or None for the automatic rule.

        Raises:
            ValueError: The field holds something else.
        """
        text = self.query_one("#epochs", Field).value.strip().lower()
        if text in ("", "auto"):
            return None
        epochs = int(text)
        if not 1 <= epochs <= MOST_EPOCHS:
            raise ValueError(text)
        return epochs

    def _show_price(self) -> None:
        try:
            epochs = self._epochs()
        except ValueError:
            self._say(".new-job--price", "")
            self._say("#epochs-remark", f"auto, or a number from 1 to {MOST_EPOCHS}")
            return
        numbers = estimate(self._services, self._model, epochs, self._file, self._method)
        self._say("#epochs-remark", numbers.epochs_remark)
        seconds = expected_seconds(self._past_jobs, self._model, numbers.trained_tokens, self._method)
        length = f" About {clock(seconds)}, going by earlier jobs." if seconds is not None else ""
        wrong = errors_remark(self._file)
        self._say(".new-job--price", "\n".join(filter(None, (f"{numbers.sentence}{length}", wrong))))

    def _say(self, selector: str, text: str) -> None:
        self.query_one(selector, Static).update(Content(safe(text)))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_price()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._submit()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._say(".dialog--problem", "")
        if event.input.id == "epochs":
            self._show_price()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._submit()

    def _submit(self) -> None:
        try:
            epochs = self._epochs()
        except ValueError:
            self._refuse("epochs", f"Epochs: auto, or a number from 1 to {MOST_EPOCHS}.")
            return
        if not self._model:
            self._say(".dialog--problem", "There is no model to train: the provider lists none.")
            return
        named = self.query_one("#validation", Field).value.strip()
        validation = Path(named).expanduser() if named else None
        if validation is not None and not validation.is_file():
            self._refuse("validation", f"There is no file {named}.")
            return
        if validation is not None and same_file(validation, self._file.path):
            self._refuse(
                "validation", "That is the file that is trained on: it would only show what was learnt by heart."
            )
            return
        self.dismiss(
            NewJob(
                model=self._model,
                epochs=epochs,
                suffix=self.query_one("#suffix", Field).value.strip() or None,
                validation_path=validation,
                estimate=estimate(self._services, self._model, epochs, self._file, self._method),
                method=self._method,
            )
        )

    def _refuse(self, field: str, sentence: str) -> None:
        self._say(".dialog--problem", sentence)
        self.query_one(f"#{field}", Field).focus()


def method_of_file(file: OpenFile) -> str:
    """How a file is trained on: by what its first examples are."""
    from fttui.jobs.request import LOOKED_AT, method_for

    document = file.document
    parsed = (document.parsed(row) for row in range(min(LOOKED_AT, len(document))))
    return method_for(line.value for line in parsed if line.value is not None)
