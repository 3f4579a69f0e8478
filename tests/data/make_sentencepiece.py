"""Makes sentencepiece.json: two small SentencePiece models and what SentencePiece itself makes of some texts.

Run it with a Python that has sentencepiece; the tests need only what it wrote.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import sentencepiece

CORPUS = """
The cat sat on the mat, and the other cat sat on the other mat. 1 + 1 = 2, 10 + 10 = 20, 2026.
What is the capital of Japan? The capital of Japan is Tokyo. What is the capital of France? It is Paris.
Übermut tut selten gut; größere Größen gähnen größer. Déjà vu, naïve façade, señor, mañana.
日本の首都は東京です。東京の日本です。要素が優位です。 Привет, мир! Мир, привет.
    indented code:  for i in range(10):    print(i)
def add(a, b):    return a + b
aaa aaaa aaaaa aaaaaa banana ananas bandana nananana
Say it again: again and again and against all odds. the the the then them there these
"""
TEXTS = [
    "", " ", "  ", "a", " a", "a ", "\n", "\t", "\n\n", "\r\n", "the cat sat", " The  cat   sat ", "banananananana",
    "aaaaaaaaaaa", "What is the capital of Tokyo?", "größer 日本東京 мир 🦊 é \u200d",
    "for i in range(10):\n    print(i)", "\x00\x01\u2028\ufeff", "▁the▁cat", "<0x0A>", "2026-11-21", "don't", "🇯🇵",
    "The quick brown fox jumps over the lazy dog. " * 3,
]  # fmt: skip
KINDS = ("unknown", "control", "unused", "byte")


def train(**options: object) -> sentencepiece.SentencePieceProcessor:
    """A BPE model over the corpus, as Llama's was made: nothing is normalised, blanks are kept."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS.strip("\n").split("\n")), model_writer=model, model_type="bpe",
        normalization_rule_name="identity", remove_extra_whitespaces=False, minloglevel=2, num_threads=1, **options,
    )  # fmt: skip
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def described(model: sentencepiece.SentencePieceProcessor, *, adds_space: bool) -> dict[str, object]:
    """Its tables as convert_hf_to_gguf.py of llama.cpp writes them, and what it makes of the texts."""
    numbers = range(model.get_piece_size())

    def kind(i: int) -> int:
        found = [model.is_unknown(i), model.is_control(i), model.is_unused(i), model.is_byte(i)]
        return dict(zip(KINDS, (2, 3, 5, 6), strict=True))[KINDS[found.index(True)]] if any(found) else 1

    return {
        "adds_space": adds_space,
        "tokens": [model.id_to_piece(i) for i in numbers],
        "scores": [model.get_score(i) for i in numbers],
        "types": [kind(i) for i in numbers],
        "texts": [{"text": text, "ids": model.encode(text)} for text in TEXTS],
    }


if __name__ == "__main__":
    models = [
        described(train(vocab_size=480, byte_fallback=True, split_digits=True), adds_space=True),
        described(train(vocab_size=200, add_dummy_prefix=False, character_coverage=0.98), adds_space=False),
    ]
    target = Path(__file__).with_name("sentencepiece.json")
    target.write_text(json.dumps(models, ensure_ascii=False) + "\n", "utf-8")
