"""``fttui tokens FILE``: how many tokens a file holds, and how long its examples are."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from fttui.cli.common import Output, output_options
from fttui.core.text import one_line

if TYPE_CHECKING:
    from fttui.tokens.models import TokenRule
    from fttui.tokens.totals import FileTotals


@click.command("tokens")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--model", metavar="M", help="The model that counts; the one of the settings otherwise.")
@click.option(
    "--line", metavar="N", type=click.IntRange(min=1), help="Show the example on line N as the model sees it."
)
@output_options
def command(output: Output, file: Path, model: str | None, line: int | None) -> None:
    """Count the tokens of FILE (JSONL, also gz, zst, bz2 or xz): all, trained ones, by role, and how they are
    distributed.
    """
    from fttui.tokens.models import rule_for

    rule = rule_for(model_in_use(model, output))
    if line is not None:
        from fttui.cli.seen_text import show_line

        show_line(file, line, rule, output)
        return
    started = time.perf_counter()
    totals = count(file, rule, output)
    document = tokens_document(file, rule, totals, time.perf_counter() - started)
    if output.is_json:
        output.document(document)
        return
    output.table((one_line(str(file)), one_line(rule.model)), _rows(document, rule), right=(1,))
    if document["roles"]:
        output.text()
        output.table(("", "number", "tokens", "trained", "masked"), _role_rows(document), right=(1, 2, 3, 4))


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


def exactness(rule: TokenRule, totals: FileTotals | None = None) -> str:
    """Whether counts are exact, in a few words; those of ``totals`` when they are given."""
    if rule.exact and not _has_tools(totals):
        return f"exact, with {rule.encoding}"
    return f"{_how(rule, totals)}, counted with {rule.encoding}"


def _how(rule: TokenRule, totals: FileTotals | None) -> str:
    """How far the counts can be trusted, as a clause: OpenAI does not tell how a model reads tools."""
    return "estimate: tools are counted by an approximation" if rule.exact and _has_tools(totals) else rule.how


def _has_tools(totals: FileTotals | None) -> bool:
    """Whether there are definitions of tools, or answers of tools, and so calls."""
    from fttui.tokens.parts import TOOLS

    return totals is not None and any(part in totals.parts for part in (TOOLS, "tool", "function"))


def tokens_document(file: Path, rule: TokenRule, totals: FileTotals, seconds: float) -> dict[str, Any]:
    """What ``--format json`` prints."""
    from fttui.tokens.parts import PARTS
    from fttui.tokens.totals import distribution

    return {
        "file": str(file),
        "model": rule.model,
        "encoding": rule.encoding,
        "exact": rule.exact and not _has_tools(totals),
        "how": _how(rule, totals),
        "examples": totals.examples,
        "broken": totals.broken,
        "tokens": totals.tokens,
        "trainable_tokens": totals.trainable,
        "masked_tokens": totals.tokens - totals.trainable,
        "roles": {
            part: {"number": number, "tokens": tokens, "trained": trained, "masked": tokens - trained}
            for part in PARTS
            for number, tokens, trained in [totals.parts.get(part, [0, 0, 0])]
            if number
        },
        "over_limit": totals.over_limit,
        "limit": rule.limit,
        "distribution": distribution(totals.counts),
        "seconds": round(seconds, 3),
    }


def _rows(document: dict[str, Any], rule: TokenRule) -> list[tuple[str, str]]:
    rows = [("examples", f"{document['examples']:,}")]
    if document["broken"]:
        rows.append(("broken lines, not counted", f"{document['broken']:,}"))
    rows += [("tokens", f"{document['tokens']:,}"), ("trained tokens", f"{document['trainable_tokens']:,}")]
    if document["limit"]:
        rows.append((f"examples over {document['limit']:,} tokens", f"{document['over_limit']:,}"))
    spread = document["distribution"]
    labels = {"min": "shortest", "p5": "5 %", "median": "median", "mean": "mean", "p95": "95 %", "max": "longest"}
    rows += [(f"tokens of an example, {label}", _number(spread[key])) for key, label in labels.items()]
    return [*rows, ("counted with", f"{rule.encoding}, {document['how']}"), ("time", f"{document['seconds']:.2f} s")]


_PART_NAMES: Final = {
    "tools": "tools, as the model reads them",
    "priming": "start of the answer",
    "other": "other roles",
}


def _role_rows(document: dict[str, Any]) -> list[tuple[str, ...]]:
    """What the tokens are spent on; empty where nothing is trained or masked."""
    return [
        (
            _PART_NAMES.get(part, part),
            *(f"{row[key]:,}" if row[key] else "" for key in ("number", "tokens", "trained", "masked")),
        )
        for part, row in document["roles"].items()
    ]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
