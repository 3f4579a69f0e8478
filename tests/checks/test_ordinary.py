"""What is called ordinary has nothing wrong in it; the other way round need not be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fttui.checks.engine import check_record
from fttui.checks.ordinary import is_ordinary
from fttui.formats.kinds import KINDS

ROLES = ("system", "user", "assistant", "developer", "tool", "assitant", "", None, 7)
CONTENTS = (
    "Hi",
    "日本語",
    "<|endoftext|>",
    "\\u00e9 \\n",
    "",
    " \n\u3000",
    None,
    7,
    [],
    [{"type": "text", "text": "x"}],
)


def messages_of(*roles: str) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": "x"} for role in roles]}


def nearly() -> st.SearchStrategy[dict[str, Any]]:
    """Records that are ordinary or nearly so."""
    message = st.fixed_dictionaries(
        {"role": st.sampled_from(ROLES), "content": st.sampled_from(CONTENTS) | st.text(max_size=5)},
        optional={"weight": st.sampled_from((0, 1)), "name": st.just("a")},
    )
    plain = st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=6).map(
        lambda texts: [
            {"role": ("user", "assistant")[number % 2], "content": text} for number, text in enumerate(texts)
        ]
    )
    with_system = st.tuples(st.lists(message, max_size=1), plain).map(lambda two: two[0] + two[1])
    lists = with_system | st.lists(message | st.none(), max_size=4)
    return st.fixed_dictionaries({"messages": lists}, optional={"id": st.just(1)}) | st.just({"messages": "x"})


@given(record=nearly(), kind=st.sampled_from(KINDS))
@settings(max_examples=400, deadline=None)
def test_nothing_is_found_in_what_is_ordinary(record: dict[str, Any], kind: Any) -> None:
    if is_ordinary(record, kind):
        assert check_record(record, kind) == []


@pytest.mark.parametrize(
    "roles",
    [("user", "assistant"), ("system", "user", "assistant"), ("user", "assistant", "user", "assistant")],
)
def test_plain_conversations_are_ordinary(roles: tuple[str, ...]) -> None:
    assert is_ordinary(messages_of(*roles), "chat")


@pytest.mark.parametrize(
    "roles",
    [
        (), ("system",), ("user",), ("assistant",), ("system", "assistant"), ("user", "assistant", "user"),
        ("user", "system", "assistant"), ("system", "system", "user", "assistant"), ("developer", "user", "assistant"),
        ("user", "assistant", "assistant"), ("user", "user", "assistant"),
    ],
)  # fmt: skip
def test_others_are_looked_at(roles: tuple[str, ...]) -> None:
    assert not is_ordinary(messages_of(*roles), "chat")


def test_ordinary_is_a_chat_alone() -> None:
    record = messages_of("user", "assistant")
    assert not is_ordinary(record, "preference")
    assert not is_ordinary({**record, "tools": []}, "chat")
    assert not is_ordinary({"messages": {}}, "chat")
    assert not is_ordinary({"messages": [7, None]}, "chat")
    record["messages"][1]["weight"] = 1
    assert not is_ordinary(record, "chat")
