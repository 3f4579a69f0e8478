"""Text to token ids and back, with the vocabulary of a GGUF file."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from typing import Final

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.byte_bpe import ByteBpe
from fttui.local.engines.numpy_engine.gguf_file import GgufFile
from fttui.local.engines.numpy_engine.sentencepiece_bpe import SentencePieceBpe
from fttui.local.engines.numpy_engine.vocabulary import USER_DEFINED, Vocabulary, read_vocabulary

_SURROGATES: Final = re.compile("[\ud800-\udfff]")


class Tokenizer:
    """The vocabulary of a model.

    Args:
        file: Whose metadata hold it.

    Raises:
        FttuiError: The file has no vocabulary, or one of a kind that is not read here.
    """

    def __init__(self, file: GgufFile) -> None:
        self._vocabulary = vocabulary = read_vocabulary(file)
        self._bpe = _bpe(vocabulary, file)
        self.size = len(vocabulary.tokens)
        self.longest = max(map(len, vocabulary.tokens))
        """Characters that a token stands for at most."""
        self.begin_token = vocabulary.tokens[vocabulary.begin]
        self.end_token = vocabulary.tokens[vocabulary.end]
        self.end_ids = vocabulary.ends
        """Tokens at which an answer is over."""
        adds_begin = self._bpe.adds_begin if vocabulary.adds_begin is None else vocabulary.adds_begin
        self._begin = [vocabulary.begin] if adds_begin else []

    def encode(self, text: str) -> list[int]:
        """Token ids of a text that follows another; special tokens written in it are found as such."""
        return self._bpe.encode(_SURROGATES.sub("\ufffd", text), is_start=False)

    def encode_start(self, text: str) -> list[int]:
        """Like `encode`, for the start of all text: with the begin token and the blank the model wants in front."""
        ids = self._bpe.encode(_SURROGATES.sub("\ufffd", text), is_start=True)
        return ids if ids[:1] == self._begin else [*self._begin, *ids]

    def decode(self, ids: Sequence[int]) -> str:
        """The text that starts with these tokens, without control tokens: what `encode_start` got."""
        return b"".join(self._texts(ids)).decode("utf-8", "replace")

    def knows(self, name: str) -> bool:
        """Whether there is a special token of that name."""
        vocabulary = self._vocabulary
        return any(vocabulary.tokens[i] == name for i in vocabulary.special)

    def bytes_of(self, token: int) -> bytes:
        """The UTF-8 bytes a token stands for, perhaps a part of a character; nothing for a control token."""
        vocabulary = self._vocabulary
        if token >= len(vocabulary.tokens) or token in vocabulary.control:
            return b""
        if vocabulary.types[token] == USER_DEFINED:
            return vocabulary.tokens[token].encode("utf-8", "replace")
        return self._bpe.bytes_of(token)

    def spelling(self, token: int) -> bytes:
        """Like `bytes_of`, but the name of a control token ("<|im_end|>")."""
        if token in self._vocabulary.control:
            return self._vocabulary.tokens[token].encode("utf-8", "replace")
        return self.bytes_of(token)

    def _texts(self, ids: Sequence[int]) -> Iterator[bytes]:
        has_blank = self._vocabulary.adds_space
        for token in ids:
            text = self.bytes_of(token)
            yield text.removeprefix(b" ") if has_blank else text
            has_blank = self._vocabulary.adds_space and token in self._vocabulary.special


class StreamDecoder:
    """Tokens to text, one at a time: a character is given out when its last byte has come."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def add(self, token: int) -> str:
        return self._decoder.decode(self._tokenizer.bytes_of(token))

    @property
    def is_between_characters(self) -> bool:
        """Whether no half of a character waits for its other half."""
        return not self._decoder.getstate()[0]

    def finish(self) -> str:
        """What is left at the end: U+FFFD for half a character."""
        return self._decoder.decode(b"", final=True)


def _bpe(vocabulary: Vocabulary, file: GgufFile) -> ByteBpe | SentencePieceBpe:
    try:
        return ByteBpe(vocabulary) if vocabulary.kind == "gpt2" else SentencePieceBpe(vocabulary)
    except ValueError as error:
        raise FttuiError(f"The vocabulary in {file.path} is not complete ({error}).") from error
