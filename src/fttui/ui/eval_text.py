"""How an evaluation reads: which rows are asked, how each model did, which rows failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fttui.core.text import one_line
from fttui.evals.exact import Case, Cell, Outcome, case_of
from fttui.ui.model_choice import ListedModel
from fttui.ui.widgets.table_list import Cell as TableCell
from fttui.ui.widgets.table_list import Column, TableRow

if TYPE_CHECKING:
    from fttui.dataset.document import Document

MOST_CASES = 200
CELL_COLUMNS = (
    Column("model"),
    Column("passed", 9, right=True),
    Column("rate", 6, right=True),
    Column("95 % interval", 15),
    Column("errors", 6, right=True),
)
FAILING_COLUMNS = (Column("line", 6, right=True), Column("model", 14), Column("expected", 18), Column("answer"))


@dataclass(frozen=True, slots=True)
class TestRows:
    """What is asked.

    Attributes:
        name: The file.
        cases: At most 200.
        rows: Rows of the file.
        is_open_file: Whether it is the file on the Examples screen.
    """

    name: str
    cases: tuple[Case, ...]
    rows: int
    is_open_file: bool

    @property
    def sentence(self) -> str:
        """What is asked, and what is left out."""
        left = self.rows - len(self.cases)
        text = f"{len(self.cases):,} rows of {one_line(self.name, 60)}"
        if left <= 0:
            return text
        if len(self.cases) == MOST_CASES:
            return f"the first {MOST_CASES} rows of {one_line(self.name, 60)}, which has {self.rows:,}"
        return f"{text}; {left:,} others are not one question with one answer"


def test_rows(document: Document, *, is_open_file: bool) -> TestRows:
    """The first 200 rows that can be scored; takes long for a big file without any, so in a thread."""
    cases: list[Case] = []
    for row in range(len(document)):
        record = document.parsed(row).value
        case = case_of(row, record) if isinstance(record, dict) else None
        if case is not None:
            cases.append(case)
        if len(cases) == MOST_CASES or row > 100 * MOST_CASES:
            break
    return TestRows(document.path.name, tuple(cases), len(document), is_open_file)


def sample_test_for(path: Path) -> Path | None:
    """The held-out rows that belong to an open sample file, by its name; None for a file of the user's own."""
    import tomllib
    from importlib.resources import files

    folder = files("fttui.samples")
    catalog = tomllib.loads(folder.joinpath("catalog.toml").read_text("utf-8"))
    for entry in catalog.values():
        if entry.get("training") == path.name and entry.get("test"):
            return Path(str(folder.joinpath(entry["test"])))
    return None


def cell_row(cell: Cell) -> TableRow:
    """A model's score."""
    low, high = cell.ci95
    rate = cell.rate
    return TableRow(
        cell.model,
        (
            TableCell(ListedModel(cell.model).short),
            TableCell(f"{cell.passed}/{cell.n}"),
            TableCell("" if rate is None else f"{rate:.2f}"),
            TableCell("" if rate is None else f"{low:.2f} to {high:.2f}", "muted"),
            TableCell(str(cell.errors) if cell.errors else "", "bad"),
        ),
    )


def failing_rows(outcomes: Iterable[Outcome], models: Sequence[str]) -> list[TableRow]:
    """The answers that were not right, by line, then in the order of the models; keys are ``row:model``."""
    place = {model: number for number, model in enumerate(models)}
    wrong = sorted((o for o in outcomes if not o.passed), key=lambda o: (o.row, place.get(o.model, 0)))
    return [
        TableRow(
            f"{o.row}:{o.model}",
            (
                TableCell(f"{o.row + 1:,}", "muted"),
                TableCell("tuned" if ListedModel(o.model).is_tuned else "base"),
                TableCell(o.expected),
                TableCell(f"✖ {o.error}", "bad") if o.error else TableCell(o.text.strip() or "(nothing)"),
            ),
        )
        for o in wrong
    ]


def price_sentence(models: Sequence[str], cases: Sequence[Case]) -> str:
    """What the run costs at most: every answer as long as it may be. Counts tokens: in a thread."""
    from decimal import Decimal

    from fttui.costs.prices import use_prices_for
    from fttui.tokens.encodings import count_text
    from fttui.tokens.models import rule_for

    total = Decimal(0)
    for model in models:
        prices = use_prices_for(model)
        if prices is None:
            return f"no price is known for {one_line(model, 80)}"
        encoding = rule_for(model).encoding
        for case in cases:
            asked = count_text(encoding, case.prompt.system) + count_text(encoding, case.prompt.user) + 12
            total += prices.of_call(asked, case.prompt.max_tokens)
    return f"at most ${total:,.4f}"
