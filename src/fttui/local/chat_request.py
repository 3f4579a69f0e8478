"""A chat completion as it was asked for, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fttui.local.engines.protocol import Sampling
from fttui.local.errors import bad_request
from fttui.local.examples import ROLES, is_text_parts
from fttui.local.parameters import number, refuse_unknown, refuse_unsupported, required_text

DEFAULT_MAX_TOKENS: Final = 1024
"""Tokens of an answer when the request names no limit: a small model on a CPU may never stop by itself."""

_USED: Final = (
    "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "top_p",
    "seed", "stop", "tools",
)  # fmt: skip
_WITHOUT_EFFECT: Final = (
    "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
    "parallel_tool_calls",
)  # fmt: skip
_UNSUPPORTED: Final[Mapping[str, tuple[object, ...]]] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "logit_bias": ({},),
    "response_format": ({"type": "text"},),
    "tool_choice": ("auto", "none"),
    "functions": ([],),
    "function_call": ("auto", "none"),
    "modalities": (["text"],),
    "reasoning_effort": ("none",),
    "verbosity": ("medium",),
    "audio": (),
    "prediction": (),
    "web_search_options": (),
}
_LARGEST_SEED: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What is to be answered, by whom, how."""

    model: str
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]] | None
    stream: bool
    include_usage: bool
    max_tokens: int | None
    temperature: float
    top_p: float
    seed: int | None
    stop: tuple[str, ...]

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> ChatRequest:
        """Check a request's body.

        Raises:
            ApiError: 400, naming the parameter that is wrong, unknown, or beyond this server.
        """
        refuse_unknown(body, {*_USED, *_WITHOUT_EFFECT, *_UNSUPPORTED})
        refuse_unsupported(body, _UNSUPPORTED)
        options = body.get("stream_options") or {}
        if not isinstance(options, dict):
            raise bad_request("'stream_options' must be an object.", "stream_options", "invalid_type")
        temperature = number(body, "temperature", least=0, most=2)
        top_p = number(body, "top_p", least=0, most=1)
        seed = number(body, "seed", least=-_LARGEST_SEED, most=_LARGEST_SEED, whole=True)
        return cls(
            model=required_text(body, "model"),
            messages=_messages(body.get("messages")),
            tools=_tools(body.get("tools")),
            stream=_flag(body, "stream"),
            include_usage=bool(options.get("include_usage")),
            max_tokens=_max_tokens(body),
            temperature=1.0 if temperature is None else temperature,
            top_p=1.0 if top_p is None else top_p,
            seed=None if seed is None else int(seed),
            stop=_stop(body.get("stop")),
        )

    def sampling(self, room: int) -> Sampling:
        """The sampling of an answer for which ``room`` tokens are left in the context."""
        return Sampling(
            max_tokens=min(self.max_tokens or DEFAULT_MAX_TOKENS, room),
            temperature=self.temperature,
            top_p=self.top_p,
            seed=self.seed,
            stop=self.stop,
        )


def _max_tokens(body: Mapping[str, Any]) -> int | None:
    both = [number(body, n, least=1, most=1_000_000, whole=True) for n in ("max_completion_tokens", "max_tokens")]
    given = [int(value) for value in both if value is not None]
    return min(given) if given else None


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise bad_request(f"'{name}' must be true or false.", name, "invalid_type")
    return bool(value)


def _stop(value: Any) -> tuple[str, ...]:
    stops = [value] if isinstance(value, str) else (value or [])
    if not isinstance(stops, list) or len(stops) > 4 or not all(isinstance(s, str) and s for s in stops):
        raise bad_request("'stop' must be a string or a list of at most 4 strings.", "stop", "invalid_type")
    return tuple(stops)


def _tools(value: Any) -> list[dict[str, Any]] | None:
    if not value:
        return None
    if not isinstance(value, list) or not all(isinstance(tool, dict) for tool in value):
        raise bad_request("'tools' must be a list of objects.", "tools", "invalid_type")
    return value


def _messages(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value:
        raise bad_request("'messages' must be a list with messages in it.", "messages", "invalid_type")
    return [_message(item, f"messages[{position}]") for position, item in enumerate(value)]


def _message(value: Any, param: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad_request(f"'{param}' must be an object.", param, "invalid_type")
    role = value.get("role")
    if role not in ROLES:
        raise bad_request(f"'{param}.role' must be one of {', '.join(ROLES)}.", f"{param}.role", "invalid_value")
    content = _text_of(value.get("content"), f"{param}.content", may_be_absent=role == "assistant")
    return {**value, "content": content}


def _text_of(content: Any, param: str, *, may_be_absent: bool) -> str:
    if isinstance(content, str):
        return content
    if content is None and may_be_absent:
        return ""
    if isinstance(content, list):
        if is_text_parts(content):
            return "".join(part["text"] for part in content)
        raise bad_request(f"'{param}' may hold text parts only: this model reads nothing else.", param, "invalid_value")
    raise bad_request(f"'{param}' must be a string or a list of text parts.", param, "invalid_type")
