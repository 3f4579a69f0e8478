"""``fttui cost FILE``: what training on a file costs, and after how many calls that is paid back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fttui.cli.common import Output, output_options
from fttui.cli.exact_json import dump_exact
from fttui.cli.tokens import count, exactness, model_in_use
from fttui.core.errors import InputError
from fttui.core.text import one_line

if TYPE_CHECKING:
    from fttui.core.settings import Settings
    from fttui.costs.break_even import BreakEven
    from fttui.costs.prices import ModelPrice, UsePrices
    from fttui.costs.throughput import Throughput


def _amount(ctx: click.Context, param: click.Parameter, value: str | None) -> Decimal | None:
    """An exact amount of money, from 0."""
    if value is None:
        return None
    try:
        amount = Decimal(value.replace(",", ""))
    except InvalidOperation:
        raise click.BadParameter(f"{value!r} is not a number.", ctx, param) from None
    if not amount.is_finite() or amount < 0:
        raise click.BadParameter(f"{value!r}: a number from 0 is needed.", ctx, param)
    return amount


def _rate(ctx: click.Context, param: click.Parameter, value: str | None) -> Decimal | None:
    amount = _amount(ctx, param, value)
    if amount is not None and not amount:
        raise click.BadParameter("a number above 0 is needed.", ctx, param)
    return amount


def _epochs(ctx: click.Context, param: click.Parameter, value: str) -> int | None:
    """The number of epochs; None for the automatic rule."""
    if value == "auto":
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 6 and int(value)):
        raise click.BadParameter(f"{value!r}: auto, or a whole number from 1.", ctx, param)
    return int(value)


@dataclass(frozen=True, slots=True)
class _Calls:
    """What is known about the calls that are to pay for the training."""

    base_model: str | None
    prompt_base: int | None
    prompt_tuned: int | None
    completion_tokens: int
    per_day: int | None
    rate_limit: int | None

    @property
    def are_known(self) -> bool:
        return self.prompt_base is not None or self.prompt_tuned is not None or self.completion_tokens > 0

    @property
    def prompts(self) -> tuple[int, int]:
        """Prompt tokens on the base and on the tuned model; one that was not said is as the other."""
        base = self.prompt_base if self.prompt_base is not None else self.prompt_tuned
        tuned = self.prompt_tuned if self.prompt_tuned is not None else self.prompt_base
        return base or 0, tuned or 0


_COUNT = click.IntRange(min=0)


@click.command("cost")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--model", metavar="M", help="The model to train; the one of the settings otherwise.")
@click.option("--epochs", callback=_epochs, default="auto", metavar="auto|N", help="How often each example is trained.")
@click.option("--currency", metavar="C", help="The currency to show, such as JPY; with --rate.")
@click.option("--rate", callback=_rate, metavar="R", help="Units of the currency for one US dollar.")
@click.option("--base-model", metavar="B", help="The untuned model that calls go to now; otherwise the same model.")
@click.option("--training-cost", callback=_amount, metavar="X", help="What training cost, in --currency.")
@click.option("--prompt-base", type=_COUNT, metavar="N", help="Prompt tokens of a call of the base model.")
@click.option("--prompt-tuned", type=_COUNT, metavar="N", help="Prompt tokens of the same call of the tuned model.")
@click.option("--completion-tokens", type=_COUNT, default=0, metavar="N", help="Tokens of an answer.")
@click.option("--calls-per-day", type=click.IntRange(min=1), metavar="N", help="How many calls a day.")
@click.option("--rate-limit", type=click.IntRange(min=1), metavar="TPM", help="Tokens a minute that are allowed.")
@output_options
def command(
    output: Output,
    file: Path,
    model: str | None,
    epochs: int | None,
    currency: str | None,
    rate: Decimal | None,
    training_cost: Decimal | None,
    **calls: Any,
) -> None:
    """Price the training on FILE (also a compressed one); say after how many calls the tuned model has paid for it."""
    from fttui.core.settings import require_settings
    from fttui.costs.prices import price_for
    from fttui.costs.training import training_cost as cost_of_training
    from fttui.tokens.models import rule_for

    unit, units_a_dollar = _currency(currency, rate, require_settings())
    name = model_in_use(model, output)
    price = price_for(name)
    if price is None and training_cost is None:
        raise _no_price(name)
    known_calls = _Calls(
        base_model=calls["base_model"],
        prompt_base=calls["prompt_base"],
        prompt_tuned=calls["prompt_tuned"],
        completion_tokens=calls["completion_tokens"],
        per_day=calls["calls_per_day"],
        rate_limit=calls["rate_limit"],
    )
    rule = rule_for(name)
    totals = count(file, rule, output)
    cost = cost_of_training(totals.tokens, totals.examples, epochs, price, billable=totals.billable)
    usd = cost.usd if training_cost is None else training_cost / units_a_dollar
    amount = training_cost if training_cost is not None else None if usd is None else usd * units_a_dollar
    pays = _break_even(name, price, known_calls, amount, units_a_dollar)
    loads = _loads(known_calls)
    document: dict[str, Any] = {
        "file": str(file),
        "model": name,
        "examples": totals.examples,
        "broken": totals.broken,
        "over_limit": totals.over_limit,
        "limit": rule.limit,
        "exact": rule.exact,
        "tokens": cost.tokens,
        "epochs": cost.epochs,
        "epochs_rule": cost.epochs_rule,
        "billed_tokens": cost.billed_tokens,
        "training": {"usd": usd, "amount": amount, "currency": unit},
        "price_as_of": cost.price_as_of,
        "price_source": price.source if price else "",
        "trainable_until": price.trainable_until if price else None,
        "off": price.off if price else None,
        "break_even": _break_even_document(pays),
        "throughput": _loads_document(loads),
    }
    if output.is_json:
        click.echo(dump_exact(document))
        return
    from fttui.cli.cost_text import cost_rows

    rows = cost_rows(document, cost, price, pays, loads, exactness(rule), training_given=training_cost is not None)
    output.table((one_line(str(file)), one_line(name)), rows)


def _currency(currency: str | None, rate: Decimal | None, settings: Settings) -> tuple[str, Decimal]:
    """The currency to show, and its units for a dollar."""
    unit = (currency or settings.cost.currency).upper()
    if rate is not None:
        return unit, rate
    if unit == settings.cost.currency.upper():
        return unit, settings.cost.rate
    if unit == "USD":
        return unit, Decimal(1)
    raise InputError(f"How many {unit} a dollar is, is not known here.", hint="Say it: --rate 150.")


def _no_price(model: str) -> InputError:
    from fttui.costs.prices import all_prices, own_prices_file

    known = ", ".join(price.model for price in all_prices() if price.training is not None)
    return InputError(
        f"There is no price for {model!r}.",
        hint=f"Known: {known}. Give --training-cost, or add the model to {own_prices_file()}.",
    )


def _break_even(
    model: str, price: ModelPrice | None, calls: _Calls, training: Decimal | None, rate: Decimal
) -> BreakEven | None:
    """When the training pays; None when nothing was said about calls."""
    if not calls.are_known:
        return None
    from fttui.costs.break_even import break_even, call_prices

    base = _use_prices(calls.base_model) if calls.base_model else price.base if price else None
    if base is None:
        raise InputError(f"What a call of {model!r} costs untuned is not known.", hint="Name a --base-model.")
    if price is None or price.tuned is None:
        raise InputError(f"What a call of a tuned {model!r} costs is not known.", hint="Add it to prices.toml.")
    if training is None:
        raise InputError(f"{model!r} is not trained by the token.", hint="Say what it costs: --training-cost.")
    prompt_base, prompt_tuned = calls.prompts
    base_call, tuned_call = call_prices(
        base,
        price.tuned,
        prompt_base=prompt_base,
        prompt_tuned=prompt_tuned,
        completion_tokens=calls.completion_tokens,
        rate=rate,
    )
    return break_even(training, base_call, tuned_call, calls_per_day=calls.per_day)


def _use_prices(model: str) -> UsePrices:
    from fttui.costs.prices import use_prices_for

    found = use_prices_for(model)
    if found is None:
        raise InputError(f"What a call of {model!r} costs is not known.", hint="Add it to prices.toml.")
    return found


def _loads(calls: _Calls) -> tuple[Throughput, Throughput] | None:
    """The daily load of the base and of the tuned model against the rate limit; None when something is not known."""
    if not calls.are_known or calls.per_day is None or calls.rate_limit is None:
        return None
    from fttui.costs.throughput import throughput

    base, tuned = (
        throughput(prompt + calls.completion_tokens, calls.per_day, calls.rate_limit) for prompt in calls.prompts
    )
    return base, tuned


def _break_even_document(pays: BreakEven | None) -> dict[str, Any] | None:
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
    }


def _loads_document(loads: tuple[Throughput, Throughput] | None) -> dict[str, Any] | None:
    if loads is None:
        return None
    return {
        name: {
            "tokens_per_day": load.tokens_a_day,
            "tokens_per_minute": load.tokens_a_minute,
            "hours_at_limit": load.hours_at_limit,
        }
        for name, load in zip(("base", "tuned"), loads, strict=True)
    }
