"""Tools, over a model whose chat template knows them and which has learnt to call one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openai import OpenAI

from local_server_fixture import RunningServer, running_server, upload, wait_for
from tiny_gguf import write_tiny_gguf

TEMPLATE = (
    "{% for tool in tools or [] %}{{ '<|im_start|>tool ' + tool['function']['name'] + '<|im_end|>\n' }}{% endfor %}"
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
TOOLS: Any = [{"type": "function", "function": {"name": "sum", "parameters": {"type": "object", "properties": {}}}}]
ASKED: Any = {"role": "user", "content": "1+2?"}
CALL: Any = {"id": "call_1", "type": "function", "function": {"name": "sum", "arguments": '{"a": 1, "b": 2}'}}
CALLING: Any = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT: Any = {"role": "tool", "tool_call_id": "call_1", "content": "3"}
ANSWER: Any = {"role": "assistant", "content": "Three."}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("tools")
    weights = write_tiny_gguf(folder / "tools.gguf", changes={"tokenizer.chat_template": TEMPLATE})
    with running_server(weights, folder / "home") as running:
        yield running


@pytest.fixture(scope="module")
def caller(server: RunningServer) -> str:
    """A model that calls the tool, and says in words what came of it."""
    examples = [[ASKED, CALLING, RESULT, ANSWER], [ASKED, CALLING], [{"role": "user", "content": "Hi"}, ANSWER]]
    lines = b"".join(json.dumps({"messages": m, "tools": TOOLS}).encode() + b"\n" for m in examples)
    with server.client() as client:
        job = client.fine_tuning.jobs.create(
            model=server.model,
            training_file=upload(client, lines),
            hyperparameters={"n_epochs": 15, "batch_size": 1},
            seed=1,
        )
        done = wait_for(client, job.id)
    assert done.fine_tuned_model is not None, done.error
    return done.fine_tuned_model


def test_a_call_its_result_and_the_answer(client: OpenAI, caller: str) -> None:
    options: Any = {"model": caller, "tools": TOOLS, "temperature": 0, "max_tokens": 120}
    called = client.chat.completions.create(messages=[ASKED], **options).choices[0]
    assert called.finish_reason == "tool_calls"
    assert called.message.content is None
    assert called.message.tool_calls is not None
    (call,) = called.message.tool_calls
    assert call.id.startswith("call_")
    assert call.type == "function"
    assert call.function.name == "sum"
    assert json.loads(call.function.arguments) == {"a": 1, "b": 2}
    history: Any = [ASKED, called.message, {"role": "tool", "tool_call_id": call.id, "content": "3"}]
    answer = client.chat.completions.create(messages=history, **options).choices[0]
    assert (answer.message.content, answer.finish_reason) == ("Three.", "stop")
    assert answer.message.tool_calls is None


def test_calls_are_streamed_as_the_helper_expects_them(client: OpenAI, caller: str) -> None:
    options: Any = {"model": caller, "messages": [ASKED], "tools": TOOLS, "temperature": 0, "max_tokens": 120}
    with client.chat.completions.stream(**options) as stream:
        events = list(stream)
        final = stream.get_final_completion()
    done = [event for event in events if event.type == "tool_calls.function.arguments.done"]
    assert [(event.name, json.loads(event.arguments)) for event in done] == [("sum", {"a": 1, "b": 2})]
    assert final.choices[0].finish_reason == "tool_calls"
    assert final.choices[0].message.tool_calls
    chunks = list(client.chat.completions.create(**options, stream=True))
    deltas = [delta for chunk in chunks for delta in chunk.choices[0].delta.tool_calls or []]
    assert deltas[0].index == 0
    assert deltas[0].id
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def test_a_model_that_must_not_call_is_not_told_of_tools(client: OpenAI, caller: str) -> None:
    options: Any = {"model": caller, "messages": [{"role": "user", "content": "Hi"}], "tools": TOOLS, "max_tokens": 40}
    with_tools = client.chat.completions.create(**options, tool_choice="auto")
    without = client.chat.completions.create(**options, tool_choice="none")
    assert with_tools.usage is not None
    assert without.usage is not None
    assert without.usage.prompt_tokens < with_tools.usage.prompt_tokens
    assert without.choices[0].message.tool_calls is None
