"""What the panes of the Cost screen say: when training pays, what a daily load needs, where a price is from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from fttui.core.settings import CostSettings
from fttui.costs.age import age_in_months, age_words, warning
from fttui.costs.break_even import BreakEven
from fttui.costs.money import show_hours, show_money
from fttui.costs.plan import Calls
from fttui.costs.rows import ModelPrice, ProviderBilling, UsePrices
from fttui.costs.throughput import Saving, Throughput
from fttui.ui.plot.lines import Line

NO_TRAINING: Final = "What training costs is not known yet: it follows from the open file, or fill in training cost."
NO_DAY: Final = "Fill in calls a day and a limit in tokens a minute: then this says whether they fit."
_MOST_CALLS: Final = 10**9


def pays_text(pays: BreakEven, calls: Calls, training: Decimal, cost: CostSettings) -> str:
    """When training pays, and what a call costs, one fact a line."""
    lines = [_verdict(pays), f"Training {_money(training, cost)}. {call_text(calls, cost)}"]
    if pays.hosting_call:
        lines.append(f"Hosting takes {_money(pays.hosting_call, cost)} of each call: {_day(calls, cost)} a day.")
    elif calls.hosting_hour:
        lines.append(f"Hosting, {_day(calls, cost)} a day, is not counted: fill in calls a day.")
    if calls.per_day is not None:
        base, tuned = pays.base_call * calls.per_day, pays.tuned_call * calls.per_day
        hosted = " without hosting" if calls.hosting_hour else ""
        lines.append(f"A day of {calls.per_day:,} calls: {_money(base, cost)} against {_money(tuned, cost)}{hosted}.")
    return "\n".join(lines)


def call_text(calls: Calls, cost: CostSettings) -> str:
    """What a call costs on both models."""
    base, tuned = calls.prices(cost.rate)
    less = base - tuned
    difference = f"{_money(abs(less), cost)} {'less' if less > 0 else 'more'}" if less else "the same"
    return f"A call: base {_money(base, cost)}, tuned {_money(tuned, cost)}, {difference}."


def _verdict(pays: BreakEven) -> str:
    if pays.calls is None or pays.pays_at is None:
        least = pays.least_calls_per_day
        enough = f" From {least:,} calls a day they do." if least is not None else ""
        return f"Never pays. {pays.reason}{enough}"
    if pays.verdict == "at once":
        return f"Pays at once. {pays.reason}"
    days = "" if pays.days is None else f", {pays.days:,.1f} days"
    return f"Pays after {pays.calls:,.1f} calls{days}: call {pays.pays_at:,} pays it back."


def _day(calls: Calls, cost: CostSettings) -> str:
    return _money(calls.hosting_per_day(cost.rate), cost)


def pays_lines(pays: BreakEven, training: Decimal) -> list[Line]:
    """What was spent after so many calls, on both models: to twice the call that pays, or 1,000 calls when none does.

    The chart is a picture: here, and only here, money becomes floats.
    """
    last = 1000 if not pays.pays_at else min(_MOST_CALLS, 2 * pays.pays_at)
    tuned = pays.base_call - pays.saved
    return [
        Line("spent on base", ((0.0, 0.0), (float(last), float(pays.base_call * last)))),
        Line("on tuned", ((0.0, float(training)), (float(last), float(training + tuned * last))), dashed=True),
    ]


def load_text(loads: tuple[Throughput, Throughput, Saving], limits: tuple[int, int], cost: CostSettings) -> str:
    """A day's load of both models, and what the tuned one saves."""
    base, tuned, saved = loads
    lines = [
        _load("base ", base, limits[0]),
        _load("tuned", tuned, limits[1]),
        "",
        _saved_tokens(saved),
        _saved_money(saved, cost),
    ]
    return "\n".join(lines)


def _load(name: str, load: Throughput, limit: int) -> str:
    fits = f"{show_hours(load.hours_at_limit)} at {limit:,}"
    sign = "✓" if load.fits else "✖"
    no = "" if load.fits else ": does not fit into a day"
    return f"{sign} {name}  {load.tokens_a_day:,} tokens a day, {load.tokens_a_minute:,.0f} a minute; {fits}{no}"


def _saved_tokens(saved: Saving) -> str:
    if not saved.tokens_a_day:
        return "The tuned model needs as many tokens."
    word = "saves" if saved.tokens_a_day > 0 else "takes"
    more = "" if saved.tokens_a_day > 0 else " more"
    share = "" if saved.share is None else f" ({abs(saved.share):.0%})"
    hours = f" and {show_hours(abs(saved.hours))} at its limit" if saved.hours * saved.tokens_a_day > 0 else ""
    return f"The tuned model {word} {abs(saved.tokens_a_day):,} tokens a day{share}{more}{hours}."


def _saved_money(saved: Saving, cost: CostSettings) -> str:
    if not saved.a_day:
        return "It costs as much."
    word = "saves" if saved.a_day > 0 else "costs"
    more = "" if saved.a_day > 0 else " more"
    return f"It {word} {_money(abs(saved.a_day), cost)} a day{more}, {_money(abs(saved.a_month), cost)} in 30 days."


def model_text(price: ModelPrice, billing: ProviderBilling, cost: CostSettings, today: date) -> str:
    """Where the prices of a model are from, how old they are, and what the table has no room for: two lines."""
    if price.is_local:
        return "It runs on your own machine: training and answers cost nothing.\n"
    months = age_in_months(price.as_of, today)
    age = "" if months is None else f", {age_words(months)}"
    old = warning(price, today)
    first = f"⚠ {old}" if old else f"Prices of {price.as_of or 'an unknown date'}{age}; {price.source}."
    more = [f"cached in {_million(price.tuned or price.base, 'cached_input', cost)}"]
    more.append(f"batch {_batch(price.tuned or price.base, cost)}")
    if price.hosting_hour:
        more.append(f"hosting {_money(price.hosting_hour * cost.rate, cost)} an hour")
    least = price.minimum if price.minimum is not None else billing.minimum
    if least:
        more.append(f"a job {_money(least * cost.rate, cost)} at least")
    if price.is_tunable:
        more.append({"free": "validation free", "billed": "validation billed"}.get(billing.validation, ""))
    known = [part for part in more if part and not part.endswith(" ")]
    return f"{first}\n{price.name}: {', '.join(known)}." if known else f"{first}\n"


def _batch(use: UsePrices | None, cost: CostSettings) -> str:
    if use is None or use.batch_input is None:
        return ""
    return f"{_million(use, 'batch_input', cost)} in, {_million(use, 'batch_output', cost)} out"


def _million(use: UsePrices | None, side: str, cost: CostSettings) -> str:
    usd = None if use is None else getattr(use, side)
    return "" if usd is None else _money(usd * cost.rate, cost)


def _money(amount: Decimal, cost: CostSettings) -> str:
    """Three digits where it is little: a call costs so little that two decimals say nothing."""
    return show_money(amount, cost.currency)


def problems_text(problems: Sequence[str]) -> str:
    """What cannot be used, one line each."""
    return "\n".join(f"✖ {problem}" for problem in problems)
