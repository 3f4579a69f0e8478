"""The table that ``fttui cost`` prints: the sums of the JSON document, rounded, with where each comes from."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from fttui.cli.tokens import exactness
from fttui.costs.age import age_in_months, age_words
from fttui.costs.money import show_hours, show_money

if TYPE_CHECKING:
    from datetime import date

    from fttui.cli.cost_answer import CostAnswer, Loads
    from fttui.costs.rows import ModelPrice

Row = tuple[str, str]


def cost_rows(found: CostAnswer) -> list[Row]:
    """What a person reads."""
    return [
        *_size_rows(found),
        ("training", _training(found)),
        *(_provenance(found.price, found.today) if found.price is not None and not found.is_given else []),
        *([("", f"! {found.warning}")] if found.warning and not found.is_given else []),
        *_validation_rows(found),
        *_break_even_rows(found),
        *_load_rows(found.loads, found.currency),
    ]


def _size_rows(found: CostAnswer) -> list[Row]:
    totals, cost = found.totals, found.cost
    if totals is None or cost is None:
        return []
    rule = "automatic rule" if cost.epochs_rule == "auto" else "chosen"
    cut = ""
    if totals.over_limit:
        left_out = f"{totals.tokens - totals.billable:,} tokens of {totals.over_limit:,} examples"
        cut = f" ({left_out} lie beyond the limit of {found.rule.limit:,}: cut, not billed)"
    return [
        ("examples", f"{totals.examples:,}"),
        *([("broken lines, not counted", f"{totals.broken:,}")] if totals.broken else []),
        ("tokens", f"{cost.tokens:,} ({exactness(found.rule)})"),
        ("epochs", f"{cost.epochs} ({rule})"),
        ("billed tokens", f"{cost.billed_tokens:,}{cut}"),
    ]


def _training(found: CostAnswer) -> str:
    price, cost = found.price, found.cost
    if found.usd is None or found.amount is None:
        if price is not None and price.training_hour is not None:
            return f"{show_money(price.training_hour)} for an hour of training"
        return "no price known" if price is not None and price.is_tunable else "cannot be trained"
    if price is not None and price.is_local and not found.is_given:
        return "nothing: on your own machine"
    how = " (as given)" if found.is_given else " (the least that a job costs)" if cost and cost.is_minimum else ""
    shown = show_money(found.amount, found.currency) + how
    return shown if found.currency == "USD" else f"{shown} = {show_money(found.usd)}"


def _provenance(price: ModelPrice, today: date) -> list[Row]:
    if price.is_local:
        return []
    of_when = f"of {price.as_of}{_age(price.as_of, today)}" if price.as_of else ""
    rows = [("price", "; ".join(part for part in (of_when, price.source) if part))]
    if price.methods:
        rows.append(("", f"training: {price.methods}"))
    if price.training is not None:
        of = f", read in {price.training_as_of}" if price.training_as_of else ""
        rows.append(("", f"{show_money(price.training)} for a million trained tokens{of}"))
    if price.hosting_hour:
        rows.append(("", f"{show_money(price.hosting_hour)} for each hour in which the tuned model is deployed"))
    ends = _ends(price, today)
    return [*rows, ("", ends)] if ends else rows


def _ends(price: ModelPrice, today: date) -> str:
    """Until when it can be trained and used, as far as it is known."""
    if price.off and price.off <= today.isoformat():
        return f"the model is off since {price.off}{' and cannot be trained any more' if price.is_tunable else ''}"
    until = f"no training after {price.trainable_until}" if price.trainable_until else ""
    off = f"the model is off from {price.off}" if price.off else ""
    return "; ".join(part for part in (until, off) if part)


def _age(as_of: str, today: date) -> str:
    months = age_in_months(as_of, today)
    return "" if months is None else f", {age_words(months)}"


def _validation_rows(found: CostAnswer) -> list[Row]:
    if found.held_out is None or found.cost is None:
        return []
    billing = found.billing
    charged = {
        "free": "not charged",
        "billed": f"{found.cost.validation_tokens:,} of them billed",
        "unknown": "not counted: nobody says whether they are charged",
    }[billing.validation]
    rows = [("validation", f"{found.held_out:,} tokens, {charged}")]
    return [*rows, *([("", f"{billing.said} ({billing.source}, {billing.as_of})")] if billing.said else [])]


def _break_even_rows(found: CostAnswer) -> list[Row]:
    pays, currency = found.pays, found.currency
    if pays is None:
        return []
    less = pays.base_call - pays.tuned_call
    difference = f"{show_money(abs(less), currency)} {'less' if less > 0 else 'more'}" if less else "the same"
    rows = [
        ("a call, base", show_money(pays.base_call, currency)),
        ("a call, tuned", f"{show_money(pays.tuned_call, currency)}: {difference}"),
    ]
    if pays.hosting_call:
        rows.append(("its share of hosting", show_money(pays.hosting_call, currency)))
    elif found.calls is not None and found.calls.hosting_hour:
        rows.append(("hosting", "not counted: say how many --calls-per-day share it"))
    if pays.calls is None or pays.pays_at is None:
        least = pays.least_calls_per_day
        enough = f" {least:,} calls a day would." if least is not None else ""
        return [*rows, ("training pays", f"never. {pays.reason}{enough}")]
    days = "" if pays.days is None else f", after {_rounded(pays.days)} days"
    at = f"after {_rounded(pays.calls)} calls: call {pays.pays_at:,} pays it back{days}"
    return [*rows, ("training pays", at if pays.verdict == "pays" else f"at once. {pays.reason}")]


def _load_rows(loads: Loads | None, currency: str) -> list[Row]:
    if loads is None:
        return []
    base, tuned, saved = loads
    rows = [
        (
            f"a day's load, {name}",
            f"{load.tokens_a_day:,} tokens, {load.tokens_a_minute:,.0f} a minute; "
            f"{show_hours(load.hours_at_limit)} at the rate limit{'' if load.fits else ': does not fit'}",
        )
        for name, load in (("base", base), ("tuned", tuned))
    ]
    share = "" if saved.share is None else f" ({saved.share:.0%})"
    money = f"{show_money(saved.a_day, currency)} a day, {show_money(saved.a_month, currency)} in 30 days"
    return [*rows, ("saved", f"{saved.tokens_a_day:,} tokens{share}, {show_hours(saved.hours)}, {money}")]


def _rounded(value: Decimal) -> str:
    return f"{value:,.1f}"
