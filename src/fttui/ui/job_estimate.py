"""What a new job on a file will cost and take, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fttui.core.text import one_line
from fttui.jobs.objects import Job
from fttui.ui.job_text import method_of, number
from fttui.ui.widgets.meter import money

if TYPE_CHECKING:
    from fttui.costs.billed import Estimate as Expected
    from fttui.ui.open_files import OpenFile
    from fttui.ui.services import Services


_LATEST = 5
"""Jobs that are looked at to say how long the next one takes."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The numbers of a job before it is asked for.

    Attributes:
        size: Examples and tokens: ``12 examples, 1,234 tokens``.
        sentence: Tokens, epochs and price as one sentence.
        epochs_remark: What ``auto`` means here, or that the number was chosen.
        trained_tokens: Tokens times epochs; 0 while the file is still being counted.
        price: ``$3.72`` or ``free``; empty when no price is known.
        kept: The numbers as they are kept beside the job; None while the file is still being counted.
    """

    size: str
    sentence: str
    epochs_remark: str
    trained_tokens: int
    price: str
    kept: Expected | None = None


def estimate(
    services: Services, model: str, epochs: int | None, file: OpenFile | None = None, method: str = "supervised"
) -> Estimate:
    """The estimate for training ``model`` on a file.

    Args:
        file: None: the open file that is for training, or else the one that is shown.
        method: How it is trained; the local server chooses the number of epochs by it.

    Raises:
        SettingsError: The user's prices cannot be read.
    """
    from fttui.costs.billed import Estimate as Expected
    from fttui.costs.prices import billing_of, local_price, price_for
    from fttui.costs.training import training_cost

    file = file or services.training_file or services.files.active
    totals = file.totals if file is not None else None
    examples = totals.examples if totals is not None else len(file.document) if file is not None else 0
    counted = totals is not None and totals.is_complete
    tokens = totals.billable if totals is not None else 0
    price = local_price(model) if services.profile.is_local else price_for(model)
    billing = billing_of(price.provider) if price is not None else None
    rule = method if services.profile.is_local else "supervised"  # what others take for pairs is not known
    cost = training_cost(tokens, examples, epochs, price, billing=billing, method=rule)
    settings = services.settings.cost
    about = "" if totals is not None and totals.rule.exact and counted and not services.profile.is_local else "about "
    size = f"{examples:,} examples, {about}{tokens:,} tokens" if counted else f"{examples:,} examples"
    work = f"{about}{tokens:,} tokens × {cost.epochs:,} epochs = {cost.billed_tokens:,}"
    if not counted:
        work = f"The tokens are still being counted × {cost.epochs:,} epochs"
    if services.profile.is_local:
        amount, told = "free", "free: it trains on this machine"
    elif cost.usd is None:
        amount, told = "", f"no price known for {one_line(model, 80)}"
    else:
        amount = money(cost.usd * settings.rate, settings.currency)
        told = f"{amount} (price of {cost.price_as_of})"
    return Estimate(
        size=size,
        sentence=f"{work[0].upper()}{work[1:]} → {told}.",
        epochs_remark=f"auto: {cost.epochs:,} for {examples:,} examples" if epochs is None else "chosen",
        trained_tokens=cost.billed_tokens if counted else 0,
        price=amount if counted else "",
        kept=Expected(cost.billed_tokens, cost.epochs, cost.usd, cost.price_as_of, not about) if counted else None,
    )


def errors_remark(file: OpenFile) -> str:
    """What is wrong with the file, as far as it is checked, and where that is told; "" when nothing is known to be."""
    checks = file.checks
    if checks is None or not checks.errors:
        return ""
    from fttui.checks.targets import targets

    count = "an error" if checks.errors == 1 else f"{checks.errors:,} errors"
    whom = " and ".join(targets()[name].title for name in checks.targets)
    return f"✖ The file has {count} for {whom}: I on the Examples screen lists them."


def expected_seconds(jobs: Sequence[Job], model: str, tokens: int, method: str = "supervised") -> float | None:
    """How long training ``tokens`` tokens takes, by earlier jobs of the same model and method; None when none tells.

    Of the latest ones that which was most alike in size counts: starting takes the same for a small job and for a large
    one. The time from creation to end counts, waiting in the queue included: it is what a person waits.

    Args:
        jobs: Earlier ones; a job that was paused tells nothing, one that does not say its method was supervised.
    """
    if tokens <= 0:
        return None
    done = [
        (number(job.get("finished_at")), number(job.get("created_at")), number(job.get("trained_tokens")))
        for job in jobs
        if job.get("status") == "succeeded" and job.get("model") == model and (method_of(job) or "supervised") == method
    ]
    known = [(end, begin, trained) for end, begin, trained in done if end and begin and trained and end > begin]
    if not known:
        return None
    latest = sorted(known)[-_LATEST:]
    end, begin, trained = min(latest, key=lambda job: (abs(math.log(job[2] / tokens)), -job[0]))
    return (end - begin) / trained * tokens
