"""``fttui cost FILE``: what training on a file costs, and after how many calls that is paid back."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from fttui.cli import cost_options
from fttui.cli.common import Output, output_options
from fttui.core.text import one_line

_COUNT = click.IntRange(min=0)
_NUMBER = click.IntRange(min=1)


@click.command("cost")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--model", metavar="M", help="The model to train; the one of the settings otherwise.")
@click.option(
    "--epochs",
    callback=cost_options.epochs,
    default="auto",
    metavar="auto|N",
    help="How often each example is trained.",
)
@click.option(
    "--valid", type=click.Path(path_type=Path), metavar="FILE", help="The validation file; billed as the provider does."
)
@click.option(
    "--evaluations", type=_NUMBER, default=1, metavar="N", help="How often the validation file is gone through."
)
@click.option("--currency", metavar="C", help="The currency to show, such as JPY; with --rate.")
@click.option("--rate", callback=cost_options.rate, metavar="R", help="Units of the currency for one US dollar.")
@click.option(
    "--base-model",
    metavar="B",
    help="What calls go to now: a model, or dollars a million tokens in/out: 0.15/0.60. Otherwise the same, untuned.",
)
@click.option(
    "--tuned-model", metavar="T", help="What calls go to afterwards, likewise. Otherwise the same model, tuned."
)
@click.option(
    "--training-cost",
    callback=cost_options.amount,
    metavar="X",
    help="What training cost, in --currency; then without FILE.",
)
@click.option("--prompt-base", type=_COUNT, metavar="N", help="Prompt tokens of a call of the base model.")
@click.option("--prompt-tuned", type=_COUNT, metavar="N", help="Prompt tokens of the same call of the tuned model.")
@click.option("--completion-tokens", type=_COUNT, default=0, metavar="N", help="Tokens of an answer.")
@click.option("--calls-per-day", type=_NUMBER, metavar="N", help="How many calls a day.")
@click.option("--rate-limit", type=_NUMBER, metavar="TPM", help="Tokens a minute that are allowed.")
@click.option("--rate-limit-tuned", type=_NUMBER, metavar="TPM", help="The same of the tuned model, when it differs.")
@click.option("--batch", is_flag=True, help="Compare the calls at batch prices.")
@click.option("--prices", is_flag=True, help="List the price table: models to tune, and models to compare with.")
@output_options
def command(output: Output, file: Path | None, prices: bool, training_cost: Decimal | None, **options: Any) -> None:
    """Price the training on FILE (also a compressed one); say after how many calls the tuned model has paid for it."""
    if prices:
        from fttui.cli.cost_prices import print_prices

        print_prices(output, options["currency"], options["rate"])
        return
    if file is None and training_cost is None:
        raise click.UsageError("Missing argument 'FILE': name one, or say what training cost with --training-cost.")
    from fttui.cli.cost_answer import answer
    from fttui.cli.cost_document import cost_document

    found = answer(output, file, training_cost, options)
    if output.is_json:
        output.document(cost_document(found))
        return
    from fttui.cli.cost_text import cost_rows

    title = "calls" if file is None else one_line(str(file), 300)
    output.table((title, one_line(found.model, 300)), cost_rows(found))
