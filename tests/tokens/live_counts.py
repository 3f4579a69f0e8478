"""What tests of the live numbers share: all rows counted from nothing, and lines to count."""

from __future__ import annotations

import json

from fttui.dataset.document import Document
from fttui.tokens.models import rule_for
from fttui.tokens.rows import count_lines
from fttui.tokens.sums import Sums, sums_of
from token_files import example

RULE = rule_for("gpt-3.5-turbo-0613")
PATIENCE_S = 60


def recount(document: Document) -> Sums:
    """The numbers of all rows as they are now, counted from nothing."""
    rows = count_lines([document.raw(row) for row in range(len(document))], RULE.encoding)
    return sums_of(rows.tokens, rows.trainable, RULE.limit)


def counts_of(document: Document) -> list[int]:
    return list(count_lines([document.raw(row) for row in range(len(document))], RULE.encoding).tokens)


def lines_of(numbers: range, words: int = 2) -> list[bytes]:
    return [json.dumps(example(number, words=words)).encode() for number in numbers]
