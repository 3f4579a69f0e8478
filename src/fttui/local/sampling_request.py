"""What chat completions and completions share: how answers are to be drawn, how many, and whether as a stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fttui.local.engines.protocol import Sampling
from fttui.local.errors import bad_request
from fttui.local.model_choice import ChosenModel
from fttui.local.parameters import number, refuse_unknown

SAMPLING_NAMES: Final = (
    "temperature", "top_p", "seed", "stop", "n", "presence_penalty", "frequency_penalty", "logit_bias", "stream",
    "stream_options",
)  # fmt: skip
"""The parameters that are read here."""
MOST_CHOICES: Final = 8
"""``n``."""
_MOST_BIASES: Final = 1024
_LARGEST_SEED: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class SamplingRequest:
    """How to answer."""

    temperature: float
    top_p: float
    seed: int | None
    stop: tuple[str, ...]
    choices: int
    presence_penalty: float
    frequency_penalty: float
    logit_bias: Mapping[int, float]
    stream: bool
    include_usage: bool

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> SamplingRequest:
        """Check these parameters of a body.

        Raises:
            ApiError: 400, naming the one that is wrong.
        """
        temperature = number(body, "temperature", least=0, most=2)
        top_p = number(body, "top_p", least=0, most=1)
        seed = number(body, "seed", least=-_LARGEST_SEED, most=_LARGEST_SEED, whole=True)
        stream = flag(body, "stream")
        return cls(
            temperature=1.0 if temperature is None else temperature,
            top_p=1.0 if top_p is None else top_p,
            seed=None if seed is None else int(seed),
            stop=_stop(body.get("stop")),
            choices=int(number(body, "n", least=1, most=MOST_CHOICES, whole=True) or 1),
            presence_penalty=number(body, "presence_penalty", least=-2, most=2) or 0.0,
            frequency_penalty=number(body, "frequency_penalty", least=-2, most=2) or 0.0,
            logit_bias=_logit_bias(body.get("logit_bias")),
            stream=stream,
            include_usage=_include_usage(body.get("stream_options"), stream=stream),
        )

    def samplings(
        self, model: ChosenModel, prompt: list[int], max_tokens: int, *, top_logprobs: int | None, json_object: bool
    ) -> list[Sampling]:
        """One for each choice; those of a seed differ, and the first of them is what the seed gives alone.

        Args:
            max_tokens: The model's context may leave room for less.

        Raises:
            ApiError: 400: the model does not know a token of ``logit_bias``.
        """
        model.check_token_ids(list(self.logit_bias), "logit_bias")
        return [
            Sampling(
                max_tokens=min(max_tokens, model.engine.context_length - len(prompt)),
                temperature=self.temperature,
                top_p=self.top_p,
                seed=None if self.seed is None else self.seed + choice,
                stop=self.stop,
                presence_penalty=self.presence_penalty,
                frequency_penalty=self.frequency_penalty,
                logit_bias=self.logit_bias,
                top_logprobs=top_logprobs,
                json_object=json_object,
            )
            for choice in range(self.choices)
        ]


def flag(body: Mapping[str, Any], name: str, label: str | None = None) -> bool:
    """A parameter that is true or false; false when it is absent or null."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        label = label or name
        raise bad_request(f"'{label}' must be true or false.", label, "invalid_type")
    return bool(value)


def _stop(value: Any) -> tuple[str, ...]:
    stops = [value] if isinstance(value, str) else (value or [])
    if not isinstance(stops, list) or len(stops) > 4 or not all(isinstance(s, str) and s for s in stops):
        raise bad_request("'stop' must be a string or a list of at most 4 strings.", "stop", "invalid_type")
    return tuple(stops)


def _include_usage(options: Any, *, stream: bool) -> bool:
    if options is None:
        return False
    if not isinstance(options, dict):
        raise bad_request("'stream_options' must be an object.", "stream_options", "invalid_type")
    if not stream:
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise bad_request(message, "stream_options", "invalid_value")
    labels = {f"stream_options.{name}": value for name, value in options.items()}
    refuse_unknown(labels, ("stream_options.include_usage", "stream_options.include_obfuscation"))
    flag(labels, "stream_options.include_obfuscation")  # nothing is hidden here: all stays on this machine
    return flag(labels, "stream_options.include_usage")


def _logit_bias(value: Any) -> dict[int, float]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        message = "'logit_bias' must be an object: token ids, each with a number from -100 to 100."
        raise bad_request(message, "logit_bias", "invalid_type")
    if len(value) > _MOST_BIASES:
        raise bad_request(f"'logit_bias' may name {_MOST_BIASES} tokens at most.", "logit_bias", "invalid_value")
    biases: dict[int, float] = {}
    for token in value:
        if not (token.isascii() and token.isdecimal() and len(token) <= 9):
            raise bad_request("The keys of 'logit_bias' must be token ids.", "logit_bias", "invalid_value")
        bias = number(value, token, least=-100, most=100, label="logit_bias")
        biases[int(token)] = bias or 0.0
    return biases
