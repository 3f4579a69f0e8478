"""The numbers of the meter: counted in the background, right after each edit, and while one types."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from fttui.core.errors import SettingsError
from fttui.ui.open_files import OpenFile
from fttui.ui.services import Services
from fttui.ui.widgets.meter import ESTIMATE, ESTIMATING, MeterNumbers
from fttui.ui.works import Work, Works

if TYPE_CHECKING:
    from fttui.costs.prices import ModelPrice
    from fttui.tokens.live import LiveTotals

_PARTS = 1000
"""Counting is shown in thousandths of the file."""


class _Counted(NamedTuple):
    examples: int
    broken: int
    billable: int
    state: str


class Counting:
    """Reads the open files to their ends, has them counted for the priced model, and says what the meter shows.

    The file that is shown comes first, then the one that is trained on; others wait until they are shown.

    Args:
        services: Whose files are counted; ``totals`` of each file is set here.
        works: Where reading and counting show how far they are.
        on_change: Called, from any thread, when there are new numbers.
        on_error: Called, from any thread, when the file cannot be counted.
    """

    def __init__(
        self,
        services: Services,
        works: Works,
        on_change: Callable[[], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._services = services
        self._works = works
        self._on_change = on_change
        self._on_error = on_error
        self._work: tuple[OpenFile, Work] | None = None
        self._stopped = threading.Event()
        self._beginning = threading.Lock()
        self._prices: dict[str, ModelPrice | None] = {}
        self.problems: list[str] = []
        """What was wrong with the user's prices."""

    def read(self) -> None:
        """Begin to count, and find all rows of the file that is shown; takes long, in a thread of its own.

        Raises:
            InputError: The disk failed.
        """
        file = self._services.files.active
        if file is None:
            return
        self.count()
        self.index(file)

    def index(self, file: OpenFile) -> None:
        """Find all rows of a file; takes long, in a thread of its own.

        Raises:
            InputError: The disk failed.
        """
        document = file.document
        if document.is_indexed:
            return
        with self._works.running(f"Reading {file.title}", total=document.size) as work:

            def progress(done: int) -> None:
                work.advance(done)
                self._on_change()

            document.build_index(cancel=self.is_stopped, on_progress=progress)
        self._on_change()

    def waiting(self) -> OpenFile | None:
        """The file that is to be counted next although it is not shown: the one that is trained on."""
        shown, training = self._services.files.active, self._services.training_file
        if self._work is not None or self._stopped.is_set() or training is None or training is shown:
            return None
        if shown is None or shown.totals is None or self._is_counted(training):
            return None
        return training

    def _is_counted(self, file: OpenFile) -> bool:
        """Whether the file has counts that are right for the priced model, or somebody stopped them."""
        from fttui.tokens.models import rule_for

        rule, totals = rule_for(self._services.model), file.totals
        return totals is not None and (totals.rule.encoding, totals.rule.limit) == (rule.encoding, rule.limit)

    def count(self) -> None:
        """Count the file that is shown; returns at once."""
        file = self._services.files.active
        if file is not None:
            self.count_file(file)

    def count_file(self, file: OpenFile) -> None:
        """Count with the vocabulary of the priced model, unless that is done already; returns at once."""
        from fttui.tokens.live import LiveTotals
        from fttui.tokens.models import rule_for

        with self._beginning:
            if self._stopped.is_set() or self._is_counted(file):
                return
            if file.totals is not None:
                file.totals.close()
            self._begin_work(file)
            file.totals = LiveTotals(file.document, rule_for(self._services.model), partial(self._counted, file))
        self._counted(file)  # a small file may be done before it was noted here

    def forget(self, file: OpenFile) -> None:
        """Stop counting a file, and let go of its counts: it is closed, or is to be counted anew."""
        with self._beginning:
            totals, file.totals = file.totals, None
            if totals is not None:
                totals.close()
            if self._work is not None and self._work[0] is file:
                self._end_work()

    def _begin_work(self, file: OpenFile) -> None:
        self._end_work()
        self._work = (file, self._works.begin("Counting tokens", total=_PARTS, cancel=self._give_up))

    def _end_work(self) -> None:
        begun, self._work = self._work, None
        if begun is not None:
            self._works.end(begun[1])

    def _counted(self, file: OpenFile) -> None:
        """New counts came in; called from a thread of `LiveTotals`."""
        totals, begun = file.totals, self._work
        if totals is not None and begun is not None and begun[0] is file:
            begun[1].advance(int(totals.progress * _PARTS))
            if totals.progress >= 1 or totals.error is not None:
                self._end_work()
                if totals.error is not None:
                    self._on_error(totals.error)
        self._on_change()

    def _give_up(self) -> None:
        """Stop counting; what was counted stays, as an estimate of the whole."""
        if self._work is not None and self._work[0].totals is not None:
            self._work[0].totals.close()
        self._end_work()

    def is_stopped(self) -> bool:
        """Whether the app ends, so that nothing long should go on."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End what is being read and counted; no process is left."""
        self._stopped.set()
        with self._beginning:
            for file in self._services.files:
                if file.totals is not None:
                    file.totals.close()
            self._end_work()

    @property
    def unsaved(self) -> int:
        """Number of rows of the shown file that differ from the one on disk."""
        file = self._services.files.active
        return file.unsaved if file is not None else 0

    def draft(self, row: int, record: Mapping[str, Any] | None) -> None:
        """Count ``record`` in place of ``row`` while it is typed; None when the typing ended."""
        if self._services.totals is not None:
            self._services.totals.draft(row, record)

    def numbers(self) -> MeterNumbers | None:
        """What the meter shows; None when no file is open."""
        file = self._services.files.active
        if file is None:
            return None
        if file.role == "training":
            return self._priced(file)
        training = self._services.training_file
        counted = _counted(file.totals, len(file.document))
        return MeterNumbers(
            examples=counted.examples,
            broken=counted.broken,
            tokens=counted.billable,
            state=counted.state,
            role=file.role,
            training=self._priced(training) if training is not None else None,
            errors=file.checks.errors if file.checks is not None else None,
            warnings=file.checks.warnings if file.checks is not None else 0,
        )

    def _priced(self, file: OpenFile) -> MeterNumbers:
        counted = _counted(file.totals, len(file.document))
        model = self._services.model
        errors = file.checks.errors if file.checks is not None else None
        warnings = file.checks.warnings if file.checks is not None else 0
        if counted.state == ESTIMATING:  # nothing to price yet; the first paint does not wait for the price table
            return MeterNumbers(counted.examples, 0, 0, state=ESTIMATING, model=model, errors=errors, warnings=warnings)
        from fttui.costs.training import training_cost

        price = self._price(model)
        training = training_cost(counted.billable, counted.examples, self._services.epochs, price)
        cost = self._services.settings.cost
        return MeterNumbers(
            examples=counted.examples,
            broken=counted.broken,
            tokens=counted.billable,
            epochs=training.epochs,
            model=model,
            amount=training.usd * cost.rate if training.usd is not None else None,
            currency=cost.currency,
            price_as_of=training.price_as_of,
            is_free=price is not None and price.is_local,
            state=counted.state,
            errors=errors,
            warnings=warnings,
        )

    def _price(self, model: str) -> ModelPrice | None:
        """The model's row of the price table, looked up once; a broken file of the user's is noted once."""
        if model not in self._prices:
            from fttui.costs.prices import price_for

            try:
                self._prices[model] = price_for(model)
            except SettingsError as error:
                self._prices[model] = None
                self.problems.append(str(error))
        return self._prices[model]


def _counted(totals: LiveTotals | None, rows: int) -> _Counted:
    """The numbers so far; while the file is being counted, what the counted part says about the whole."""
    if totals is None:
        return _Counted(rows, 0, 0, ESTIMATING)
    sums, progress = totals.sums, totals.progress
    if progress >= 1:
        return _Counted(sums.examples, sums.broken, sums.billable, "" if totals.rule.exact else ESTIMATE)
    if progress <= 0:
        return _Counted(rows, 0, 0, ESTIMATING)
    return _Counted(rows - sums.broken, sums.broken, three_figures(sums.billable / progress), ESTIMATE)


def three_figures(number: float) -> int:
    """An estimate without the figures that it does not know: 32,682,016 → 32,700,000."""
    whole = round(number)
    return round(whole, min(0, 3 - len(str(whole))))
