"""Encoding with the ``tokenizers`` library, beside other threads."""

from __future__ import annotations

import os
from typing import Any


def text_ids(encoder: Any, text: str) -> list[int]:
    """Token ids of a text, by a ``tokenizers.Tokenizer``.

    Its ``encode`` keeps the interpreter lock, seconds long with a few megabytes; its batches let go of it. They start
    threads of their own unless they are told not to, and warn about them when the process forks.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    ids: list[int] = encoder.encode_batch_fast([text], add_special_tokens=False)[0].ids
    return ids
