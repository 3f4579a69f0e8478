"""Every parameter of a completion with what does not belong there: refused or taken, never a crash."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from local_server_fixture import RunningServer

JUNK = [
    "null", "true", "-1", "0", "1e400", "-0.5", "NaN", "9" * 400, '""', '"x"', '"\\ud83d"', '"auto"', "[]", "[[]]",
    "{}", "[null]", '["x", 7]', '{"a": 1}', '{"type": "x"}', '{"type": ["x"]}', '[{"role": "user"}]',
    "[" * 300 + "]" * 300,
    '{"x":' * 300 + "1" + "}" * 300,
    '[{"type": "function", "function": {"name": "f", "parameters": {"\\u0000": NaN}}}]',
    '[{"role": "assistant", "content": [{"type": "text", "text": "x"}], "tool_calls": [{"id": {}, "function": []}]}]',
]  # fmt: skip
CHAT = [
    "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "top_p",
    "seed", "stop", "n", "tools", "tool_choice", "parallel_tool_calls", "logprobs", "top_logprobs", "response_format",
    "presence_penalty", "frequency_penalty", "logit_bias", "functions", "function_call", "user", "metadata", "audio",
]  # fmt: skip
COMPLETION = [
    "model", "prompt", "stream", "stream_options", "max_tokens", "temperature", "top_p", "seed", "stop", "n", "best_of",
    "echo", "logprobs", "suffix", "presence_penalty", "frequency_penalty", "logit_bias", "user",
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "parameter"),
    [*(("/v1/chat/completions", name) for name in CHAT), *(("/v1/completions", name) for name in COMPLETION)],
)
def test_junk_is_refused_or_taken(server: RunningServer, path: str, parameter: str) -> None:
    good: dict[str, Any] = {"model": server.model, "max_tokens": 2, "temperature": 0}
    good |= {"messages": [{"role": "user", "content": "Hi"}]} if "chat" in path else {"prompt": "Hi"}
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=30)
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    try:
        for junk in JUNK:
            others = json.dumps({key: value for key, value in good.items() if key != parameter})
            connection.request("POST", path, f'{others[:-1]}, "{parameter}": {junk}}}', headers)
            response = connection.getresponse()
            said = response.read()
            assert response.status in (200, 400, 404), (junk, response.status, said)
            if response.status != 200:
                error = json.loads(said)["error"]
                assert error["message"], junk
                assert error["type"] == "invalid_request_error", junk
            elif said.startswith(b"data: "):
                assert said.endswith(b"data: [DONE]\n\n"), junk
    finally:
        connection.close()
