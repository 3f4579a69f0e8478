"""How byte-level BPE cuts text into words before the merges: the rules that GGUF files name in ``tokenizer.ggml.pre``.

A rule is what the tokenizer.json of the models says that it is named after; llama.cpp's src/llama-vocab.cpp lists the
names. Names without a rule that can be stated exactly are refused: other tokens would be another model's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fttui.core.errors import FttuiError

if TYPE_CHECKING:
    from tokenizers.pre_tokenizers import PreTokenizer

_WORDS: Final = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
_REST: Final = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_DIGITS_BY_THREE: Final = rf"{_WORDS}\p{{N}}{{1,3}}{_REST}"
_DIGITS_ALONE: Final = rf"{_WORDS}\p{{N}}{_REST}"
_UPPER: Final = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_LOWER: Final = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_BEFORE: Final = r"[^\r\n\p{L}\p{N}]?"
_TEKKEN: Final = (
    rf"{_BEFORE}{_UPPER}*{_LOWER}+|{_BEFORE}{_UPPER}+{_LOWER}*|\p{{N}}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_DEEPSEEK_CODER: Final = (r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", r"[一-龥ࠀ-一가-퟿]+", r"\p{N}")


@dataclass(frozen=True, slots=True)
class WordRule:
    """A rule, and what comes with it.

    Attributes:
        cut: Cuts a text into words, and writes their bytes as signs.
        keeps_whole_words: Whether a word that is a token by itself stays one, whatever the merges say.
        adds_begin: Whether a text starts with the begin token when the file does not say.
    """

    cut: PreTokenizer
    keeps_whole_words: bool = False
    adds_begin: bool = False


def word_rule(name: str) -> WordRule:
    """The rule of a name.

    Raises:
        FttuiError: It is not known here.
    """
    make = _RULES.get(name)
    if make is None:
        raise FttuiError(
            f"The vocabulary cuts text into words by the rule {name!r}, which the built-in engine does not know."
        )
    return make()


def _gpt2() -> WordRule:
    from tokenizers.pre_tokenizers import ByteLevel

    return WordRule(ByteLevel(add_prefix_space=False, use_regex=True))


def _gpt2_with_single_digits() -> WordRule:
    from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence

    words = ByteLevel(add_prefix_space=False, use_regex=True)
    return WordRule(Sequence([Digits(individual_digits=True), words]))


def _llama3() -> WordRule:
    return WordRule(_split(_DIGITS_BY_THREE), keeps_whole_words=True, adds_begin=True)


def _tekken() -> WordRule:
    return WordRule(_split(_TEKKEN), keeps_whole_words=True, adds_begin=True)


def _split(*patterns: str) -> PreTokenizer:
    """Cut at each pattern's matches, one pattern after the other."""
    from tokenizers import Regex
    from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split

    cuts = [Split(Regex(pattern), behavior="isolated") for pattern in patterns]
    return Sequence([*cuts, ByteLevel(add_prefix_space=False, use_regex=False)])


_RULES: Final[Mapping[str, Callable[[], WordRule]]] = {
    **dict.fromkeys(("", "default", "gpt-2", "mpt", "olmo", "phi-2", "trillion"), _gpt2),
    **dict.fromkeys(
        ("smollm", "codeshell", "starcoder", "refact", "command-r", "exaone", "minerva-7b"), _gpt2_with_single_digits
    ),
    **dict.fromkeys(("llama-bpe", "llama3", "llama-v3", "falcon3"), _llama3),
    **dict.fromkeys(("smaug-bpe", "dbrx"), lambda: WordRule(_split(_DIGITS_BY_THREE))),
    **dict.fromkeys(("qwen2", "stablelm2", "deepseek-r1-qwen"), lambda: WordRule(_split(_DIGITS_ALONE))),
    "tekken": _tekken,
    "deepseek-coder": lambda: WordRule(_split(*_DEEPSEEK_CODER)),
}
"""A file without a name is older than the names, and one with "default" was made by a converter that did not know the
model: most of these are cut like GPT-2's."""
