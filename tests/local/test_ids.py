"""Names of models."""

from __future__ import annotations

import pytest

from fttui.local.ids import tuned_model_id


@pytest.mark.parametrize(
    ("suffix", "slug"),
    [
        ("my tone", "my-tone"),
        ("Café São", "Cafe-Sao"),
        ("Cafe\u0301", "Cafe"),
        ("Übung 2.1", "Ubung-2.1"),
        ("ﬁne", "fine"),
        ("日本", ""),
        ("a:b/../c", "a-b-..-c"),
        (None, ""),
    ],
)
def test_a_suffix_becomes_a_part_of_a_name(suffix: str | None, slug: str) -> None:
    assert tuned_model_id("base", suffix, "ftjob-0123456789") == f"ft:base:local:{slug}:23456789"
