"""``fttui check FILE…``: whether files are right to train on, for whom, and their mended copies."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from fttui.cli.common import Output, output_options_with
from fttui.core.errors import FttuiError, InputError
from fttui.core.text import one_line

if TYPE_CHECKING:
    from fttui.checks.model import Target
    from fttui.checks.report import Report
    from fttui.checks.run import Options

_MOST: Final = {"text": 5, "json": 1000, "sarif": 1000}
"""Issues of a rule that are printed when nobody says how many."""
_WIDTH: Final = 100
"""Columns of a text that is piped."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was checked: the report and the texts of the lines that its issues are in."""

    path: Path
    report: Report
    texts: dict[int, str]
    size: int
    seconds: float


def _kinds(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    from fttui.formats.kinds import KINDS

    if value is not None and value not in KINDS:
        raise click.BadParameter(f"{value!r}: one of {', '.join(KINDS)}.", ctx, param)
    return value


def _targets(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Known targets, each once, in the order given; ``all`` stands for each of them."""
    if not value:
        return ()
    from fttui.checks.targets import targets

    known = tuple(targets())
    for name in value:
        if name not in (*known, "all"):
            raise click.BadParameter(f"{name!r}: one of {', '.join(known)}, or all.", ctx, param)
    return known if "all" in value else tuple(dict.fromkeys(value))


def _rules(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        return ()
    from difflib import get_close_matches

    from fttui.checks.table import rules

    for name in value:
        if name not in rules():
            near = get_close_matches(name, rules(), 1)
            meant = f"did you mean {near[0]}? " if near else ""
            raise click.BadParameter(f"there is no rule {name!r}; {meant}--rules lists them.", ctx, param)
    return value


@click.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE…")
@click.option(
    "--target", "targets", multiple=True, callback=_targets, metavar="NAME", help="For whom; openai otherwise."
)
@click.option("--kind", callback=_kinds, metavar="K", help="What the examples are; found out otherwise.")
@click.option("--model", metavar="M", help="The model whose limit of tokens counts.")
@click.option("--fix", is_flag=True, help="Write a mended copy, NAME_fixed.jsonl, and check that.")
@click.option("--only", multiple=True, callback=_rules, metavar="RULE", help="Mend this rule only; may be repeated.")
@click.option("--necessary", is_flag=True, help="Mend only what training needs, not what is recommended.")
@click.option("-o", "out", type=click.Path(path_type=Path), metavar="OUT", help="Where to write the mended copy.")
@click.option("-i", "in_place", is_flag=True, help="Write the mended file over FILE.")
@click.option("--diff", "as_diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@click.option("--rules", "lists_rules", is_flag=True, help="List all rules instead of checking.")
@click.option(
    "--most", type=click.IntRange(min=0), metavar="N", help="Print at most N issues of a rule (5; json 1000)."
)
@click.option("--strict", is_flag=True, help="Exit status 1 for warnings too.")
@output_options_with("sarif")
def command(
    output: Output, files: tuple[Path, ...], lists_rules: bool, strict: bool, most: int | None, **chosen: Any
) -> int:
    """Check FILEs (JSONL, also gz, zst, bz2 or xz) against every rule of those who train on them, offline.

    Exit status 0: no errors. 1: errors were found (with --fix: are left). 2: a file cannot be read.
    """
    if lists_rules:
        _print_rules(output)
        return 0
    from fttui.checks.run import Options

    _check_usage(files, chosen)
    if chosen["model"]:
        _note_unknown_limit(chosen["model"], output)
    keep = _MOST[output.form] if most is None else most
    options = Options(chosen["targets"] or _usual_targets(output), chosen["kind"], chosen["model"], keep)
    done: list[Checked] = []
    extras: list[dict[str, Any]] = []
    failures: list[FttuiError] = []
    for path in files:
        try:
            checked, extra = _one(path, options, output, chosen)
        except InputError as error:
            failures.append(error)
            continue
        done.append(checked)
        extras.append(extra)
        if output.form == "text":
            _print_text(checked, extra, chosen)
    if failures and not done:
        raise failures[0]
    _print_documents(done, extras, options, output)
    for failure in failures:
        click.echo(one_line(f"fttui: {failure}", 4000), err=True)
    if failures:
        return 2
    return 1 if any(one.report.errors or (strict and one.report.warnings) for one in done) else 0


def _note_unknown_limit(model: str, output: Output) -> None:
    from fttui.tokens.models import rule_for

    if rule_for(model).limit is None:
        output.note(f"How long an example {one_line(model, 80)} reads is not known: no length is checked by it.")


def _check_usage(files: Sequence[Path], chosen: dict[str, Any]) -> None:
    """Raises `click.UsageError` for options that do not go together."""
    if not files:
        raise click.UsageError("Name a FILE to check, or --rules.")
    writes = chosen["fix"] and not chosen["as_diff"]
    if (chosen["out"] is not None or chosen["in_place"]) and not writes:
        raise click.UsageError("-o and -i say where --fix writes: without it (or with --diff) nothing is written.")
    if chosen["out"] is not None and chosen["in_place"]:
        raise click.UsageError("-o writes a copy, -i the FILE itself: choose one.")
    if chosen["out"] is not None and len(files) > 1:
        raise click.UsageError("-o names one file: check one FILE at a time, or use -i.")
    if (chosen["only"] or chosen["necessary"]) and not (chosen["fix"] or chosen["as_diff"]):
        raise click.UsageError("--only and --necessary say what --fix or --diff mend: add one of them.")


def _usual_targets(output: Output) -> tuple[Target, ...]:
    """The target that a named profile is called like; else the usual one."""
    from fttui.checks.targets import DEFAULT, targets

    return (output.profile,) if output.profile is not None and output.profile in targets() else (DEFAULT,)


def _one(path: Path, options: Options, output: Output, chosen: dict[str, Any]) -> tuple[Checked, dict[str, Any]]:
    """Check a file, mend it where that was asked for; what was checked last, and what else is to be said of it.

    Raises:
        InputError: The file cannot be read or the copy not be written.
    """
    started = time.perf_counter()
    with output.progress("Checking") as progress:
        from fttui.checks.run import check_file
        from fttui.cli.check_text import printer_of

        comes = output.form == "text" and not _mends(chosen)
        on_issues = printer_of(path, options.targets, progress, _width()) if comes else None
        report = check_file(path, options, on_progress=progress.advance, on_issues=on_issues)
    extra: dict[str, Any] = {}
    read = path
    if _mends(chosen):
        from fttui.cli.check_fixes import mend

        with output.progress("Mending") as progress:
            report, read, extra = mend(path, report, options, progress, **_fix_options(chosen))
    return _with_texts(path, read, report, started), extra


def _mends(chosen: dict[str, Any]) -> bool:
    return bool(chosen["fix"] or chosen["as_diff"])


def _fix_options(chosen: dict[str, Any]) -> dict[str, Any]:
    return {name: chosen[name] for name in ("only", "necessary", "out", "in_place", "as_diff")}


def _with_texts(path: Path, read: Path, report: Report, started: float) -> Checked:
    from fttui.checks.line_texts import texts_of

    texts, size = texts_of(read, (issue.line for issue in report.issues if issue.line is not None))
    return Checked(path, report, texts, size, time.perf_counter() - started)


def _print_text(checked: Checked, extra: dict[str, Any], chosen: dict[str, Any]) -> None:
    from fttui.cli.check_text import print_diff, print_report

    if chosen["as_diff"]:
        print_diff(extra["diff"])
    else:
        were_printed = not _mends(chosen)  # those of lines, as they came
        print_report(checked.path, checked.report, checked.texts, extra, _width(), are_lines_printed=were_printed)


def _print_documents(
    done: Sequence[Checked], extras: Sequence[dict[str, Any]], options: Options, output: Output
) -> None:
    if output.form == "sarif":
        _print_sarif(done, options, output)
    elif output.is_json:
        from fttui.cli.check_document import file_document

        files = [
            file_document(one.path, one.report, one.texts, one.seconds) | extra
            for one, extra in zip(done, extras, strict=True)
        ]
        output.document({"files": files, "targets": options.targets})


def _print_sarif(done: Sequence[Checked], options: Options, output: Output) -> None:
    from fttui import __version__
    from fttui.checks.sarif import CheckedFile, sarif_of

    files = [CheckedFile(one.path, one.report.issues, one.report.left_out, one.texts, one.size) for one in done]
    output.document(sarif_of(files, options.targets, __version__))


def _print_rules(output: Output) -> None:
    from fttui.checks.table import rules
    from fttui.cli.check_document import rule_document, rules_rows

    table = tuple(rules().values())
    if output.form != "text":
        output.document({"rules": [rule_document(rule) for rule in table]})
    else:
        output.table(("rule", "severity", "fix", "title"), rules_rows(table))


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH
