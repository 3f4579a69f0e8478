"""``fttui ask PROMPT``: one prompt to several models at once, every answer with what it took."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from fttui.cli.common import Output, output_options
from fttui.core.errors import InputError
from fttui.core.text import one_line, safe

if TYPE_CHECKING:
    from fttui.cli.session import Session
    from fttui.playground.answer import Answer, Prompt


@click.command("ask")
@click.argument("prompt")
@click.option("--model", "models", multiple=True, metavar="M", help="A model to ask; give it once for each.")
@click.option("--system", default="", metavar="TEXT", help="How the models should behave.")
@click.option("--repeat", type=click.IntRange(1, 100), default=1, metavar="N", help="Ask each model so many times.")
@click.option("--temperature", type=click.FloatRange(0, 2), default=0.0, metavar="T", help="0: the likeliest words.")
@click.option("--max-tokens", type=click.IntRange(1), default=256, metavar="N", help="The longest answer.")
@click.option("--seed", type=click.IntRange(0, 2_147_483_647), metavar="N", help="For answers that can be repeated.")
@output_options
def command(output: Output, prompt: str, models: tuple[str, ...], system: str, repeat: int, **settings: Any) -> None:
    """Ask PROMPT of every --model at once; - reads the prompt from standard input.

    Exit status 1 when some answers failed, 2 when all did.
    """
    from fttui.cli.session import open_session
    from fttui.playground.answer import Prompt

    text = _utf8(sys.stdin.buffer.read().decode("utf-8", "replace") if prompt == "-" else prompt)
    if not text.strip():
        raise InputError("The prompt is empty.")
    asked = Prompt(user=text, system=_utf8(system), **settings)
    answers = asyncio.run(_ask(open_session(output), models, asked, repeat))
    if output.is_json:
        output.document({"answers": answers})
    else:
        output.text("\n\n".join(_as_text(answer, repeat) for answer in answers))
    failed = [answer for answer in answers if answer.error]
    for answer in failed:
        click.echo(safe(f"fttui: {one_line(answer.model, 100)}: {answer.error}"), err=True)
    if failed:
        raise click.exceptions.Exit(2 if len(failed) == len(answers) else 1)


async def _ask(session: Session, models: tuple[str, ...], prompt: Prompt, repeat: int) -> list[Answer]:
    from fttui.cli.waiting import telling_of_weights
    from fttui.costs.calls import call_price, no_price
    from fttui.playground.run import ask_all

    async with session.client() as client:
        chosen = models or (await session.model_to_train(),)
        price = no_price if session.profile.is_local else call_price
        async with telling_of_weights(session.output.note) if session.profile.is_local else nullcontext():
            answers = await ask_all(client, chosen, prompt, repeat=repeat, price=price)
    return [_without_error_words(answer) for answer in answers]


def _without_error_words(answer: Answer) -> Answer:
    """The answer with its error as one line, fit for a terminal."""
    return answer if answer.error is None else replace(answer, error=one_line(answer.error, 1000))


def _as_text(answer: Answer, repeat: int) -> str:
    attempt = f" (attempt {answer.attempt})" if repeat > 1 else ""
    title = f"--- {one_line(answer.model, 200)}{attempt}"
    parts = [title, safe(answer.text), "(no whole answer)" if answer.error else _took(answer)]
    return "\n".join(part for part in parts if part)


def _took(answer: Answer) -> str:
    """``(17 tokens, first after 0.21 s, 0.75 s in all, $0.000012)``; what is not known is left out."""
    from fttui.costs.money import show_money

    parts = [f"{answer.total_s:.2f} s in all"]
    if answer.ttft_s is not None:
        parts.insert(0, f"first after {answer.ttft_s:.2f} s")
    if answer.completion_tokens is not None:
        parts.insert(0, f"{answer.completion_tokens:,} tokens")
    if answer.cost_usd:
        parts.append(show_money(answer.cost_usd))
    if answer.finish_reason == "length":
        parts.append("cut at --max-tokens")
    return f"({', '.join(parts)})"


def _utf8(text: str) -> str:
    """An argument as text: bytes that are no UTF-8 (lone surrogates to Python) become U+FFFD."""
    return re.sub("[\udc80-\udcff]", "\N{REPLACEMENT CHARACTER}", text)
