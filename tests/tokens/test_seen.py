"""What a model sees of an example."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hostile
from fttui.core.errors import InputError
from fttui.formats.lines import parse_line
from fttui.tokens.chat import ExampleTokens, count_example
from fttui.tokens.models import rule_for
from fttui.tokens.seen import Seen, seen_of

GPT = rule_for("gpt-4o")
LOCAL = rule_for("SmolLM2-135M")


def text_of(seen: Seen, *kinds: str) -> str:
    return "".join(piece.text for piece in seen.pieces if not kinds or piece.kind in kinds)


def test_a_conversation() -> None:
    record = {
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "東京は？"},
            {"role": "assistant", "content": "A city."},
            {"role": "assistant", "content": "Not this.", "weight": 0},
        ]
    }
    seen = seen_of(record, GPT)
    assert text_of(seen) == (
        "<|im_start|>system<|im_sep|>Be kind.<|im_end|>\n<|im_start|>user<|im_sep|>東京は？<|im_end|>\n"
        "<|im_start|>assistant<|im_sep|>A city.<|im_end|>\n<|im_start|>assistant<|im_sep|>Not this.<|im_end|>\n"
        "<|im_start|>assistant<|im_sep|>"
    )
    assert text_of(seen, "trained") == "A city."
    assert [piece.text for piece in seen.pieces if piece.kind == "trained"] == ["A", " city", "."]
    assert text_of(seen, "masked") == "Be kind.東京は？Not this."
    assert (seen.form, seen.is_cut) == ("OpenAI", False)


def test_tokens_inside_a_character_stay_together() -> None:
    record = {"prompt": "", "completion": "👩‍👩‍👧‍👦🇯🇵 \U00012345"}
    seen = seen_of(record, GPT)
    assert text_of(seen) == record["completion"]
    assert "\ufffd" not in text_of(seen)
    assert max(piece.tokens for piece in seen.pieces) > 1


texts = st.text(max_size=12)
calls = st.lists(
    st.fixed_dictionaries(
        {"id": texts, "type": texts, "function": st.fixed_dictionaries({"name": texts, "arguments": texts})}
    ),
    max_size=2,
)
contents = texts | st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": texts}), max_size=2) | st.none()
messages = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant", "tool", "odd"]), "content": contents},
        optional={"name": texts, "weight": st.sampled_from([0, 1]), "tool_calls": calls, "refusal": texts, "x": texts},
    ),
    max_size=4,
)
tools = st.just([{"type": "function", "function": {"name": "f", "description": "d", "parameters": {}}}])
records = (
    st.fixed_dictionaries({"messages": messages}, optional={"tools": tools})
    | st.fixed_dictionaries({"prompt": texts, "completion": texts})
    | st.fixed_dictionaries(
        {
            "input": st.fixed_dictionaries({"messages": messages}),
            "preferred_output": messages,
            "non_preferred_output": messages,
        }
    )
)


@given(record=records)
@settings(deadline=None)
def test_the_pieces_add_up_to_what_is_counted(record: dict[str, Any]) -> None:
    seen = seen_of(record, GPT)
    trained = sum(piece.tokens for piece in seen.pieces if piece.kind == "trained")
    assert ExampleTokens(sum(piece.tokens for piece in seen.pieces), trained) == seen.tokens
    assert seen.tokens == count_example(record, GPT.encoding)


@pytest.mark.parametrize(
    ("model", "form", "expected", "trained"),
    [
        (
            "SmolLM2-135M",
            "ChatML",
            "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nYes.<|im_end|>\n",
            "Yes.<|im_end|>",
        ),
        (
            "meta-llama/Llama-3.3-70B-Instruct",
            "Llama 3",
            "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\nYes.<|eot_id|>",
            "Yes.<|eot_id|>",
        ),
        ("open-mistral-7b", "Mistral", "<s>[INST]Hi[/INST]Yes.</s>", "Yes.</s>"),
        (
            "gemma-3-4b",
            "Gemma",
            "<bos><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\nYes.<end_of_turn>\n",
            "Yes.<end_of_turn>",
        ),
    ],
)
def test_other_families_have_forms_of_their_own(model: str, form: str, expected: str, trained: str) -> None:
    record = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes."}]}
    seen = seen_of(record, rule_for(model))
    assert (seen.form, text_of(seen), text_of(seen, "trained")) == (form, expected, trained)
    assert next(piece for piece in seen.pieces if piece.text == "<|im_start|>" or piece.kind == "format").tokens == 1


def test_both_answers_of_a_preference_are_shown() -> None:
    record = {
        "input": {"messages": [{"role": "user", "content": "Hi"}]},
        "preferred_output": [{"role": "assistant", "content": "Good."}],
        "non_preferred_output": [{"role": "assistant", "content": "Bad."}],
    }
    assert text_of(seen_of(record, GPT), "trained") == "Good.Bad."
    assert text_of(seen_of(record, LOCAL), "trained") == "Good.<|im_end|>Bad.<|im_end|>"


def test_a_long_example_is_cut() -> None:
    record = {"messages": [{"role": "user", "content": "word " * 200_000}, {"role": "assistant", "content": "end"}]}
    for rule in (GPT, LOCAL):
        seen = seen_of(record, rule, most=1_000)
        assert seen.is_cut
        assert 1_000 <= len(text_of(seen)) < 1_100
        assert seen.tokens.total > 200_000
    assert not seen_of({"prompt": "a", "completion": "b"}, GPT, most=2).is_cut


@pytest.mark.parametrize("rule", [GPT, LOCAL])
@pytest.mark.parametrize("record", [{}, {"contents": []}, {"messages": None}, {"input": 3}, {"completion": None}])
def test_what_is_no_text_for_a_model_is_said(record: dict[str, Any], rule: Any) -> None:
    if rule is GPT and "messages" in record:
        assert text_of(seen_of(record, rule)) == "<|im_start|>assistant<|im_sep|>"
        return
    with pytest.raises(InputError):
        seen_of(record, rule)


@pytest.mark.parametrize("rule", [GPT, LOCAL, rule_for("llama"), rule_for("mistral")])
def test_hostile_records_are_shown_or_refused(rule: Any) -> None:
    shown = 0
    for line in hostile.LINES.values():
        value = parse_line(line).value
        if isinstance(value, dict):
            try:
                seen = seen_of(value, rule)
            except InputError:
                continue
            shown += len(text_of(seen)) > 0
    assert shown > 3
