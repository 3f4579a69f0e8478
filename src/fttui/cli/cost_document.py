"""What ``fttui cost --format json`` prints: money unrounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fttui.costs.age import age_in_months, training_date

if TYPE_CHECKING:
    from fttui.cli.cost_answer import CostAnswer, Loads
    from fttui.costs.break_even import BreakEven


def cost_document(found: CostAnswer) -> dict[str, Any]:
    """The answer as one document; what is not known is null."""
    cost, price, totals = found.cost, found.price, found.totals
    return {
        "file": None if found.file is None else str(found.file),
        "model": found.model,
        "examples": totals.examples if totals else None,
        "broken": totals.broken if totals else None,
        "over_limit": totals.over_limit if totals else None,
        "limit": found.rule.limit,
        "exact": found.rule.exact,
        "tokens": cost.tokens if cost else None,
        "epochs": cost.epochs if cost else None,
        "epochs_rule": cost.epochs_rule if cost else None,
        "billed_tokens": cost.billed_tokens if cost else None,
        "cut_tokens": totals.tokens - totals.billable if totals else None,
        "training": {"usd": found.usd, "amount": found.amount, "currency": found.currency},
        "is_minimum": bool(cost and cost.is_minimum),
        "training_hour_usd": price.training_hour if price else None,
        "hosting_hour_usd": price.hosting_hour if price else None,
        "validation": {
            "tokens": found.held_out,
            "billed_tokens": cost.validation_tokens if cost else None,
            "rule": found.billing.validation,
            "said": found.billing.said,
            "source": found.billing.source,
            "as_of": found.billing.as_of,
        },
        "price_as_of": price.as_of if price else "",
        "training_price_as_of": training_date(price) if price else "",
        "price_age_months": age_in_months(training_date(price), found.today) if price else None,
        "price_warning": found.warning,
        "price_source": price.source if price else "",
        "trainable_until": price.trainable_until if price else None,
        "off": price.off if price else None,
        "break_even": _break_even(found.pays),
        "throughput": _throughput(found.loads),
    }


def _break_even(pays: BreakEven | None) -> dict[str, Any] | None:
    if pays is None:
        return None
    return {
        "calls": pays.calls,
        "pays_at": pays.pays_at,
        "days": pays.days,
        "verdict": pays.verdict,
        "reason": pays.reason,
        "base_call": pays.base_call,
        "tuned_call": pays.tuned_call,
        "saved_per_call": pays.saved,
        "hosting_per_call": pays.hosting_call,
        "least_calls_per_day": pays.least_calls_per_day,
    }


def _throughput(loads: Loads | None) -> dict[str, Any] | None:
    if loads is None:
        return None
    base, tuned, saved = loads
    both = {
        name: {
            "tokens_per_day": load.tokens_a_day,
            "tokens_per_minute": load.tokens_a_minute,
            "hours_at_limit": load.hours_at_limit,
            "fits": load.fits,
        }
        for name, load in (("base", base), ("tuned", tuned))
    }
    return {
        **both,
        "saved": {
            "tokens_per_day": saved.tokens_a_day,
            "share": saved.share,
            "hours": saved.hours,
            "amount_per_day": saved.a_day,
            "amount_per_month": saved.a_month,
        },
    }
