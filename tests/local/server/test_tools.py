"""Tools: a model whose chat template takes them, trained to call one, through the SDK."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI

from local_server_fixture import RunningServer, running_server, upload, wait_for
from tiny_gguf import write_tiny_gguf

TEMPLATE = (
    "{% if tools %}{{ '<|im_start|>system\n' }}"
    "{% for tool in tools %}{{ tool['function']['name'] + ' ' }}{% endfor %}{{ '<|im_end|>\n' }}{% endif %}"
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "The weather in a city.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
            "strict": True,
        },
    }
]
OSLO: Any = [{"role": "user", "content": "Weather in Oslo?"}]


def call(city: str) -> dict[str, Any]:
    return {
        "id": f"call_{city}",
        "type": "function",
        "function": {"name": "weather", "arguments": json.dumps({"city": city})},
    }


def training_file() -> bytes:
    """Calls, what comes of one, and a word where no tool is needed."""

    def line(messages: list[Any]) -> bytes:
        return json.dumps({"messages": messages, "tools": TOOLS}).encode() + b"\n"

    def calling(city: str, content: str | None = None) -> list[Any]:
        return [
            {"role": "user", "content": f"Weather in {city}?"},
            {"role": "assistant", "content": content, "tool_calls": [call(city)]},
        ]

    result = [
        {"role": "tool", "tool_call_id": "call_Oslo", "content": "rain"},
        {"role": "assistant", "content": "It rains."},
    ]
    hello = [{"role": "user", "content": "Hello!"}, {"role": "assistant", "content": "Hi."}]
    return b"".join(map(line, [calling("Oslo") + result, calling("Rome"), calling("Bonn", "Let me see. "), hello]))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("tools")
    weights = write_tiny_gguf(folder / "tools.gguf", changes={"tokenizer.chat_template": TEMPLATE})
    with running_server(weights, folder / "home") as running:
        yield running


@pytest.fixture(scope="module")
def tuned(server: RunningServer) -> str:
    with server.client() as client:
        job = client.fine_tuning.jobs.create(model=server.model, training_file=upload(client, training_file()))
        done = wait_for(client, job.id, "succeeded")
        assert done.fine_tuned_model, done
        return done.fine_tuned_model


def test_a_call_is_told_as_one(client: OpenAI, tuned: str) -> None:
    answer = client.chat.completions.create(model=tuned, messages=OSLO, tools=TOOLS, temperature=0, max_tokens=200)
    (choice,) = answer.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    (made,) = choice.message.tool_calls or []
    assert made.type == "function"
    assert made.id.startswith("call_")
    assert (made.function.name, json.loads(made.function.arguments)) == ("weather", {"city": "Oslo"})


def test_words_before_a_call_stream_and_the_call_follows(client: OpenAI, tuned: str) -> None:
    messages: Any = [{"role": "user", "content": "Weather in Bonn?"}]
    with client.chat.completions.stream(
        model=tuned, messages=messages, tools=TOOLS, temperature=0, max_tokens=200
    ) as stream:
        chunks = [event.chunk for event in stream if event.type == "chunk"]
        final = stream.get_final_completion().choices[0]
    assert final.message.content == "Let me see."
    (made,) = final.message.tool_calls or []
    assert json.loads(made.function.arguments) == {"city": "Bonn"}
    assert final.finish_reason == "tool_calls"
    deltas = [chunk.choices[0].delta for chunk in chunks]
    assert [call.index for delta in deltas for call in delta.tool_calls or []] == [0]
    assert "<tool_call>" not in "".join(delta.content or "" for delta in deltas)


def test_what_came_of_a_call_is_read(client: OpenAI, tuned: str) -> None:
    told: Any = [
        *OSLO,
        {"role": "assistant", "content": None, "tool_calls": [call("Oslo")]},
        {"role": "tool", "tool_call_id": "call_Oslo", "content": "rain"},
    ]
    answer = client.chat.completions.create(model=tuned, messages=told, tools=TOOLS, temperature=0, max_tokens=50)
    assert answer.choices[0].message.content == "It rains."
    assert answer.choices[0].message.tool_calls is None
    assert answer.choices[0].finish_reason == "stop"


def test_none_means_that_the_model_does_not_hear_of_tools(client: OpenAI, tuned: str) -> None:
    options: Any = {"model": tuned, "messages": OSLO, "temperature": 0, "max_tokens": 30}
    without = client.chat.completions.create(**options)
    none = client.chat.completions.create(**options, tools=TOOLS, tool_choice="none")
    assert none.choices[0].message == without.choices[0].message
    assert none.usage is not None
    assert without.usage is not None
    assert none.usage.prompt_tokens == without.usage.prompt_tokens


def function(**changes: Any) -> dict[str, Any]:
    return {"tools": [{"type": "function", "function": {**TOOLS[0]["function"], **changes}}]}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "required": ({"tools": TOOLS, "tool_choice": "required"}, "tool_choice"),
    "named": ({"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "weather"}}}, "tool_choice"),
    "choice": ({"tools": TOOLS, "tool_choice": "perhaps"}, "tool_choice"),
    "choice without tools": ({"tool_choice": "auto"}, "tool_choice"),
    "no list": ({"tools": {}}, "tools"),
    "no objects": ({"tools": ["weather"]}, "tools[0]"),
    "custom": ({"tools": [{"type": "custom", "custom": {"name": "x"}}]}, "tools[0].type"),
    "no function": ({"tools": [{"type": "function"}]}, "tools[0].function"),
    "no name": (function(name=None), "tools[0].function.name"),
    "name": (function(name="the weather"), "tools[0].function.name"),
    "description": (function(description=7), "tools[0].function.description"),
    "parameters": (function(parameters="city"), "tools[0].function.parameters"),
    "many": ({"tools": TOOLS * 129}, "tools"),
    "parallel": ({"tools": TOOLS, "parallel_tool_calls": "no"}, "parallel_tool_calls"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_tool_is_named(client: OpenAI, server: RunningServer, name: str) -> None:
    options, param = WRONG[name]
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model=server.model, messages=OSLO, max_tokens=1, **options)
    assert refused.value.param == param
    assert refused.value.code


def test_a_model_of_plain_text_takes_no_tools(client: OpenAI, server: RunningServer) -> None:
    lines = b"".join(json.dumps({"prompt": f"{n}", "completion": " x"}).encode() + b"\n" for n in range(4))
    options: Any = {"hyperparameters": {"n_epochs": 1}, "training_file": upload(client, lines)}
    job = client.fine_tuning.jobs.create(model=server.model, **options)
    plain = wait_for(client, job.id, "succeeded").fine_tuned_model or ""
    with pytest.raises(openai.BadRequestError, match="takes no tools") as refused:
        client.chat.completions.create(model=plain, messages=OSLO, tools=TOOLS, max_tokens=1)
    assert refused.value.param == "tools"


def test_a_model_whose_template_knows_no_tools_learns_to_call_one(weights: Path, tmp_path: Path) -> None:
    messages = [*OSLO, {"role": "assistant", "content": None, "tool_calls": [call("Oslo")]}]
    lines = (json.dumps({"messages": messages, "tools": TOOLS}).encode() + b"\n") * 12
    with running_server(weights, tmp_path) as plain, plain.client() as client:
        job = client.fine_tuning.jobs.create(model=plain.model, training_file=upload(client, lines), seed=1)
        tuned = wait_for(client, job.id, "succeeded").fine_tuned_model or ""
        options: Any = {"model": tuned, "messages": OSLO, "tools": TOOLS, "temperature": 0, "max_tokens": 200}
        answer = client.chat.completions.create(**options)
        hidden = client.chat.completions.create(**options, tool_choice="none")
    (choice,) = answer.choices
    assert (choice.finish_reason, choice.message.content) == ("tool_calls", None)
    (made,) = choice.message.tool_calls or []
    assert made.type == "function"
    assert (made.function.name, json.loads(made.function.arguments)) == ("weather", {"city": "Oslo"})
    assert hidden.choices[0].message.tool_calls is None
    assert answer.usage is not None
    assert hidden.usage is not None
    assert hidden.usage.prompt_tokens < answer.usage.prompt_tokens
