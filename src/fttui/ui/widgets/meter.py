"""The line that is always there: how many examples, how many tokens, what training on them costs, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from fttui.core.text import one_line

ESTIMATING = "estimating"
ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class MeterNumbers:
    """The numbers of the shown file on the chosen model.

    Attributes:
        examples: Rows that are examples; broken ones are not.
        broken: Rows that are not examples.
        tokens: Tokens of all examples, each at most the model's limit.
        epochs: How often each is trained on.
        amount: What that costs in `currency`, or None when the price is not known.
        is_free: Trained on the user's own machine.
        state: "" when all is counted; `ESTIMATING` before there is any number; `ESTIMATE` while a part stands for the
            whole, or when the vocabulary is not the model's own.
        role: What the file is for; only a ``training`` file is priced.
        training: Beside a file of another role, the numbers of the one that is trained on.
        errors: Issues that keep it from being trained on, as far as it is checked; None when nobody checks it.
        warnings: Issues that are worth a look.
    """

    examples: int
    broken: int
    tokens: int
    epochs: int = 0
    model: str = ""
    amount: Decimal | None = None
    currency: str = ""
    price_as_of: str = ""
    is_free: bool = False
    state: str = ""
    role: str = "training"
    training: MeterNumbers | None = None
    errors: int | None = None
    warnings: int = 0


class Meter(Widget, can_focus=False):
    """Shows `MeterNumbers`, in the longest form that fits."""

    DEFAULT_CSS = """
    Meter { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    """

    def __init__(self, numbers: MeterNumbers | None = None) -> None:
        super().__init__()
        self._numbers = numbers

    def show(self, numbers: MeterNumbers | None) -> None:
        """Show other numbers; None when no file is open."""
        if numbers != self._numbers:
            self._numbers = numbers
            self.refresh()

    def render(self) -> RenderResult:
        return meter_text(self._numbers, self.size.width)


def meter_text(numbers: MeterNumbers | None, width: int) -> Content:
    """The meter in at most ``width`` cells: the date, then words, then the sum in the middle give way."""
    if numbers is None:
        return Content("No file is open: `fttui FILE.jsonl` opens one, `fttui demo` offers samples.")
    if numbers.role == "training":
        forms = [_form(numbers, short, date, total) for short, date, total in _SHORTER]
    else:
        forms = [_untrained_form(numbers, short, beside) for short, beside in _SHORTER_UNTRAINED]
    return next((form for form in forms if form.cell_length <= width), forms[-1])


_SHORTER = (
    # short words, date of the price, billed tokens
    (False, True, True),
    (True, True, True),
    (True, False, True),
    (True, False, False),
)

_SHORTER_UNTRAINED = (
    # short words, price of the training file beside it
    (False, True),
    (False, False),
    (True, False),
)


def _untrained_form(n: MeterNumbers, short: bool, beside: bool) -> Content:
    """``validation: 120 examples · 31,000 tokens, not trained on · training: 1,197 examples → $3.72 on …``."""
    dim = "$foreground 70%"
    parts: list[str | tuple[str, str]] = [(f"{n.role}: ", dim), *_size(n, short)]
    parts.append(("" if short else ", not trained on", dim))
    parts += _wrong(n, short)
    t = n.training
    if beside and t is not None:
        parts += [
            (" · ", dim),
            ("training: ", dim),
            f"{t.examples:,}",
            (" ex" if short else _noun(t.examples, " example"), dim),
        ]
        if t.state != ESTIMATING:
            parts += _price(t, "≈ " if t.state == ESTIMATE else "", True, False)
    return Content.assemble(*parts)


def _size(n: MeterNumbers, short: bool) -> list[str | tuple[str, str]]:
    """``1,197 examples · 248,310 tokens``."""
    dim = "$foreground 70%"
    parts: list[str | tuple[str, str]] = [f"{n.examples:,}", (" ex" if short else _noun(n.examples, " example"), dim)]
    parts.append((" · ", dim))
    if n.state == ESTIMATING:
        return [*parts, ("estimating …", dim)]
    about = "≈ " if n.state == ESTIMATE else ""
    return [*parts, f"{about}{n.tokens:,}", (" tok" if short else _noun(n.tokens, " token"), dim)]


def _wrong(n: MeterNumbers, short: bool) -> list[str | tuple[str, str]]:
    """``✖ 12 ⚠ 30``: what the checks found; until they look, the lines that are no examples."""
    parts: list[str | tuple[str, str]] = []
    if n.errors is None and n.broken:
        parts.append((f" ✖ {n.broken:,}" + ("" if short else " broken"), "$issue-error"))
    if n.errors:
        parts.append((f" ✖ {n.errors:,}", "$issue-error"))
    if n.warnings:
        parts.append((f" ⚠ {n.warnings:,}", "$issue-warn"))
    return [(" ·", "$foreground 70%"), *parts] if parts else []


def _form(n: MeterNumbers, short: bool, date: bool, total: bool) -> Content:
    dim = "$foreground 70%"
    about = "≈ " if n.state == ESTIMATE else ""
    parts = _size(n, short)
    if n.state != ESTIMATING:
        parts += [(" × ", dim), f"{n.epochs:,}", ("" if short else _noun(n.epochs, " epoch"), dim)]
        if total:
            parts += [(" = ", dim), f"{n.tokens * n.epochs:,}"]
        parts += _price(n, about, short, date)
        if n.state == ESTIMATE:
            parts.append((" estimate", "$issue-warn"))
    return Content.assemble(*parts, *_wrong(n, short))


def _price(n: MeterNumbers, about: str, short: bool, date: bool) -> list[str | tuple[str, str]]:
    dim = "$foreground 70%"
    model = one_line(n.model, 60)
    if n.is_free:
        return [(" → ", dim), ("free", "bold"), (f" on {model}" + ("" if short else ", your own machine"), dim)]
    if n.amount is None:
        return [(f" → no price known for {model}" if not short else f" → no price, {model}", dim)]
    as_of = (f" ({n.price_as_of})" if short else f" (price of {n.price_as_of})") if date and n.price_as_of else ""
    return [(" → ", dim), (about + money(n.amount, n.currency), "bold"), (f" on {model}{as_of}", dim)]


def _noun(number: int, word: str) -> str:
    return word if number == 1 else f"{word}s"


def money(amount: Decimal, currency: str) -> str:
    """``$3.72``, ``$0.0041`` (two figures below a cent), ``¥558``, ``3.40 EUR``."""
    sign = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}.get(currency, "")
    if currency == "JPY" and amount >= 1:
        text = f"{amount:,.0f}"
    elif amount and amount < Decimal("0.01"):
        digits = -amount.adjusted() + 1
        text = f"{amount:.{digits}f}" if digits <= 6 else "0.000001"
    else:
        text = f"{amount:,.2f}"
    return f"{sign}{text}" if sign else f"{text} {one_line(currency, 8)}"
