"""The numbers of a whole file."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from fttui.tokens.parts import Parts
from fttui.tokens.rows import BROKEN, RowCounts


@dataclass(frozen=True, slots=True)
class FileTotals:
    """What a file holds.

    Attributes:
        examples: Lines that are an example.
        broken: Lines that are none.
        tokens: Tokens of all examples.
        trainable: The trained ones among them.
        billable: As `tokens`, but each example only up to the model's limit: what is longer is cut off, and not billed.
        over_limit: Examples longer than the limit.
        counts: Tokens of each example, in the file's order, broken lines left out.
        parts: Tokens of all examples by role and other part; they add up to `tokens`.
    """

    examples: int
    broken: int
    tokens: int
    trainable: int
    billable: int
    over_limit: int
    counts: array[int]
    parts: Parts = field(default_factory=dict)


def totals_of(rows: RowCounts, limit: int | None) -> FileTotals:
    """Add up lines; ``limit`` is the longest example that is trained whole (None: no limit)."""
    counts = (
        array("I", (tokens for tokens in rows.tokens if tokens != BROKEN)) if BROKEN in rows.tokens else rows.tokens
    )
    tokens = sum(counts)
    over = [count for count in counts if count > limit] if limit is not None else []
    return FileTotals(
        examples=len(counts),
        broken=len(rows.tokens) - len(counts),
        tokens=tokens,
        trainable=sum(rows.trainable),
        billable=tokens - sum(over) + len(over) * (limit or 0),
        over_limit=len(over),
        counts=counts,
        parts=rows.parts,
    )


def distribution(counts: Sequence[int]) -> dict[str, float]:
    """Minimum, 5 %, median, mean, 95 % and maximum; all 0 without counts.

    Percentiles are interpolated between the two nearest counts (numpy's default, "linear").
    """
    if not counts:
        return dict.fromkeys(("min", "p5", "median", "mean", "p95", "max"), 0)
    ordered = sorted(counts)
    return {
        "min": ordered[0],
        "p5": _percentile(ordered, 5),
        "median": _percentile(ordered, 50),
        "mean": sum(ordered) / len(ordered),
        "p95": _percentile(ordered, 95),
        "max": ordered[-1],
    }


def _percentile(ordered: Sequence[int], percent: int) -> float:
    whole, hundredths = divmod((len(ordered) - 1) * percent, 100)
    low = ordered[whole]
    if not hundredths:
        return low
    return low + (ordered[whole + 1] - low) * hundredths / 100
