"""A chat completion as it was asked for, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fttui.local.chat_messages import read_messages
from fttui.local.errors import bad_request
from fttui.local.parameters import number, refuse_unknown, refuse_unsupported, required_text
from fttui.local.sampling_request import SAMPLING_NAMES, SamplingRequest, flag
from fttui.local.tool_request import ToolRequest

DEFAULT_MAX_TOKENS: Final = 1024
"""Tokens of an answer when the request names no limit: a small model on a CPU may never stop by itself."""

_USED: Final = (
    "model", "messages", "max_tokens", "max_completion_tokens", "logprobs", "top_logprobs", "response_format", "tools",
    "tool_choice", "parallel_tool_calls",
)  # fmt: skip
_WITHOUT_EFFECT: Final = (
    "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
    "prompt_cache_options",
)  # fmt: skip
_UNSUPPORTED: Final[Mapping[str, tuple[object, ...]]] = {
    "functions": ([],),
    "function_call": ("auto", "none"),
    "modalities": (["text"],),
    "reasoning_effort": ("none",),
    "verbosity": ("medium",),
    "audio": (),
    "prediction": (),
    "moderation": (),
    "web_search_options": (),
}
_MOST_TOP_LOGPROBS: Final = 20


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What is to be answered, by whom, how."""

    model: str
    messages: list[dict[str, Any]]
    tools: ToolRequest | None
    max_tokens: int
    top_logprobs: int | None
    """None: no log-probabilities are wanted."""
    json_object: bool
    sampling: SamplingRequest

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> ChatRequest:
        """Check a request's body.

        Raises:
            ApiError: 400, naming the parameter that is wrong, unknown, or beyond this server.
        """
        refuse_unknown(body, {*_USED, *SAMPLING_NAMES, *_WITHOUT_EFFECT, *_UNSUPPORTED})
        refuse_unsupported(body, _UNSUPPORTED)
        messages = read_messages(body.get("messages"))
        return cls(
            model=required_text(body, "model"),
            messages=messages,
            tools=ToolRequest.read(body),
            max_tokens=_max_tokens(body),
            top_logprobs=_top_logprobs(body),
            json_object=_json_object(body.get("response_format"), messages),
            sampling=SamplingRequest.read(body),
        )


def _max_tokens(body: Mapping[str, Any]) -> int:
    both = [number(body, n, least=1, most=1_000_000, whole=True) for n in ("max_completion_tokens", "max_tokens")]
    return min((int(value) for value in both if value is not None), default=DEFAULT_MAX_TOKENS)


def _top_logprobs(body: Mapping[str, Any]) -> int | None:
    wanted = flag(body, "logprobs")
    top = number(body, "top_logprobs", least=0, most=_MOST_TOP_LOGPROBS, whole=True)
    if not wanted:
        if top:
            message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled."
            raise bad_request(message, "top_logprobs", "invalid_value")
        return None
    return int(top or 0)


def _json_object(value: Any, messages: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the answer is to be a JSON object; the messages must say so too, as OpenAI demands."""
    if value is None:
        return False
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str):
        raise bad_request("'response_format' must be an object with a 'type'.", "response_format", "invalid_type")
    if kind == "text":
        return False
    if kind != "json_object":
        known = "'text' and 'json_object'"
        message = f"'response_format' of type '{kind[:60]}' is not supported: the local server knows {known}."
        raise bad_request(message, "response_format", "unsupported_parameter")
    if not any("json" in message["content"].lower() for message in messages):
        message = (
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        )
        raise bad_request(message, "messages", "invalid_value")
    return True
