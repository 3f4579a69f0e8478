"""A caret points at what an issue is about: a value, a key, or what should have something that is missing."""

from __future__ import annotations

import pytest

from fttui.checks.model import Issue, Path
from fttui.checks.spots import spot_of

TEXT = '{"mesages": [], "messages": [{"role": "gpt", "content": "日本"}, {"role": "user"}]}'


@pytest.mark.parametrize(
    ("rule", "path", "column", "marked"),
    [
        ("role-unknown", ("messages", 0, "role"), None, '"gpt"'),
        ("content-type", ("messages", 0, "content"), None, '"日本"'),
        ("key-unknown", ("mesages",), None, '"mesages"'),
        ("message-key-unknown", ("messages", 1, "role"), None, '"role"'),
        ("content-missing", ("messages", 1), None, '{"role": "user"}'),
        ("content-missing", ("messages", 1, "content"), None, "{"),
        ("turn-order", ("messages", 7, "role"), None, "["),
        ("not-json", (), 3, "m"),
        ("not-json", (), 10_000, ""),
    ],
)
def test_what_is_marked(rule: str, path: Path, column: int | None, marked: str) -> None:
    spot = spot_of(TEXT, Issue(1, rule, "error", "x", path, False, ("openai",), column))
    assert spot is not None
    assert TEXT[spot[0] : spot[1]] == marked


def test_nothing_is_marked_for_a_whole_line_or_where_there_is_no_json() -> None:
    issue = Issue(1, "blank-line", "warning", "x", (), True, ("openai",))
    assert spot_of("", issue) is None
    assert spot_of("broken", issue._replace(path=("messages", 0))) == (0, 1)
