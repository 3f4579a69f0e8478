"""The older completions, and the way in which classifiers were trained for them."""

from __future__ import annotations

import json
import math
from typing import Any

import openai
import pytest
from openai import OpenAI

from local_server_fixture import RunningServer, ask, upload, wait_for


def create(client: OpenAI, model: str, **options: Any) -> Any:
    return client.completions.create(model=model, **{"prompt": "Once", "temperature": 0, **options})


def test_a_prompt_goes_on(client: OpenAI, server: RunningServer) -> None:
    answer = create(client, server.model)
    assert answer.id.startswith("cmpl-")
    assert (answer.object, answer.model) == ("text_completion", server.model)
    (choice,) = answer.choices
    assert (choice.index, choice.finish_reason, choice.logprobs) == (0, "length", None)
    assert answer.usage.completion_tokens == 16  # OpenAI's default
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 16


def test_prompts_come_in_four_kinds(client: OpenAI, server: RunningServer) -> None:
    ids = [3 + ord(letter) - ord("!") for letter in "Once"]  # the tiny vocabulary knows no longer tokens for it
    text = create(client, server.model).choices[0].text
    assert create(client, server.model, prompt=ids).choices[0].text == text
    assert [choice.text for choice in create(client, server.model, prompt=[ids, ids]).choices] == [text, text]
    two = create(client, server.model, prompt=["Once", "Twice"], n=2)
    assert [choice.index for choice in two.choices] == [0, 1, 2, 3]
    assert [choice.text for choice in two.choices[:2]] == [text, text]
    assert two.usage.completion_tokens == 64


def test_log_probabilities_have_the_older_shape(client: OpenAI, server: RunningServer) -> None:
    (choice,) = create(client, server.model, logprobs=5, max_tokens=6).choices
    told = choice.logprobs
    assert len(told.tokens) == len(told.token_logprobs) == len(told.top_logprobs) == len(told.text_offset) == 6
    assert told.text_offset[0] == len("Once")
    for token, logprob, top in zip(told.tokens, told.token_logprobs, told.top_logprobs, strict=True):
        assert 5 <= len(top) <= 6
        assert max(top, key=lambda name: top[name]) == token  # nothing is drawn at temperature 0
        assert top[token] == pytest.approx(logprob)
        assert sum(map(math.exp, top.values())) <= 1 + 1e-6
    only_chosen = create(client, server.model, logprobs=0).choices[0].logprobs
    assert only_chosen.top_logprobs is None
    assert only_chosen.tokens[:6] == told.tokens


def test_a_prompt_can_be_echoed(client: OpenAI, server: RunningServer) -> None:
    assert (
        create(client, server.model, echo=True).choices[0].text == f"Once{create(client, server.model).choices[0].text}"
    )
    stream = create(client, server.model, echo=True, stream=True)
    text = "".join(chunk.choices[0].text for chunk in stream)
    assert text == create(client, server.model, echo=True).choices[0].text


def test_a_stream_is_the_whole_in_pieces(client: OpenAI, server: RunningServer) -> None:
    whole = create(client, server.model, logprobs=2)
    chunks = list(create(client, server.model, logprobs=2, stream=True, stream_options={"include_usage": True}))
    *body, usage = chunks
    assert "".join(chunk.choices[0].text for chunk in body) == whole.choices[0].text
    assert [c for chunk in body for c in chunk.choices[0].logprobs.tokens] == whole.choices[0].logprobs.tokens
    assert [o for chunk in body for o in chunk.choices[0].logprobs.text_offset] == whole.choices[0].logprobs.text_offset
    assert body[-1].choices[0].finish_reason == "length"
    assert (usage.choices, usage.usage.completion_tokens) == ([], 16)


def test_stop_seed_and_bias_work_as_in_chats(client: OpenAI, server: RunningServer) -> None:
    text = create(client, server.model).choices[0].text
    stopped = create(client, server.model, stop=text[4]).choices[0]
    assert (stopped.text, stopped.finish_reason) == (text[: text.index(text[4])], "stop")
    wild = {"temperature": 1.8, "seed": 4}
    assert create(client, server.model, **wild).choices[0].text == create(client, server.model, **wild).choices[0].text
    x = str(3 + ord("x") - ord("!"))
    assert create(client, server.model, logit_bias={x: 100}).choices[0].text == "x" * 16


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "suffix": ({"suffix": " end."}, "suffix"),
    "best_of": ({"best_of": 3}, "best_of"),
    "logprobs": ({"logprobs": 6}, "logprobs"),
    "echo with logprobs": ({"echo": True, "logprobs": 1}, "logprobs"),
    "no prompt": ({"prompt": []}, "prompt"),
    "unknown token": ({"prompt": [999_999]}, "prompt"),
    "too long": ({"prompt": "x" * 5000}, "prompt"),
    "unknown": ({"extra_body": {"top_k": 1}}, "top_k"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_completed_is_refused(client: OpenAI, server: RunningServer, name: str) -> None:
    options, param = REFUSED[name]
    with pytest.raises(openai.BadRequestError) as refused:
        create(client, server.model, **options)
    assert refused.value.param == param
    assert refused.value.code


SEPARATOR = "\n\n###\n\n"
SENTENCES = [("Three balls, two strikes", " baseball"), ("A goal in the net", " soccer")]


def test_a_classifier_trained_the_older_way_gives_its_label_in_one_token(client: OpenAI, server: RunningServer) -> None:
    lines = b"".join(
        json.dumps({"prompt": text + SEPARATOR, "completion": label}).encode() + b"\n" for text, label in SENTENCES * 2
    )
    job = client.fine_tuning.jobs.create(
        model=server.model,
        training_file=upload(client, lines, "labels.jsonl"),
        hyperparameters={"n_epochs": 10, "batch_size": 1},
        suffix="labels",
        seed=1,
    )
    done = wait_for(client, job.id)
    assert done.status == "succeeded", done.error
    assert done.fine_tuned_model is not None
    for text, label in SENTENCES:
        (choice,) = create(client, done.fine_tuned_model, prompt=text + SEPARATOR, max_tokens=1, logprobs=5).choices
        top = choice.logprobs.top_logprobs[0]
        best = max(top, key=lambda token: top[token])
        assert best == choice.text
        assert label.startswith(best)
        assert math.exp(top[best]) > 0.8
        whole = create(client, done.fine_tuned_model, prompt=text + SEPARATOR).choices[0]
        assert (whole.text, whole.finish_reason) == (label, "stop")
        assert ask(client, done.fine_tuned_model, text + SEPARATOR) == label  # a chat is read as plain text, too
