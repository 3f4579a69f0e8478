"""What a training file must be, and what training on it at a hosted provider is asked to be confirmed with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fttui.core.errors import InputError
from fttui.core.text import one_line

if TYPE_CHECKING:
    from fttui.costs.billed import Billed, Estimate
    from fttui.costs.training import TrainingCost


_LONGEST_LOOKED_AT: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Expected:
    """What a training is expected to be.

    Attributes:
        is_exact: Whether its tokens were counted with the model's own vocabulary.
        is_local: Whether it trains on the user's own machine, for nothing.
    """

    training: TrainingCost
    examples: int
    is_exact: bool
    is_local: bool

    @property
    def estimate(self) -> Estimate:
        """The same as it is kept beside the job."""
        from fttui.costs.billed import Estimate

        cost = self.training
        return Estimate(cost.billed_tokens, cost.epochs, cost.usd, cost.price_as_of, self.is_exact)


def check_training_file(path: Path) -> None:
    """Raise `InputError` when ``path`` cannot be read as text, or holds nothing."""
    from fttui.dataset.reader import open_text_file

    if open_text_file(path).stamp.size == 0:
        raise InputError(f"{one_line(str(path), 300)} is empty: there is nothing to train on.")


def method_for(path: Path) -> str:
    """How a file is to be trained on, by its first lines: ``dpo`` for preference pairs, else ``supervised``.

    Raises:
        InputError: It cannot be read.
    """
    from fttui.dataset.errors import reading_failed
    from fttui.formats.lines import parse_line
    from fttui.jobs.request import LOOKED_AT
    from fttui.jobs.request import method_for as method_for_records

    try:
        with path.open("rb") as lines:
            head = [parse_line(lines.readline(_LONGEST_LOOKED_AT)) for _ in range(LOOKED_AT)]
    except OSError as error:
        raise reading_failed(path, error) from error
    return method_for_records(parsed.value for parsed in head if parsed.value is not None)


def expected(model: str, path: Path, epochs: int | None, *, method: str = "supervised") -> Expected:
    """Count a training file, and price the training on it.

    Args:
        epochs: None: the automatic number for ``method``.

    Raises:
        FttuiError: The file or the price table cannot be read.
    """
    from fttui.costs.prices import billing_of, price_for
    from fttui.costs.training import training_cost
    from fttui.tokens.counter import count_file
    from fttui.tokens.models import rule_for

    rule = rule_for(model)
    totals = count_file(path, rule)
    price = price_for(model)
    billing = billing_of(price.provider) if price is not None else None
    cost = training_cost(
        totals.tokens,
        totals.examples,
        epochs,
        price,
        billable=totals.billable,
        billing=billing,
        method=method,
    )
    return Expected(cost, totals.examples, is_exact=rule.exact, is_local=price is not None and price.is_local)


def training_question(profile: str, model: str, path: Path, cost: Expected) -> str:
    """``Train gpt-4.1-mini at profile "openai" on 14 examples of tone.jsonl, for $0.0123 (price of 2026-07)?``"""
    from fttui.costs.money import show_money

    about = "" if cost.is_exact else "about "
    training = cost.training
    size = f"{about}{training.billed_tokens:,} tokens ({cost.examples:,} examples × {training.epochs} epochs)"
    if training.usd is None or cost.is_local:
        priced = "at a price that is not known here"
    else:
        priced = f"for {about}{show_money(training.usd)} (price of {training.price_as_of})"
    name = one_line(path.name, 80)
    return f'Send {name} to profile "{profile}" and train {one_line(model, 100)} there on {size}, {priced}?'


def keep_estimate(profile: str, job_id: str, model: str, path: Path, epochs: int | None, method: str) -> None:
    """Count what was just sent to the user's own machine, where that takes no time, and keep it beside the job."""
    from fttui.tokens.kept import LEAST

    if path.stat().st_size <= LEAST:
        store_estimate(profile, job_id, expected(model, path, epochs, method=method))


def store_estimate(profile: str, job_id: str, cost: Expected) -> None:
    """Keep what was expected of a job, for `bill_of`."""
    from fttui.jobs.store import JobStore

    store = JobStore()
    store.save_estimate(profile, job_id, cost.estimate.as_dict())
    store.close()


def bill_of(profile: str, job: Mapping[str, Any], *, is_local: bool) -> Billed | None:
    """What a job was billed beside what was expected; None before the provider says its tokens.

    Raises:
        FttuiError: The database or the price table cannot be read.
    """
    from fttui.costs.billed import billed, estimate_from
    from fttui.costs.prices import local_price, price_for
    from fttui.jobs.store import JobStore

    store = JobStore()
    stored = store.estimate(profile, str(job.get("id")))
    store.close()
    model = str(job.get("model") or "")
    return billed(job, estimate_from(stored), local_price(model) if is_local else price_for(model))
