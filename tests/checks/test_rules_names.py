"""Rules about names."""

from __future__ import annotations

from typing import Any

import pytest

from checks.finding import chat, fixed, found


@pytest.mark.parametrize("name", ["Ann", "ann-lee_2", "_", "a" * 64])
def test_names_that_are_allowed(name: str) -> None:
    assert not found("name-invalid", chat({"role": "user", "content": "Hi", "name": name}, "Hello"))


@pytest.mark.parametrize(
    ("name", "mended"),
    [
        ("Ann Lee", "Ann_Lee"), ("ann@example.com", "ann_example_com"), ("a" * 65, "a" * 64), ("名前 A", "A"),
        ("Ann\n", "Ann"), ("", None), (None, None), ("名前", "名前"), (7, 7), ("x" * 1_000, "x" * 64),
    ],
)  # fmt: skip
def test_names_are_mended_where_something_is_left_of_them(name: Any, mended: Any) -> None:
    record = chat({"role": "user", "content": "Hi", "name": name}, "Hello")
    (place,) = found("name-invalid", record)
    assert len(place.message) < 200
    assert fixed("name-invalid", record)["messages"][0].get("name") == mended


def test_a_functions_result_is_named_after_the_call_before_it() -> None:
    call = {"role": "assistant", "content": None, "function_call": {"name": "rain", "arguments": "{}"}}
    record = chat("Rain?", call, {"role": "function", "content": "no"}, {"role": "assistant", "content": "No."})
    assert fixed("name-missing", record)["messages"][2] == {"role": "function", "name": "rain", "content": "no"}
    alone = chat({"role": "function", "content": "no"}, "No.")
    assert fixed("name-missing", alone) == alone
    assert found("name-missing", alone)
