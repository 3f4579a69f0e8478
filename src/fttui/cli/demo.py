"""``fttui demo``: the whole loop on a sample, in the app, or printed where there is no terminal."""

from __future__ import annotations

import click

from fttui.cli.common import Output, output_options
from fttui.cli.open_app import has_terminal, start_app
from fttui.core.errors import InputError
from fttui.core.text import one_line


@click.command("demo")
@click.argument("sample", default="tone", metavar="[tone|sport|balance]")
@click.option("--headless", is_flag=True, help="Print the loop instead of opening the app.")
@click.option("--fresh", is_flag=True, help="Take a new copy of the sample; yours of an earlier demo is lost.")
@output_options
def command(output: Output, sample: str, headless: bool, fresh: bool) -> None:
    """Try the whole loop on a sample, always with the local backend; nothing of it costs money.

    \b
    tone     14 pairs: the tuned model picks up a sarcastic tone
    sport    60 sentences, baseball or hockey: it answers with the one word
    balance  10 examples in Japanese: it keeps a fixed layout of two lines

    The sample is copied to the data folder first. Where there is no terminal, the loop is printed: count, cost,
    training with the loss as it falls, and the answers of base and tuned model side by side.
    """
    from fttui.cli.samples import catalog, copy_sample

    samples = catalog()
    chosen = samples.get(sample)
    if chosen is None:
        raise InputError(f'There is no sample "{one_line(sample, 80)}".', hint=f"There are: {', '.join(samples)}.")
    path = copy_sample(chosen, fresh=fresh)
    if headless or output.is_json or not has_terminal():
        from fttui.cli.demo_loop import run_demo

        if not run_demo(output, chosen, path):
            raise click.exceptions.Exit(1)
        return
    others = ", ".join(
        f"fttui demo {name} ({other.title.lower()})" for name, other in samples.items() if other != chosen
    )
    notices = (f"{chosen.title}: {chosen.shows} {chosen.limits}", f"Other samples: {others}.")
    start_app((path,), "local", notices)
