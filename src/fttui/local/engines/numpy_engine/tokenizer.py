"""Text to token ids and back, from the vocabulary in a GGUF file (byte-level BPE)."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.gguf_file import GgufFile

if TYPE_CHECKING:
    from tokenizers.pre_tokenizers import PreTokenizer

_CONTROL: Final = 3
_USER_DEFINED: Final = 4
_END_TOKENS: Final = ("<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "</s>")

_LLAMA3_WORDS: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


class Tokenizer:
    """The vocabulary of a model.

    Args:
        file: Whose metadata hold it.

    Raises:
        FttuiError: The file has no vocabulary, or one of a kind other than byte-level BPE.
    """

    def __init__(self, file: GgufFile) -> None:
        metadata = file.metadata
        kind = metadata.get("tokenizer.ggml.model")
        if kind != "gpt2":
            raise FttuiError(
                f"The vocabulary in {file.path} is of the kind {kind!r}; the built-in engine reads 'gpt2' (BPE).",
                hint="SmolLM2 and Llama 3 have one.",
            )
        try:
            self._tokens: list[str] = metadata["tokenizer.ggml.tokens"]
            merges: list[str] = metadata["tokenizer.ggml.merges"]
            end: int = metadata["tokenizer.ggml.eos_token_id"]
            types = metadata.get("tokenizer.ggml.token_type", [1] * len(self._tokens))
            self._special = {i for i, kind in enumerate(types) if kind in (_CONTROL, _USER_DEFINED)}
            self._control = {i for i, kind in enumerate(types) if kind == _CONTROL}
            self.end_token = self._tokens[end]
            begin = int(metadata.get("tokenizer.ggml.bos_token_id", end))
            self.begin_token = self._tokens[begin]
            self._encoder = _encoder(self._tokens, merges, self._special, str(metadata.get("tokenizer.ggml.pre", "")))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise FttuiError(f"The vocabulary in {file.path} is not complete ({error!r}).") from error
        ends = {end, *(i for i in self._control if self._tokens[i] in _END_TOKENS)}
        self.end_ids = frozenset(ends)
        """Tokens at which an answer is over."""
        self._begin_id = begin if metadata.get("tokenizer.ggml.add_bos_token", False) else None
        self._byte_of = _bytes_of_signs()

    def encode(self, text: str) -> list[int]:
        """Token ids of a text; special tokens written in it are found as such."""
        ids: list[int] = self._encoder.encode(text, add_special_tokens=False).ids
        return ids

    def encode_start(self, text: str) -> list[int]:
        """Like `encode`, for the start of a conversation: with the begin token in front where the model wants one."""
        ids = self.encode(text)
        if self._begin_id is not None and ids[:1] != [self._begin_id]:
            return [self._begin_id, *ids]
        return ids

    def bytes_of(self, token: int) -> bytes:
        """The UTF-8 bytes a token stands for, perhaps a part of a character; nothing for a control token."""
        if token in self._control or token >= len(self._tokens):
            return b""
        text = self._tokens[token]
        if token in self._special:
            return text.encode()
        return bytes(self._byte_of[sign] for sign in text if sign in self._byte_of)

    def spelling(self, token: int) -> bytes:
        """Like `bytes_of`, but the name of a control token ("<|im_end|>")."""
        if token in self._control and token < len(self._tokens):
            return self._tokens[token].encode()
        return self.bytes_of(token)


class StreamDecoder:
    """Tokens to text, one at a time: a character is given out when its last byte has come."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def is_between_characters(self) -> bool:
        """Whether no half of a character waits for its other half."""
        return not self._decoder.getstate()[0]

    def add(self, token: int) -> str:
        return self._decoder.decode(self._tokenizer.bytes_of(token))

    def finish(self) -> str:
        """What is left at the end: U+FFFD for half a character."""
        return self._decoder.decode(b"", final=True)


def _encoder(tokens: list[str], merges: list[str], special: set[int], words: str) -> Any:
    """The Rust tokenizer for a vocabulary.

    Args:
        words: GGUF's name of the rule by which text is cut into words before the merges.
    """
    from tokenizers import AddedToken, Tokenizer, models

    pairs = []
    for merge in merges:
        left, right = merge.split(" ", 1)
        pairs.append((left, right))
    encoder = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=pairs))
    encoder.pre_tokenizer = _word_rule(words)
    encoder.add_special_tokens([AddedToken(tokens[i], special=True, normalized=False) for i in sorted(special)])
    return encoder


def _word_rule(name: str) -> PreTokenizer:
    from tokenizers import Regex
    from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence, Split

    plain = ByteLevel(add_prefix_space=False, use_regex=True)
    if name in ("smollm", "codeshell", "starcoder", "refact", "command-r"):
        return Sequence([Digits(individual_digits=True), plain])
    if name in ("llama-bpe", "llama3", "llama-v3", "smaug-bpe"):
        bytes_only = ByteLevel(add_prefix_space=False, use_regex=False)
        return Sequence([Split(Regex(_LLAMA3_WORDS), behavior="isolated"), bytes_only])
    if name in ("gpt-2", "default", "mpt", "olmo", ""):
        return plain
    raise FttuiError(
        f"The vocabulary cuts text into words by the rule {name!r}, which the built-in engine does not know."
    )


def _bytes_of_signs() -> Mapping[str, int]:
    """Byte-level BPE writes each byte as a printable sign: which byte each stands for.

    Source: `bytes_to_unicode` in OpenAI's gpt-2/src/encoder.py.
    """
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    signs = {chr(byte): byte for byte in printable}
    others = (byte for byte in range(256) if byte not in printable)
    return signs | {chr(256 + n): byte for n, byte in enumerate(others)}
