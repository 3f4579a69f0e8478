"""Which vocabulary and limit a model id means."""

from __future__ import annotations

import pytest

from fttui.tokens.encodings import NAMES
from fttui.tokens.models import base_of, family_of, rule_for


@pytest.mark.parametrize(
    ("model", "encoding", "exact", "limit"),
    [
        ("gpt-4.1", "o200k_base", True, 65_536),
        ("gpt-4.1-mini-2025-04-14", "o200k_base", True, 65_536),
        ("gpt-4o-mini", "o200k_base", True, 65_536),
        ("openai/gpt-4o-2024-08-06", "o200k_base", True, 65_536),
        # tiktoken maps the next one to cl100k_base and does not know the one after it
        ("ft:gpt-4.1-nano-2025-04-14:org::abc:ckpt-step-7", "o200k_base", True, 65_536),
        ("ft:o4-mini-2025-04-16:org:tone:abc", "o200k_base", True, None),
        ("gpt-3.5-turbo", "cl100k_base", True, 16_385),
        ("gpt-3.5-turbo-0125", "cl100k_base", True, 16_385),
        ("gpt-3.5-turbo-0613", "cl100k_base", True, 4_096),
        ("gpt-4", "cl100k_base", True, None),
        ("gpt-4-0613", "cl100k_base", True, None),
        ("gpt-4-1106-preview", "cl100k_base", True, None),
        ("gpt-4-32k", "cl100k_base", True, None),
        ("gpt-4-32k-0613", "cl100k_base", True, None),
        ("gpt-3.5-turbo-16k", "cl100k_base", True, None),
        ("gpt-3.5-turbo-16k-0613", "cl100k_base", True, None),
        # as Azure names what was tuned there
        ("gpt-35-turbo-0125.ft-0ab3f80e4f2242929258fff45b56a9ce", "cl100k_base", True, 16_385),
        ("azure/gpt-35-turbo-0613.ft-0ab3-tone", "cl100k_base", True, 4_096),
        ("gpt-4.1-2025-04-14.ft-x", "o200k_base", True, 65_536),
        ("my.ft-model", "o200k_base", False, None),
        ("babbage-002", "cl100k_base", True, None),
        ("gpt-oss-20b", "o200k_base", True, None),
        ("SmolLM2-135M", "o200k_base", False, None),
        ("ft:SmolLM2-135M:local:tone:abc123", "o200k_base", False, None),
        ("Qwen/Qwen3-32B", "o200k_base", False, None),
        ("", "o200k_base", False, None),
        ("ft:", "o200k_base", False, None),
    ],
)
def test_rules(model: str, encoding: str, exact: bool, limit: int | None) -> None:
    rule = rule_for(model)
    assert (rule.model, rule.encoding, rule.exact, rule.limit) == (model, encoding, exact, limit)


def test_base_and_family() -> None:
    assert base_of("ft:gpt-4o-2024-08-06:org::id") == "gpt-4o-2024-08-06"
    assert family_of("ft:gpt-4o-2024-08-06:org::id") == "gpt-4o"
    assert base_of("gpt-4.1-mini-2025-04-14.ft-0ab3-tone") == "gpt-4.1-mini-2025-04-14"
    assert base_of("my.ft-model") == "my.ft-model"
    assert family_of("SmolLM2-135M") == "SmolLM2-135M"


@pytest.mark.parametrize(
    ("model", "maker"),
    [
        ("gpt-4o", "OpenAI"),
        ("ft:SmolLM2-135M:local:tone:abc123", "SmolLM2"),
        ("meta-llama/Llama-3.3-70B-Instruct", "Llama"),
        ("accounts/fireworks/models/qwen3-8b", "Qwen"),
        ("open-mixtral-8x7b", "Mistral"),
        ("gemini-2.5-flash", "Gemini"),
        ("my-model", ""),
    ],
)
def test_whose_vocabulary_it_is_is_said(model: str, maker: str) -> None:
    rule = rule_for(model)
    assert rule.maker == maker
    assert rule.how.startswith("exact" if rule.exact else "estimate")
    assert maker in rule.how


def test_each_model_with_a_price_has_a_vocabulary_that_is_here() -> None:
    from fttui.costs.prices import all_prices

    for price in all_prices():
        assert rule_for(price.model).encoding in NAMES
