"""``fttui tokens FILE``: how many tokens a file holds, and how long its examples are."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fttui.cli.common import Output, output_options
from fttui.core.text import one_line

if TYPE_CHECKING:
    from fttui.tokens.models import TokenRule
    from fttui.tokens.totals import FileTotals


@click.command("tokens")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--model", metavar="M", help="The model that counts; the one of the settings otherwise.")
@output_options
def command(output: Output, file: Path, model: str | None) -> None:
    """Count the tokens of FILE (JSONL, also gz, zst, bz2 or xz): all, trained ones, and how they are distributed."""
    from fttui.tokens.models import rule_for

    rule = rule_for(model_in_use(model, output))
    started = time.perf_counter()
    totals = count(file, rule, output)
    document = tokens_document(file, rule, totals, time.perf_counter() - started)
    if output.is_json:
        output.document(document)
    else:
        output.table((one_line(str(file)), one_line(rule.model)), _rows(document), right=(1,))


def model_in_use(model: str | None, output: Output) -> str:
    """The model that was named; else the first one of a profile that was named; else the one of the settings.

    Raises:
        FttuiError: The settings cannot be read, or there is no such profile.
    """
    if model is not None:
        return model
    from fttui.core.settings import require_settings

    settings = require_settings()
    if output.profile is not None:
        from fttui.providers.profiles import resolve_profile

        profile = resolve_profile(output.profile, settings)
        if profile.models:
            return profile.models[0]
        if profile.is_local:
            return "SmolLM2-135M"
    return settings.cost.model


def count(file: Path, rule: TokenRule, output: Output) -> FileTotals:
    """Count ``file`` under a progress bar.

    Raises:
        InputError: The file cannot be read.
    """
    from fttui.tokens.counter import count_file

    with output.progress("Counting tokens") as progress:
        return count_file(file, rule, on_progress=progress.advance)


def exactness(rule: TokenRule) -> str:
    """Whether counts are exact, in a few words."""
    if rule.exact:
        return f"exact, with {rule.encoding}"
    return f"estimate: the model's own vocabulary is not here, counted with {rule.encoding}"


def tokens_document(file: Path, rule: TokenRule, totals: FileTotals, seconds: float) -> dict[str, Any]:
    """What ``--format json`` prints."""
    from fttui.tokens.totals import distribution

    return {
        "file": str(file),
        "model": rule.model,
        "encoding": rule.encoding,
        "exact": rule.exact,
        "examples": totals.examples,
        "broken": totals.broken,
        "tokens": totals.tokens,
        "trainable_tokens": totals.trainable,
        "over_limit": totals.over_limit,
        "limit": rule.limit,
        "distribution": distribution(totals.counts),
        "seconds": round(seconds, 3),
    }


def _rows(document: dict[str, Any]) -> list[tuple[str, str]]:
    rows = [("examples", f"{document['examples']:,}")]
    if document["broken"]:
        rows.append(("broken lines, not counted", f"{document['broken']:,}"))
    rows += [("tokens", f"{document['tokens']:,}"), ("trained tokens", f"{document['trainable_tokens']:,}")]
    if document["limit"]:
        rows.append((f"examples over {document['limit']:,} tokens", f"{document['over_limit']:,}"))
    spread = document["distribution"]
    labels = {"min": "shortest", "p5": "5 %", "median": "median", "mean": "mean", "p95": "95 %", "max": "longest"}
    rows += [(f"tokens of an example, {label}", _number(spread[key])) for key, label in labels.items()]
    how = "exact" if document["exact"] else "estimate: another vocabulary"
    return [*rows, ("counted with", f"{document['encoding']}, {how}"), ("time", f"{document['seconds']:.2f} s")]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
