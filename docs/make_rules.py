"""Write docs/rules.md from the table of rules. ``--check``: only say whether it is current."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from fttui.checks.model import SEVERITIES, Rule
from fttui.checks.table import rules

PAGE = Path(__file__).with_name("rules.md")
HEAD = """\
# The rules of `fttui check`

Made by `python docs/make_rules.py` from the table of rules, which `fttui check --rules` prints too.
[checks.md](checks.md) says how to use them.

**error**: the target refuses the file, or trains on something broken. **warning**: it works, but is probably not what
is meant. **info**: good to know. A **necessary** fix is needed to train, a **recommended** one is good to have; `--fix`
makes both, `--necessary` the first only. Each rule shows lines that break it and lines that keep it; they are tests.
"""
MOST_LINES = 3
"""Lines of a failing or passing file that are shown."""
LONGEST = 400
"""Characters of a line that are shown."""
IN_WORDS = {
    "not-utf8": ("a line in Shift JIS, or in UTF-16", "the same line in UTF-8"),
    "image-size": ("a data: URL of an image with more bytes than are taken", "a data: URL of a smaller one"),
    "completion-long": ("a prompt and a completion of 12,000 characters together", "the same, shortened"),
    "too-long": ("for OpenAI, an example of more than 65,536 tokens", "a shorter one"),
    "too-long-to-learn": ("an example whose first answer begins beyond what the model reads", "a shorter one"),
    "encoding": ("a file in UTF-16, or in Shift JIS", "the same file in UTF-8"),
    "few-examples": ("10 examples", "50 examples"),
    "too-many-examples": ("for Bedrock, 20,001 examples", "20,000 of them"),
    "file-too-large": ("for OpenAI, a file of 513 MiB", "a file of 512 MiB"),
    "too-many-image-examples": ("for OpenAI, 50,001 examples with an image", "50,000 of them"),
}
"""What breaks and what keeps rules whose examples are too long for a page, or no text at all."""


def page() -> str:
    """The whole page."""
    table = tuple(rules().values())
    parts = [HEAD, "\n".join(overview(table)), *("\n".join(chapter(rule)) for rule in table)]
    return "\n\n".join(parts).replace("\n\n\n", "\n\n").rstrip("\n") + "\n"


def overview(table: tuple[Rule, ...]) -> Iterator[str]:
    yield "| rule | severity | fix | |"
    yield "|---|---|---|---|"
    for rule in table:
        yield f"| [{rule.id}](#{rule.id}) | {rule.severity} | {rule.fix or ''} | {cell(rule.title)} |"


def chapter(rule: Rule) -> Iterator[str]:
    yield f"## {rule.id}"
    yield f"\n**{rule.title}.** {rule.why}\n"
    yield f"- severity: {severities(rule)}"
    yield f"- looks at: {'the whole file' if rule.scope == 'file' else f'each {rule.scope}'}"
    if rule.kinds:
        yield f"- kinds of files: {', '.join(sorted(rule.kinds))}"
    if rule.targets:
        yield f"- only for: {', '.join(sorted(rule.targets))}"
    if rule.fix:
        yield f"- fix ({rule.fix}): {rule.fix_text}"
    breaks, keeps = IN_WORDS.get(rule.id, ("", ""))
    yield from example("Breaks it", rule.failing, breaks)
    yield from example("Keeps it", rule.passing, keeps)


def severities(rule: Rule) -> str:
    """``warning; error for azure, openai``."""
    parts: list[str] = [rule.severity]
    for severity in SEVERITIES:
        names = sorted(target for target, other in rule.severities.items() if other == severity != rule.severity)
        if names:
            parts.append(f"{severity} for {', '.join(names)}")
    return "; ".join(parts)


def example(title: str, lines: tuple[str, ...], words: str) -> Iterator[str]:
    """Some lines in a block, control characters as escapes; without lines, the words."""
    if not lines:
        yield from [f"\n{title}: {words}."] if words else []
        return
    yield f"\n{title}:\n\n````text"
    for line in lines[:MOST_LINES]:
        yield shown(line)
    if len(lines) > MOST_LINES:
        yield f"… and {len(lines) - MOST_LINES} more lines"
    yield "````"


def shown(line: str) -> str:
    text = "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in line)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    if "--check" in sys.argv:
        return 0 if PAGE.read_text("utf-8") == page() else 1
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
