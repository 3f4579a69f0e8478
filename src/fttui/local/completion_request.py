"""A completion (OpenAI's older endpoint) as it was asked for, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fttui.local.errors import bad_request
from fttui.local.parameters import number, refuse_unknown, refuse_unsupported, required_text
from fttui.local.sampling_request import SAMPLING_NAMES, SamplingRequest, flag
from fttui.local.scheduler import MOST_TOGETHER

Prompt = str | list[int]
"""A text, or its token ids."""

DEFAULT_MAX_TOKENS: Final = 16
"""OpenAI's."""
_USED: Final = ("model", "prompt", "max_tokens", "logprobs", "echo", "best_of")
_WITHOUT_EFFECT: Final = ("user",)
_UNSUPPORTED: Final[Mapping[str, tuple[object, ...]]] = {"suffix": ("",)}
_MOST_TOP_LOGPROBS: Final = 5


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """What is to be gone on with, by whom, how."""

    model: str
    prompts: list[Prompt]
    max_tokens: int
    top_logprobs: int | None
    """None: no log-probabilities are wanted."""
    echo: bool
    sampling: SamplingRequest

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> CompletionRequest:
        """Check a request's body.

        Raises:
            ApiError: 400, naming the parameter that is wrong, unknown, or beyond this server.
        """
        refuse_unknown(body, {*_USED, *SAMPLING_NAMES, *_WITHOUT_EFFECT, *_UNSUPPORTED})
        refuse_unsupported(body, _UNSUPPORTED)
        sampling = SamplingRequest.read(body)
        prompts = _prompts(body.get("prompt"))
        if len(prompts) * sampling.choices > MOST_TOGETHER:
            message = f"A request may ask for {MOST_TOGETHER} answers at most ('n' for each prompt)."
            raise bad_request(message, "prompt", "invalid_value")
        best_of = number(body, "best_of", least=1, most=20, whole=True)
        if best_of is not None and best_of != sampling.choices:
            message = "The local server does not support a 'best_of' other than 'n': it gives back all that it makes."
            raise bad_request(message, "best_of", "unsupported_parameter")
        max_tokens = number(body, "max_tokens", least=1, most=1_000_000, whole=True)
        logprobs = number(body, "logprobs", least=0, most=_MOST_TOP_LOGPROBS, whole=True)
        echo = flag(body, "echo")
        if echo and logprobs is not None:
            message = "The local server does not support 'logprobs' together with 'echo'."
            raise bad_request(message, "logprobs", "unsupported_parameter")
        return cls(
            model=required_text(body, "model"),
            prompts=prompts,
            max_tokens=int(max_tokens or DEFAULT_MAX_TOKENS),
            top_logprobs=None if logprobs is None else int(logprobs),
            echo=echo,
            sampling=sampling,
        )


def _prompts(value: Any) -> list[Prompt]:
    """A text, token ids, or a list of either."""
    if value is None:
        raise bad_request("Missing required parameter: 'prompt'.", "prompt", "missing_required_parameter")
    if isinstance(value, str) or _is_token_ids(value):
        return [value]
    if isinstance(value, list) and value and all(isinstance(item, str) or _is_token_ids(item) for item in value):
        return value
    message = "'prompt' must be a string, a list of strings, a list of token ids or a list of such lists."
    raise bad_request(message, "prompt", "invalid_type")


def _is_token_ids(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, int) and not isinstance(item, bool) and item >= 0 for item in value)
    )
