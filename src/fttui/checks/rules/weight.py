"""Rules about `weight`, which says whether an answer is trained on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fttui.checks.model import Example, Found, Path
from fttui.checks.table import check, fix
from fttui.checks.traits import WEIGHTS
from fttui.checks.words import holder_of, names_of, quoted, takers_that, type_name

_SPELLINGS: Final = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}


def _as_weight(value: Any) -> int | None:
    """0 or 1 where a value that is no integer stands for one."""
    if isinstance(value, str):
        return _SPELLINGS.get(value.strip().lower()) if len(value) < 10 else None
    if isinstance(value, int | float) and value in (0, 1):
        return int(value)
    return None


def _is_right(value: Any) -> bool:
    return type(value) is int and value in (0, 1)


@check("weight-value", needs=WEIGHTS)
def wrong_weight(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        if "weight" not in message or message.get("role") != "assistant" or _is_right(message["weight"]):
            continue
        weight = message["weight"]
        shown = quoted(weight) if isinstance(weight, str) else _shown(weight)
        is_fixable = weight is None or _as_weight(weight) is not None
        yield Found(f"the weight is {shown}; it is 0 or 1", (*path, "weight"), is_fixable=is_fixable)


@fix("weight-value")
def write_0_or_1(record: dict[str, Any], path: Path) -> None:
    message = holder_of(record, path)
    weight = _as_weight(message["weight"])
    if weight is not None:
        message["weight"] = weight
    elif message["weight"] is None:
        del message["weight"]


def _shown(value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value!r:.20}" if is_number else type_name(value)


@check("weight-role", needs=WEIGHTS)
def weight_of_another_role(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        role = message.get("role")
        if "weight" in message and role in ("system", "developer", "user", "tool", "function"):
            said = f"only the assistant's messages have a weight; what the {role} says is never trained on"
            yield Found(said, (*path, "weight"))


@fix("weight-role")
def remove_the_weight(record: dict[str, Any], path: Path) -> None:
    del holder_of(record, path)["weight"]


@check("weight-all-masked", needs=WEIGHTS)
def all_masked(example: Example) -> Iterator[Found]:
    answers = [(path, message) for path, message in example.messages() if message.get("role") == "assistant"]
    if answers and all(_as_weight(message.get("weight")) == 0 for _, message in answers):
        said = "every answer has the weight 0, so the example trains nothing and is paid for"
        yield Found(said, (*answers[-1][0], "weight"))


@check("weight-not-read", needs=WEIGHTS)
def weight_not_read(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        if message.get("role") == "assistant" and _as_weight(message.get("weight")) == 0:
            without = takers_that(example.kind, lambda limits: not limits.weight)
            if without:
                said = f"the weight is not read by {names_of(without)}, which would train on this answer"
                yield Found(said, (*path, "weight"), without)
