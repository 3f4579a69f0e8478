"""The numbers of the meter while a file is counted, when it cannot be, and for another model."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from fttui.core.errors import FttuiError
from fttui.core.settings import CostSettings, Settings
from fttui.dataset.document import Document
from fttui.providers.profiles import Profile
from fttui.ui.numbers import Counting, three_figures
from fttui.ui.services import LOCAL_MODEL, Services
from fttui.ui.widgets.meter import ESTIMATE, ESTIMATING
from fttui.ui.works import Works

LOCAL = Profile("local", is_local=True)
EXAMPLE = {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]}


class Bench:
    """A file and what counts it."""

    def __init__(self, path: Path, settings: Settings | None = None, profile: Profile = LOCAL) -> None:
        self.services = Services(settings or Settings(), profile, document=Document.open(path))
        self.works = Works(on_change=lambda: None)
        self.errors: list[Exception] = []
        self.counting = Counting(self.services, self.works, lambda: None, self.errors.append)

    def count(self) -> None:
        self.counting.read()
        assert self.services.totals is not None
        assert self.services.totals.wait(20)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "f.jsonl"
    path.write_text((json.dumps(EXAMPLE) + "\n") * 4 + "broken\n", encoding="utf-8")
    return path


def test_before_the_count_there_is_no_price(file: Path) -> None:
    numbers = Bench(file).counting.numbers()
    assert numbers is not None
    assert (numbers.examples, numbers.state, numbers.amount) == (5, ESTIMATING, None)


def test_a_counted_file_is_exact_and_priced(file: Path) -> None:
    bench = Bench(file)
    try:
        bench.count()
        numbers = bench.counting.numbers()
        assert numbers is not None
        assert (numbers.examples, numbers.broken, numbers.tokens, numbers.epochs) == (4, 1, 52, 25)
        assert numbers.amount == Decimal(52 * 25) * 5 / 1_000_000
        assert (numbers.state, numbers.is_free, numbers.currency) == ("", False, "USD")
        assert bench.works.waiting_s is None
        assert bench.works.shown is None
    finally:
        bench.counting.stop()


def test_another_currency_and_chosen_epochs(file: Path) -> None:
    bench = Bench(file, Settings(cost=CostSettings(currency="JPY", rate=Decimal(150))))
    bench.services.epochs = 2
    try:
        bench.count()
        numbers = bench.counting.numbers()
        assert numbers is not None
        assert (numbers.currency, numbers.epochs) == ("JPY", 2)
        assert numbers.amount == Decimal(52 * 2) * 5 * 150 / 1_000_000
    finally:
        bench.counting.stop()


def test_a_model_with_a_vocabulary_of_its_own_is_an_estimate_and_local_ones_are_free(file: Path) -> None:
    bench = Bench(file)
    bench.services.model = LOCAL_MODEL
    try:
        bench.count()
        numbers = bench.counting.numbers()
        assert numbers is not None
        assert (numbers.state, numbers.is_free, numbers.amount) == (ESTIMATE, True, Decimal(0))
    finally:
        bench.counting.stop()


def test_a_model_with_the_same_vocabulary_is_not_counted_again(file: Path) -> None:
    bench = Bench(file)
    try:
        bench.count()
        first = bench.services.totals
        bench.services.model = "gpt-4.1"
        bench.counting.count()
        assert bench.services.totals is first
        bench.services.model = "gpt-3.5-turbo-0125"
        bench.counting.count()
        assert bench.services.totals is not first
    finally:
        bench.counting.stop()


def test_an_unknown_model_has_no_price(file: Path) -> None:
    bench = Bench(file)
    bench.services.model = "nobody-knows-7b"
    try:
        bench.count()
        numbers = bench.counting.numbers()
        assert numbers is not None
        assert (numbers.amount, numbers.is_free) == (None, False)
    finally:
        bench.counting.stop()


def test_broken_prices_of_the_user_are_a_problem_and_not_a_crash(file: Path, fttui_home: Path) -> None:
    prices = fttui_home / "config" / "prices.toml"
    prices.parent.mkdir(parents=True)
    prices.write_text("models = 3", encoding="utf-8")
    bench = Bench(file)
    try:
        bench.count()
        numbers = bench.counting.numbers()
        assert numbers is not None
        assert numbers.amount is None
        assert bench.counting.numbers() == numbers
        assert len(bench.counting.problems) == 1
        assert str(prices) in bench.counting.problems[0]
    finally:
        bench.counting.stop()


def test_giving_up_keeps_what_was_counted_and_leaves_no_work(file: Path) -> None:
    bench = Bench(file)
    bench.counting.count()
    bench.works.cancel_newest()
    assert bench.works.cancel_newest() is None
    assert bench.counting.numbers() is not None
    bench.counting.stop()


def test_a_failure_to_count_is_told_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fttui.tokens.live import LiveTotals

    bench = Bench(file)
    bench.counting.count()
    totals = bench.services.totals
    assert isinstance(totals, LiveTotals)
    bench.counting.stop()
    assert bench.errors == []
    monkeypatch.setattr(totals, "error", FttuiError("The process died."))
    file_open = bench.services.files.active
    assert file_open is not None
    bench.counting._begin_work(file_open)
    bench.counting._counted(file_open)
    bench.counting._counted(file_open)
    assert [str(error) for error in bench.errors] == ["The process died."]


def test_the_model_of_the_meter_and_the_model_that_is_trained(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Services(Settings(), LOCAL).model == "gpt-4.1-mini"
    assert Services(Settings(), LOCAL).training_model == LOCAL_MODEL
    monkeypatch.setenv("FTTUI_WEIGHTS", "/else.gguf")
    assert Services(Settings(), LOCAL).training_model == ""
    hosted = Profile("work", is_local=False, models=("a", "b"))
    assert Services(Settings(), hosted).model == Services(Settings(), hosted).training_model == "a"


@pytest.mark.parametrize(("number", "rounded"), [(32_682_016, 32_700_000), (999, 999), (1_004.6, 1_000), (0, 0)])
def test_an_estimate_has_three_figures(number: float, rounded: int) -> None:
    assert three_figures(number) == rounded
