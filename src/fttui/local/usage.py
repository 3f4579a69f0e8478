"""OpenAI's ``usage``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fttui.local.scheduler import Piece


def usage_of(lasts: Sequence[Piece], choices: int) -> dict[str, Any]:
    """The tokens of a request.

    Args:
        lasts: The last piece of each answer; the answers to one prompt stand together.
        choices: Answers to each prompt. Its tokens are counted once, as OpenAI does.
    """
    prompts = [lasts[first : first + choices] for first in range(0, len(lasts), choices)]
    prompt_tokens = sum(answers[0].prompt_tokens for answers in prompts)
    completion_tokens = sum(last.completion_tokens for last in lasts)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "prompt_tokens_details": {
            "cached_tokens": sum(min(last.cached_tokens for last in answers) for answers in prompts),
            "audio_tokens": 0,
        },
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
