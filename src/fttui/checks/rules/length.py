"""Rules about how long an example is: only one with more bytes than a limit has tokens is counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import orjson

from fttui.checks.model import Example, Found, Target
from fttui.checks.table import check
from fttui.checks.targets import targets
from fttui.checks.traits import LONG
from fttui.formats.kinds import Kind


class _Limit(NamedTuple):
    """So many tokens, counted so, for those targets (None: whoever trains that model)."""

    model: str
    tokens: int
    encoding: str
    is_exact: bool
    names: tuple[Target, ...] | None


@check("too-long", needs=LONG)
def too_long(example: Example) -> Iterator[Found]:
    for found, is_trained_left in _cut(example):
        if is_trained_left:
            yield found


@check("too-long-to-learn", needs=LONG)
def too_long_to_learn(example: Example) -> Iterator[Found]:
    for found, is_trained_left in _cut(example):
        if not is_trained_left:
            yield found


def longest_unread(kind: Kind, model: str | None = None) -> int | None:
    """Bytes up to which a line is short enough for every limit, for a token is a byte at least; None: of any length."""
    return min((limit.tokens for limit in _limits(kind, model)), default=None)


def _cut(example: Example) -> Sequence[tuple[Found, bool]]:
    """What each limit leaves out, and whether anything learnt is left."""
    if "cut" not in example.kept:
        example.kept["cut"] = list(_look(example))
    cut: Sequence[tuple[Found, bool]] = example.kept["cut"]
    return cut


def _look(example: Example) -> Iterator[tuple[Found, bool]]:
    for limit in _limits(example.kind, example.model):
        if (example.size or _bytes(example.record)) <= limit.tokens:
            continue
        from fttui.checks.spans import cut_of  # loads tiktoken

        cut = cut_of(example.record, example.kind, limit.encoding, limit.tokens)
        if cut is None:
            continue
        about = "" if limit.is_exact else "about "
        goes = "what follows from here is cut off" if cut.is_trained_left else "all that is learnt is cut off"
        says = f"{about}{cut.tokens:,} tokens, {cut.tokens - limit.tokens:,} more than {limit.model} reads: {goes}"
        # what is for a grader to judge has nothing to learn from
        yield Found(says, cut.path, limit.names), cut.is_trained_left or example.kind == "reinforcement"


def _bytes(record: dict[str, Any]) -> int:
    """Bytes of a record that has no line, as many at least; those that are hard to write are counted in any case."""
    try:
        return len(orjson.dumps(record))
    except TypeError:
        return 1 << 62


@cache
def _limits(kind: Kind, model: str | None) -> tuple[_Limit, ...]:
    from fttui.tokens.models import rule_for

    if model is not None:
        rule = rule_for(model)
        return () if rule.limit is None else (_Limit(model, rule.limit, rule.encoding, rule.exact, None),)
    by_limit: dict[tuple[str, int], list[Target]] = {}
    for name, limits in targets().items():
        if limits.limit is not None and kind in limits.kinds:
            by_limit.setdefault((limits.model, limits.limit), []).append(name)
    return tuple(
        _Limit(own, tokens, rule_for(own).encoding, rule_for(own).exact, tuple(names))
        for (own, tokens), names in by_limit.items()
    )
