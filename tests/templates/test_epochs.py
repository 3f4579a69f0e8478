"""The automatic number of epochs."""

from __future__ import annotations

import pytest

from fttui.templates.epochs import automatic_epochs


@pytest.mark.parametrize(
    ("examples", "epochs"),
    [
        (0, 3), (1, 25), (3, 25), (4, 25), (5, 20), (10, 10), (12, 8), (14, 7), (33, 3), (34, 3), (60, 3), (100, 3),
        (8_333, 3), (8_334, 2), (12_500, 2), (12_501, 1), (1_000_000, 1),
    ],
)  # fmt: skip
def test_automatic_epochs(examples: int, epochs: int) -> None:
    assert automatic_epochs(examples) == epochs


@pytest.mark.parametrize(("examples", "epochs"), [(0, 3), (1, 3), (60, 3), (10_000, 2), (1_000_000, 1)])
def test_preference_pairs_are_seen_three_times_at_most(examples: int, epochs: int) -> None:
    assert automatic_epochs(examples, "dpo") == epochs
