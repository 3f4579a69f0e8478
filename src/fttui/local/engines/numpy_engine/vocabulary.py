"""The tables of a vocabulary in a GGUF file, checked once: what is built from them can rely on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.gguf_file import GgufFile

NORMAL: Final = 1
UNKNOWN: Final = 2
CONTROL: Final = 3
USER_DEFINED: Final = 4
BYTE: Final = 6

_END_TEXTS: Final = frozenset(
    ("<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|end|>", "<end_of_turn>", "</s>")
)
_KEYS: Final = "tokenizer.ggml."


@dataclass(frozen=True)
class Vocabulary:
    """Tokens by their ids."""

    kind: str
    """How text becomes tokens: "gpt2" (byte-level BPE) or "llama" (BPE as SentencePiece does it)."""
    tokens: tuple[str, ...]
    types: tuple[int, ...]
    merges: tuple[str, ...]
    """Of "gpt2": "left right", the first to be done first."""
    scores: tuple[float, ...]
    """Of "llama": the higher, the earlier a token is put together."""
    words: str
    """GGUF's name of the rule by which text is cut into words before the merges; empty where there is none."""
    begin: int
    end: int
    ends: frozenset[int]
    """Tokens at which an answer is over."""
    adds_begin: bool | None
    """Whether a text starts with the begin token; None where the file does not say."""
    adds_space: bool
    """Whether a text starts with a blank that nobody wrote."""

    @cached_property
    def special(self) -> frozenset[int]:
        """Tokens that are found in a text as they are written, before anything else."""
        kinds = (UNKNOWN, CONTROL, USER_DEFINED)
        return frozenset(i for i, kind in enumerate(self.types) if kind in kinds and self.tokens[i])

    @cached_property
    def control(self) -> frozenset[int]:
        """Tokens that stand for no text."""
        return frozenset(i for i, kind in enumerate(self.types) if kind == CONTROL)


def read_vocabulary(file: GgufFile) -> Vocabulary:
    """Read and check the tables.

    Raises:
        FttuiError: There is no vocabulary, or tables are missing or do not fit together.
    """
    kind = file.metadata.get(f"{_KEYS}model")
    if kind not in ("gpt2", "llama"):
        raise FttuiError(
            f"The vocabulary in {file.path} is of the kind {kind!r}; the built-in engine reads 'gpt2' (byte-level BPE) "
            "and 'llama' (SentencePiece).",
            hint="SmolLM2, TinyLlama, Mistral, Llama 2 and Llama 3 have one of these.",
        )
    try:
        return _Tables(file).read(str(kind))
    except (KeyError, ValueError) as error:
        raise FttuiError(f"The vocabulary in {file.path} is not complete ({error.args[0]}).") from error


class _Tables:
    def __init__(self, file: GgufFile) -> None:
        self._metadata = file.metadata

    def read(self, kind: str) -> Vocabulary:
        tokens = self._list("tokens", str)
        end = self._id("eos_token_id", len(tokens))
        types = self._list("token_type", int, len(tokens), default=[NORMAL] * len(tokens))
        named = {self._id(f"{name}_token_id", len(tokens), end) for name in ("eot", "eom")}
        texts = {i for i, text in enumerate(tokens) if types[i] == CONTROL and text in _END_TEXTS}
        return Vocabulary(
            kind=kind,
            tokens=tuple(tokens),
            types=tuple(types),
            merges=tuple(self._list("merges", str)) if kind == "gpt2" else (),
            scores=tuple(self._list("scores", float, len(tokens))) if kind == "llama" else (),
            words=str(self._metadata.get(f"{_KEYS}pre", "")),
            begin=self._id("bos_token_id", len(tokens), end),
            end=end,
            ends=frozenset({end} | named | texts),
            adds_begin=self._flag("add_bos_token") if f"{_KEYS}bos_token_id" in self._metadata else False,
            adds_space=self._flag("add_space_prefix") is not False if kind == "llama" else False,
        )

    def _list(self, name: str, kind: type, length: int | None = None, default: Any = None) -> list[Any]:
        values = self._metadata.get(f"{_KEYS}{name}", default)
        if values is None:
            raise KeyError(f"{_KEYS}{name} is missing")
        if not isinstance(values, list) or not all(type(value) is kind for value in values):
            raise ValueError(f"{_KEYS}{name} is no list of the right kind")
        if length is not None and len(values) != length:
            raise ValueError(f"{_KEYS}{name} has {len(values)} entries for {length} tokens")
        return values

    def _id(self, name: str, count: int, default: int | None = None) -> int:
        token = self._metadata.get(f"{_KEYS}{name}", default)
        if token is None:
            raise KeyError(f"{_KEYS}{name} is missing")
        if type(token) is not int or not 0 <= token < count:
            raise ValueError(f"{_KEYS}{name} is no token")
        return token

    def _flag(self, name: str) -> bool | None:
        value = self._metadata.get(f"{_KEYS}{name}")
        return value if isinstance(value, bool) else None
