"""Write docs/targets.md from the table of targets and that of rules. ``--check``: only say whether it is current."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from fttui.checks.model import SEVERITIES, Rule
from fttui.checks.rules.shapes import KIND_TITLES
from fttui.checks.table import rules
from fttui.checks.targets import Limits, targets

PAGE = Path(__file__).with_name("targets.md")
HEAD = """\
# For whom a file is checked

Made by `python docs/make_targets.py` from `src/fttui/checks/targets.toml` and the table of rules.
[checks.md](checks.md) says how to use them, [rules.md](rules.md) what each rule is about.

One run looks at the rules of all targets; `--target` chooses whose issues are told. An issue is an **error** where a
guide, a schema, a validator or a report shows that the target refuses it, or where nothing can be learnt from the
example; the rest are **warnings**. What rests on a conclusion is said below and with the rule.
"""
BOM = {"refused": "unwanted", "needed": "asked for", "taken": "no matter"}
SIZES = (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20))


def page() -> str:
    """The whole page."""
    chapters = ["\n".join(chapter(limits)) for limits in targets().values()]
    return "\n\n".join([HEAD + "\n" + "\n".join(overview()), *chapters]) + "\n"


def overview() -> Iterator[str]:
    yield "| target | files of | examples | file | tokens | images | byte order mark | `weight` | tools |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for limits in targets().values():
        cells = (
            f"[{limits.name}](#{limits.name})",
            ", ".join(kind for kind in KIND_TITLES if kind in limits.kinds),
            examples_of(limits),
            "" if limits.bytes is None else size(limits.bytes),
            "" if limits.limit is None else f"{limits.limit:,}",
            images_of(limits),
            BOM[limits.bom],
            "read" if limits.weight else "not read",
            "read" if limits.tools else "by some models",
        )
        yield f"| {' | '.join(cells)} |"
    yield "\nAn empty cell: no limit is documented. Tokens are those of an example for the model that is named below."


def chapter(limits: Limits) -> Iterator[str]:
    yield f"## {limits.name}"
    yield f"\n**{limits.title}.**\n{limits.notes}\n"
    yield f"- files: {', '.join(title for kind, title in KIND_TITLES.items() if kind in limits.kinds)}"
    yield f"- roles: {', '.join(sorted(limits.roles))}"
    yield f"- the model whose limits are taken: {limits.model}; `--model` names another"
    yield f"- {limits.advised:,} examples or more are advised"
    yield f"- source: {limits.source}, {limits.as_of}"
    yield from (f"  - <{url}>" for url in limits.urls)
    yield from own_rules(limits)


def own_rules(limits: Limits) -> Iterator[str]:
    """The rules that are another matter for a target than for the others."""
    mine = [rule for rule in rules().values() if not rule.kinds or rule.kinds & limits.kinds]
    only = [rule for rule in mine if limits.name in rule.targets]
    for severity in SEVERITIES:
        other = [rule for rule in mine if rule.severities.get(limits.name) == severity != rule.severity]
        if other:
            yield f"- {severity} here, though not as a rule: {links(other)}"
    if only:
        yield f"- not for everybody, but here: {links(only)}"


def links(some: list[Rule]) -> str:
    return ", ".join(f"[{rule.id}](rules.md#{rule.id})" for rule in some)


def examples_of(limits: Limits) -> str:
    """``10 to 20,000``; ``from 10`` without a limit."""
    return f"from {limits.least:,}" if limits.examples is None else f"{limits.least:,} to {limits.examples:,}"


def images_of(limits: Limits) -> str:
    if not limits.kinds & {"chat", "reinforcement"}:
        return "not checked"
    if limits.images == 0:
        return "none"
    most = "any number" if limits.images is None else f"{limits.images}"
    return most if limits.image_urls else f"{most}, in the line"


def size(count: int) -> str:
    unit, bytes_ = next((unit, bytes_) for unit, bytes_ in SIZES if count >= bytes_)
    return f"{count / bytes_:,.0f} {unit}"


def main() -> int:
    if "--check" in sys.argv:
        return 0 if PAGE.read_text("utf-8") == page() else 1
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
