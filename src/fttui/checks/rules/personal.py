"""Rules about secrets and personal data: one issue a kind, with the rows kept for who wants to look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fttui.checks.model import Found
from fttui.checks.personal.personal import CARD, EMAIL, IBAN, PHONE
from fttui.checks.personal.secrets import SECRET
from fttui.checks.table import FileCheck, file_check
from fttui.checks.whole.facts import FileFacts

_NAMES: Final = {
    SECRET: "keys or tokens of an API",
    CARD: "numbers of payment cards",
    IBAN: "bank account numbers (IBAN)",
    EMAIL: "e-mail addresses",
    PHONE: "telephone numbers",
}


def _check_of(rule: str) -> FileCheck:
    def look(facts: FileFacts) -> Iterator[tuple[int | None, Found]]:
        rows = facts.block.personal.rows().get(rule)
        if rows:
            one = "example" if len(rows) == 1 else "examples"
            yield None, Found(f"{_NAMES[rule]} in {len(rows):,} {one}")

    return look


for _rule in _NAMES:
    file_check(_rule)(_check_of(_rule))
