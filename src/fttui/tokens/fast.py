"""gigatoken, when it is installed (the extra ``fast``): the same counts several times as fast.

It is young, so each process compares it with tiktoken's numbers for some strings before it trusts it.
"""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

_LOG: Final = logging.getLogger(__name__)
_SCHEMES: Final = {"o200k_base": "o200k", "cl100k_base": "cl100k"}

SAMPLES: Final = (
    "",
    "Hello, world! I'll say it's 12345.678 o'clock\r\n\r\n\tdon't SHOUT, camelCase and snake_case",
    "東京都に住んでいます。東京タワーの高さは333メートルです。",
    "def f(x):\n    return {'a': [x ** 2 for _ in range(10)]}  # nothing\n\n\n",
    "<|endoftext|><|im_start|>Приве́т עולם مرحبا 안녕 ไทย नमस्ते 👩‍👩‍👧‍👦🇯🇵",
    "a" * 400 + " " * 300 + "^" * 200 + "\n" * 100 + "0" * 50,
    "https://example.org/?q=%20&x=1#top \u017f'\u017f'S 'RE e\u0301 \u00a0\u2003\u200b\ufeff\x00\x1b[0m ½Ⅷ①",
)
COUNTS: Final = {"o200k_base": (0, 26, 20, 26, 41, 105, 37), "cl100k_base": (0, 28, 28, 26, 65, 126, 39)}
"""The tokens of the samples, by tiktoken; a test compares them with the installed one."""


def is_wanted() -> bool:
    """Whether the extra is there, and ``FTTUI_COUNT_WITH`` does not say ``tiktoken``; nothing is loaded."""
    return os.environ.get("FTTUI_COUNT_WITH") != "tiktoken" and importlib.util.find_spec("gigatoken") is not None


def fast_counter(encoding: str, vocabulary: Path, slow: Callable[[str], int]) -> Callable[[str], int] | None:
    """What counts the tokens of a text; None when gigatoken is missing, or does not count as tiktoken does.

    Takes 0.3 s. ``slow`` counts a text that it cannot read (half a surrogate pair) or fails on.
    """
    if encoding not in _SCHEMES or not is_wanted():
        return None
    try:
        from gigatoken.gigatoken_rs import BPETokenizer

        encode = BPETokenizer.from_tiktoken(str(vocabulary), _SCHEMES[encoding], {}).encode

        def count(text: str) -> int:
            try:
                return len(encode(text))
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException:  # a panic in Rust is no `Exception`
                return slow(text)

        wrong = [text for text, tokens in zip(SAMPLES, COUNTS[encoding], strict=True) if len(encode(text)) != tokens]
    except Exception as error:  # another's young code, perhaps of another version than was tried here
        _LOG.warning("gigatoken cannot be used, tiktoken counts instead: %r", error)
        return None
    if wrong:
        _LOG.warning("gigatoken counts %d samples otherwise than tiktoken, which counts instead", len(wrong))
        return None
    return count
