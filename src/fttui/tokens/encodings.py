"""The vocabularies, read from the package: no network, no cache folder, nothing written.

tiktoken would fetch them on first use; the files in ``vocab/`` are the same ones (their SHA-256 is checked).
"""

from __future__ import annotations

import hashlib
import re
import threading
from binascii import a2b_base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Final

from fttui.core.errors import FttuiError

if TYPE_CHECKING:
    from tiktoken import Encoding


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    file: str
    sha256: str
    pattern: str
    special_tokens: dict[str, int]


# Patterns and special tokens as in tiktoken_ext/openai_public.py (MIT); a test compares them with the installed one.
_VOCABULARIES: Final = {
    "o200k_base": _Vocabulary(
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        "|".join(
            (
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
                r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
                r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                r"\p{N}{1,3}",
                r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
                r"\s*[\r\n]+",
                r"\s+(?!\S)",
                r"\s+",
            )
        ),
        {"<|endoftext|>": 199999, "<|endofprompt|>": 200018},
    ),
    "cl100k_base": _Vocabulary(
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]"
        r"|\s+(?!\S)|\s",
        {
            "<|endoftext|>": 100257,
            "<|fim_prefix|>": 100258,
            "<|fim_middle|>": 100259,
            "<|fim_suffix|>": 100260,
            "<|endofprompt|>": 100276,
        },
    ),
}

NAMES: Final = tuple(_VOCABULARIES)
"""The encodings that can be loaded."""

_lock = threading.Lock()
_loaded: dict[str, Encoding] = {}
_fast: dict[str, Callable[[str], int]] = {}


def encoding(name: str) -> Encoding:
    """The encoding ``name``, loaded once a process (0.2 s and 60 MB for o200k_base; no other thread runs meanwhile).

    Raises:
        FttuiError: No such encoding, or the installed vocabulary is damaged.
    """
    found = _loaded.get(name)
    if found is None:
        with _lock:
            found = _loaded.get(name) or _load(name)
            _loaded[name] = found
    return found


def make_ready(name: str) -> None:
    """Load what counts fastest with the encoding ``name``, in a process that is to count much (0.3 s).

    Raises:
        FttuiError: No such encoding, or the installed vocabulary is damaged.
    """
    from fttui.tokens.fast import fast_counter, is_wanted

    vocabulary = _VOCABULARIES.get(name)
    if vocabulary is not None and is_wanted():
        with as_file(files(__package__).joinpath("vocab", vocabulary.file)) as path:
            counter = fast_counter(name, path, lambda text: _count(encoding(name), text))
        if counter is not None:
            _fast[name] = counter
            return
    encoding(name)


def _load(name: str) -> Encoding:
    from tiktoken import Encoding

    vocabulary = _VOCABULARIES.get(name)
    if vocabulary is None:
        raise FttuiError(f"No vocabulary named {name!r}.", hint=f"Known: {', '.join(NAMES)}.")
    return Encoding(
        name,
        pat_str=vocabulary.pattern,
        mergeable_ranks=_ranks(name, vocabulary),
        special_tokens=vocabulary.special_tokens,
    )


def _ranks(name: str, vocabulary: _Vocabulary) -> dict[bytes, int]:
    """Token bytes → rank. Each line of the file is ``base64 rank``; in these two, ranks count from 0 without a gap."""
    try:
        data = files(__package__).joinpath("vocab", vocabulary.file).read_bytes()
    except OSError as error:
        raise FttuiError(
            f"The vocabulary of {name} is missing from the installation: {error}.", hint="Install fttui again."
        ) from error
    if hashlib.sha256(data).hexdigest() != vocabulary.sha256:
        raise FttuiError(f"The vocabulary of {name} is damaged.", hint="Install fttui again.")
    tokens = data.split()[::2]
    return dict(zip(map(a2b_base64, tokens), range(len(tokens)), strict=True))


_LONG: Final = 500_000
_LONG_BLANK: Final = re.compile(r"\s{500000}")


def count_text(encoding_name: str, text: str) -> int:
    """Tokens of ``text``, special tokens in it read as the plain text that they are in training data."""
    return text_counter(encoding_name)(text)


def text_counter(encoding_name: str) -> Callable[[str], int]:
    """What `count_text` does for one encoding, to be called for many texts."""
    fast = _fast.get(encoding_name)
    return fast if fast is not None else partial(_count, _loaded.get(encoding_name) or encoding(encoding_name))


def _count(found: Encoding, text: str) -> int:
    if len(text) > _LONG and _LONG_BLANK.search(text):
        # a run of white space of about a million characters overflows the stack of tiktoken's regex engine; this is
        # its own slower way with another engine (the same tokens, 1 MB/s), with half surrogates replaced as elsewhere
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return len(found._encode_only_native_bpe(text))
    return len(found.encode_ordinary(text))
