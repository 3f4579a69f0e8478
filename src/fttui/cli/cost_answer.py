"""What ``fttui cost`` finds out: the price of a training, when it pays, and what it does to a daily load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fttui.cli.common import Output
from fttui.cli.tokens import count, model_in_use
from fttui.core.errors import InputError
from fttui.core.text import one_line

if TYPE_CHECKING:
    from fttui.core.settings import Settings
    from fttui.costs.break_even import BreakEven
    from fttui.costs.plan import Calls
    from fttui.costs.rows import ModelPrice, ProviderBilling
    from fttui.costs.throughput import Saving, Throughput
    from fttui.costs.training import TrainingCost
    from fttui.tokens.models import TokenRule
    from fttui.tokens.totals import FileTotals

Loads = tuple["Throughput", "Throughput", "Saving"]


@dataclass(frozen=True, slots=True)
class CostAnswer:
    """All that is printed.

    Attributes:
        file: What is priced; None when only the cost of the training was given.
        totals: Its counts, or None.
        held_out: Tokens of the validation file, or None without one.
        usd: What training costs, computed or given; None when no price is known.
        amount: The same in `currency`.
        is_given: Whether the price of the training was given.
        warning: About prices of more than a year ago; "" otherwise.
    """

    file: Path | None
    model: str
    rule: TokenRule
    totals: FileTotals | None
    held_out: int | None
    cost: TrainingCost | None
    price: ModelPrice | None
    billing: ProviderBilling
    usd: Decimal | None
    amount: Decimal | None
    currency: str
    rate: Decimal
    is_given: bool
    today: date
    warning: str
    calls: Calls | None
    pays: BreakEven | None
    loads: Loads | None


def answer(output: Output, file: Path | None, given: Decimal | None, options: Mapping[str, Any]) -> CostAnswer:
    """Count, price and compare.

    Raises:
        FttuiError: The file, the settings or the price table cannot be read, or a price is not known.
    """
    from fttui.core.settings import require_settings
    from fttui.costs.age import warning
    from fttui.costs.prices import billing_of, price_for
    from fttui.costs.training import training_cost
    from fttui.tokens.models import rule_for

    unit, rate = currency_of(options["currency"], options["rate"], require_settings())
    model = model_in_use(options["model"], output)
    price = price_for(model)
    if price is None and given is None:
        raise _no_price(model)
    rule = rule_for(model)
    billing = billing_of(price.provider if price is not None else "openai")
    totals = count(file, rule, output) if file is not None else None
    held_out = count(options["valid"], rule, output).billable if options["valid"] is not None else None
    cost = None
    if totals is not None:
        cost = training_cost(
            totals.tokens,
            totals.examples,
            options["epochs"],
            price,
            billable=totals.billable,
            validation=held_out or 0,
            evaluations=options["evaluations"],
            billing=billing,
        )
    usd = given / rate if given is not None else cost.usd if cost is not None else None
    amount = given if given is not None else None if usd is None else usd * rate
    calls = _calls(model, price, options)
    if calls is not None and amount is None:
        raise InputError(f"What training {one_line(model, 80)!r} costs is not known.", hint="Say it: --training-cost.")
    today = date.today()
    return CostAnswer(
        file=file,
        model=model,
        rule=rule,
        totals=totals,
        held_out=held_out,
        cost=cost,
        price=price,
        billing=billing,
        usd=usd,
        amount=amount,
        currency=unit,
        rate=rate,
        is_given=given is not None,
        today=today,
        warning=warning(price, today) if price is not None else "",
        calls=calls,
        pays=calls.outlook(amount, rate) if calls is not None and amount is not None else None,
        loads=_loads(calls, rate, options),
    )


def currency_of(currency: str | None, rate: Decimal | None, settings: Settings) -> tuple[str, Decimal]:
    """The currency to show, and its units for a dollar.

    Raises:
        InputError: Nobody said the rate.
    """
    unit = (currency or settings.cost.currency).upper()
    if rate is not None:
        return unit, rate
    if unit == settings.cost.currency.upper():
        return unit, settings.cost.rate
    if unit == "USD":
        return unit, Decimal(1)
    raise InputError(f"How many {one_line(unit, 20)} a dollar is, is not known here.", hint="Say it: --rate 150.")


def _no_price(model: str) -> InputError:
    from fttui.costs.prices import all_prices, own_prices_file

    known = ", ".join(price.name for price in all_prices() if price.training is not None)
    return InputError(
        f"There is no price for {one_line(model, 80)!r}.",
        hint=f"Known: {known}. Give --training-cost, or add the model to {own_prices_file()}.",
    )


def _calls(model: str, price: ModelPrice | None, options: Mapping[str, Any]) -> Calls | None:
    """The calls that are to pay; None when nothing was said about them."""
    base, tuned, completion = options["prompt_base"], options["prompt_tuned"], options["completion_tokens"]
    if base is None and tuned is None and not completion:
        return None
    from fttui.costs.plan import Calls, base_use, tuned_use

    tuned_prices, row = tuned_use(options["tuned_model"] or model, batch=options["batch"])
    hosted = row or (price if options["tuned_model"] is None else None)
    return Calls(
        base=base_use(options["base_model"] or model, batch=options["batch"]),
        tuned=tuned_prices,
        prompt_base=base if base is not None else tuned or 0,
        prompt_tuned=tuned if tuned is not None else base or 0,
        completion=completion,
        per_day=options["calls_per_day"],
        hosting_hour=(hosted.hosting_hour if hosted is not None else None) or Decimal(0),
    )


def _loads(calls: Calls | None, rate: Decimal, options: Mapping[str, Any]) -> Loads | None:
    """The daily load of both models against their rate limits; None when something is not known."""
    limit = options["rate_limit"] or options["rate_limit_tuned"]
    if calls is None or limit is None:
        return None
    return calls.loads(options["rate_limit"] or limit, options["rate_limit_tuned"] or limit, rate)
