"""What prompts share is computed once."""

from __future__ import annotations

import gc
import weakref

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from decoding import ask, run
from fttui.local.engines.numpy_engine import NumpyEngine
from fttui.local.engines.numpy_engine.kv_cache import KeyValueCache
from fttui.local.engines.numpy_engine.lora import LoraAdapter
from fttui.local.engines.numpy_engine.prefix_reuse import KeptCaches, common_prefix, longest_prefix
from fttui.local.engines.protocol import Sampling

START = list(range(10, 70))


def _adapter(engine: NumpyEngine) -> LoraAdapter:
    adapter = engine.new_adapter(rank=2)
    flat = adapter.parameters.flat
    flat[...] = np.random.default_rng(0).standard_normal(flat.size) * 0.1
    return adapter


def test_a_prompt_that_begins_like_an_earlier_one(engine: NumpyEngine) -> None:
    decoder = engine.decoder()
    ask(decoder, [*START, 80, 81], max_tokens=4)
    again = ask(decoder, [*START, 90, 91], max_tokens=8)
    assert again.answer.cached_tokens == len(START)
    fresh = ask(engine.decoder(), [*START, 90, 91], max_tokens=8)
    assert fresh.answer.cached_tokens == 0
    assert fresh.text == again.text


def test_the_same_prompt_again_and_again(engine: NumpyEngine) -> None:
    decoder = engine.decoder()
    outcomes = [ask(decoder, START, max_tokens=6) for _ in range(3)]
    assert [outcome.answer.cached_tokens for outcome in outcomes] == [0, len(START) - 1, len(START) - 1]
    assert len({outcome.text for outcome in outcomes}) == 1


def test_a_conversation_goes_on(engine: NumpyEngine) -> None:
    decoder = engine.decoder()
    first = ask(decoder, START, max_tokens=9, top_logprobs=0, logit_bias=dict.fromkeys(engine.tokenizer.end_ids, -100))
    said = [chosen.token.id for chosen in first.tokens]
    longer = [*START, *said, 33, 44]
    second = ask(decoder, longer, max_tokens=5)
    assert second.answer.cached_tokens == len(START) + len(said) - 1  # the last token was never computed
    assert second.text == ask(engine.decoder(), longer, max_tokens=5).text


def test_equal_prompts_at_once_are_computed_once(engine: NumpyEngine) -> None:
    decoder = engine.decoder()
    answers = [decoder.add(START, Sampling(5, 1.0, seed=seed)) for seed in range(4)]
    texts = [outcome.text for outcome in run(decoder, *answers)]
    assert [answer.cached_tokens for answer in answers] == [0, *[len(START) - 1] * 3]
    assert texts == [ask(engine.decoder(), START, max_tokens=5, temperature=1.0, seed=seed).text for seed in range(4)]


def test_adapters_do_not_share(engine: NumpyEngine) -> None:
    decoder = engine.decoder()
    one, same_numbers = _adapter(engine), _adapter(engine)
    found = [
        ask(decoder, START, adapter, max_tokens=2).answer.cached_tokens for adapter in (None, one, same_numbers, one)
    ]
    assert found == [0, 0, 0, len(START) - 1]


def _cache(engine: NumpyEngine, ids: list[int]) -> KeyValueCache:
    cache = KeyValueCache(engine.weights.shape, len(ids))
    cache.advance(ids)
    return cache


def test_the_longest_prefix_wins_and_the_last_token_is_computed(engine: NumpyEngine) -> None:
    short, long, other = (_cache(engine, ids) for ids in ([1, 2], [1, 2, 3, 9], [5, 1, 2, 3]))
    assert longest_prefix([short, long, other], [1, 2, 3, 4, 5]) == (long, 3)
    assert longest_prefix([short, long, other], [1, 2, 3]) == (short, 2)
    assert longest_prefix([other], [1, 2, 3]) == (None, 0)


def test_the_longest_unused_go_first(engine: NumpyEngine) -> None:
    token = _cache(engine, [1]).used_bytes
    kept = KeptCaches(9 * token)
    caches = [_cache(engine, [i] * 3) for i in range(4)]
    for cache in caches[:3]:
        kept.keep(cache, None)
    kept.touch(caches[0])
    kept.keep(caches[3], None)
    assert kept.of(None) == [caches[2], caches[0], caches[3]]
    kept.take(caches[2])
    assert kept.of(None) == [caches[0], caches[3]]


def test_what_says_no_more_is_not_kept(engine: NumpyEngine) -> None:
    kept = KeptCaches()
    long, short, longer = (_cache(engine, ids) for ids in ([1, 2, 3], [1, 2], [1, 2, 3, 4]))
    kept.keep(long, None)
    kept.keep(short, None)
    assert kept.of(None) == [long]
    kept.keep(longer, None)
    assert kept.of(None) == [longer]


def test_a_deleted_adapter_takes_its_caches_along(engine: NumpyEngine) -> None:
    kept = KeptCaches(10**9)
    adapter = _adapter(engine)
    kept.keep(_cache(engine, [1, 2, 3]), adapter)
    [cache] = map(weakref.ref, kept.of(adapter))
    assert cache() is not None
    del adapter
    gc.collect()
    left = cache()
    assert left is not None and left.capacity == 0  # its memory is free already
    kept.keep(_cache(engine, [4]), None)
    del left
    assert cache() is None


def test_what_is_kept_takes_no_more_memory_than_it_is_counted_as(engine: NumpyEngine) -> None:
    decoder = engine.decoder()
    ask(decoder, START, max_tokens=100, logit_bias=dict.fromkeys(engine.tokenizer.end_ids, -100))
    [cache] = decoder._kept.of(None)
    assert cache._keys.nbytes + cache._values.nbytes == cache.used_bytes
    ask(decoder, [*cache.ids, 5], max_tokens=3)  # it goes on in it


def test_one_that_is_too_long_to_be_kept_leaves_the_others(engine: NumpyEngine) -> None:
    kept = KeptCaches(5 * _cache(engine, [1]).used_bytes)
    short = _cache(engine, [1, 2])
    kept.keep(short, None)
    kept.keep(_cache(engine, [7] * 6), None)
    assert kept.of(None) == [short]


@given(st.lists(st.integers(0, 2), max_size=6), st.lists(st.integers(0, 2), max_size=6))
def test_common_prefix(left: list[int], right: list[int]) -> None:
    same = common_prefix(left, right)
    assert left[:same] == right[:same]
    assert left[same : same + 1] != right[same : same + 1] or same == len(left) == len(right)


def test_a_copy_does_not_follow_its_source(engine: NumpyEngine) -> None:
    decoder = engine.decoder()
    first, second = (decoder.add(START, Sampling(10, 1.5, seed=seed)) for seed in (1, 2))
    outcomes = run(decoder, first, second)
    assert outcomes[0].text != outcomes[1].text
