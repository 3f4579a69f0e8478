"""Drawing a token."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from fttui.local.engines.numpy_engine.sampling import adjust, choose, choose_among, finite
from fttui.local.engines.numpy_engine.stop_texts import StopTexts
from fttui.local.engines.protocol import Sampling

SHARES = np.array([0.5, 0.1, 0.25, 0.15])
LOGITS = np.log(SHARES).astype(np.float32) + 3


def _drawn(count: int = 4000, **options: float) -> dict[int, float]:
    random = np.random.default_rng(0)
    counts = Counter(choose(LOGITS, random, **{"temperature": 1.0, "top_p": 1.0, **options}) for _ in range(count))
    return {token: number / count for token, number in counts.items()}


def test_temperature_zero_takes_the_likeliest() -> None:
    assert _drawn(20, temperature=0.0) == {0: 1.0}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("temperature", [5e-324, 1e-310, 1e-7])
def test_so_does_one_next_to_it(temperature: float) -> None:
    assert _drawn(20, temperature=temperature) == {0: 1.0}
    assert _drawn(20, temperature=temperature, top_p=0.5) == {0: 1.0}


def test_tokens_come_as_often_as_they_are_likely() -> None:
    drawn = _drawn()
    for token, share in enumerate(SHARES):
        assert drawn[token] == pytest.approx(share, abs=0.03)


def test_a_low_temperature_sharpens() -> None:
    squared = SHARES**2 / (SHARES**2).sum()
    drawn = _drawn(temperature=0.5)
    assert drawn[0] == pytest.approx(squared[0], abs=0.03)


@pytest.mark.parametrize(
    ("top_p", "kept"), [(0.4, {0}), (0.6, {0, 2}), (0.8, {0, 2, 3}), (0.95, {0, 1, 2, 3}), (0.0, {0})]
)
def test_top_p_keeps_the_likeliest(top_p: float, kept: set[int]) -> None:
    drawn = _drawn(top_p=top_p)
    assert set(drawn) == kept
    total = sum(SHARES[token] for token in kept)
    for token in kept:
        assert drawn[token] == pytest.approx(SHARES[token] / total, abs=0.03)


def test_extreme_logits_do_not_overflow() -> None:
    logits = np.array([1e30, -1e30, 0.0], np.float32)
    assert choose(logits, np.random.default_rng(0), temperature=0.01, top_p=0.9) == 0


def test_only_possible_tokens_are_drawn_as_often_as_they_are_likely_among_themselves() -> None:
    random = np.random.default_rng(0)
    drawn = Counter(
        choose_among(LOGITS.copy(), random, lambda token: token in (1, 3), temperature=1.0, top_p=1.0)
        for _ in range(4000)
    )
    assert set(drawn) == {1, 3}
    assert drawn[1] / 4000 == pytest.approx(0.1 / 0.25, abs=0.03)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_the_one_possible_token_is_found_however_unlikely(temperature: float) -> None:
    logits = np.linspace(50, 0, 300, dtype=np.float32)
    random = np.random.default_rng(0)
    found = choose_among(logits.copy(), random, lambda token: token == 299, temperature=temperature, top_p=0.5)
    assert found == 299
    assert choose_among(logits.copy(), random, lambda _: False, temperature=temperature, top_p=1.0) is None
    nothing = np.full(5, -np.inf, np.float32)
    assert choose_among(nothing, random, lambda _: True, temperature=temperature, top_p=1.0) is None


def test_penalties_and_biases_are_added_up() -> None:
    sampling = Sampling(5, presence_penalty=0.5, frequency_penalty=0.25, logit_bias={1: 2.0, 3: -100.0, 99: 5.0})
    adjusted = adjust(np.zeros(4, np.float32), sampling, Counter({0: 1, 1: 3}))
    assert adjusted.tolist() == [-0.75, 2 - 0.75 - 0.5, 0, -100]
    logits = np.zeros(4, np.float32)
    assert adjust(logits, Sampling(5), Counter({0: 1})) is logits


def test_logits_that_are_no_numbers() -> None:
    broken = np.array([np.nan, 1.0, np.inf, -np.inf], np.float32)
    assert np.isfinite(finite(broken)).all()
    assert choose(finite(broken), np.random.default_rng(0), temperature=1.0, top_p=0.9) == 2


def _through(stops: tuple[str, ...], *pieces: str) -> tuple[str, bool]:
    texts = StopTexts(stops)
    shown = "".join(texts.add(piece) for piece in pieces)
    return shown + ("" if texts.is_reached else texts.finish()), texts.is_reached


@pytest.mark.parametrize(
    ("stops", "pieces", "shown", "reached"),
    [
        ((), ("a", "b"), "ab", False),
        (("\n\n",), ("a\n", "\nb"), "a", True),
        (("\n\n",), ("a\n", "b\n"), "a\nb\n", False),
        (("abcd",), ("ab", "abc", "d"), "ab", True),
        (("aab",), ("a", "a", "a", "b"), "a", True),
        (("xyz", "y"), ("axy",), "ax", True),
        (("END",), ("the E", "N", "d"), "the ENd", False),
        (("",), ("a",), "a", False),
    ],
)
def test_stop_texts(stops: tuple[str, ...], pieces: tuple[str, ...], shown: str, reached: bool) -> None:
    assert _through(stops, *pieces) == (shown, reached)


def test_what_could_begin_a_stop_text_is_held_back() -> None:
    texts = StopTexts(("stop",))
    assert texts.add("do st") == "do "
    assert texts.add("ay") == "stay"
