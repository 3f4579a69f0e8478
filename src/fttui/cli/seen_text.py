"""``fttui tokens FILE --line N``: one example as its model sees it, token by token."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fttui.cli.common import Output, stdout_console
from fttui.core.errors import InputError
from fttui.core.text import one_line, safe

if TYPE_CHECKING:
    from fttui.tokens.models import TokenRule
    from fttui.tokens.seen import Piece, Seen

_BARS: Final = {"trained": "┃", "masked": "│", "format": "│", "label": ""}
"""What stands before each token: how it is read must not hang on a colour."""
_STYLES: Final = {"trained": "bold green", "masked": "", "format": "dim", "label": "dim italic"}


def show_line(file: Path, line: int, rule: TokenRule, output: Output) -> None:
    """Print the example on ``line`` (from 1).

    Raises:
        InputError: The file cannot be read, has no such line, or that is no example.
    """
    from fttui.tokens.seen import seen_of

    record = _record(file, line)
    seen = seen_of(record, rule)
    if output.is_json:
        output.document(_document(file, line, rule, seen))
        return
    tokens, trained = seen.tokens.total, seen.tokens.trainable
    output.text(f"{one_line(str(file))}, line {line:,} · {one_line(rule.model)}, as {seen.form} writes it")
    output.text(f"{tokens:,} tokens, {trained:,} trained · {rule.encoding}, {rule.how}")
    output.text()
    _print(seen)
    if seen.is_cut:
        output.text("… and more, which is counted but not shown")
    output.text("\n┃ before a token: it is trained on · │ it is read only")


def _record(file: Path, line: int) -> dict[str, Any]:
    from fttui.dataset.errors import name_of, reading_failed
    from fttui.dataset.filling import open_whole
    from fttui.formats.lines import parse_line
    from fttui.tokens.rows import line_at

    whole = open_whole(file)
    try:
        raw = line_at(whole, line - 1)
    except OSError as error:
        raise reading_failed(file, error) from error
    if raw is None:
        raise InputError(f"{name_of(file)} has no line {line:,}.")
    parsed = parse_line(raw)
    if parsed.error is not None:
        raise InputError(f"{name_of(file)}, line {line:,}: {parsed.error.reason}.")
    assert isinstance(parsed.value, dict)
    return parsed.value


def _document(file: Path, line: int, rule: TokenRule, seen: Seen) -> dict[str, Any]:
    return {
        "file": str(file),
        "line": line,
        "model": rule.model,
        "encoding": rule.encoding,
        "exact": rule.exact,
        "how": rule.how,
        "form": seen.form,
        "tokens": seen.tokens.total,
        "trainable_tokens": seen.tokens.trainable,
        "cut": seen.is_cut,
        "pieces": [{"text": piece.text, "kind": piece.kind, "tokens": piece.tokens} for piece in seen.pieces],
    }


def _print(seen: Seen) -> None:
    from rich.text import Text

    text = Text()
    for piece in seen.pieces:
        text.append(_marked(piece), _STYLES[piece.kind])
    if sys.stdout.isatty():
        stdout_console().print(text, soft_wrap=True)
    else:
        print(text.plain)


def _marked(piece: Piece) -> str:
    """The piece with its sign; line breaks in it are seen, and break the line."""
    shown = safe(piece.text.replace("\r", "␍"))
    return _BARS[piece.kind] + (shown if piece.kind == "label" else shown.replace("\n", "⏎\n"))
