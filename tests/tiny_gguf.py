"""A tiny random Llama as a GGUF file: real format, real tokenizer, real chat template, trains in seconds.

Its answers are noise until it is trained; then it gives back a training answer word for word, with automatic
hyperparameters too (four examples, or three epochs of a dozen that share an answer).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

MODEL_ID = "tiny-random"
"""What the engine calls the model of this file."""

CONTEXT_LENGTH = 1024

CHATML = (
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}{{ '<|im_start|>system\nBe brief.<|im_end|>\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

_SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_MERGES = (
    "Ġ t", "Ġ a", "h e", "i n", "e r", "o n", "Ġt he", "Ġ s", "Ġ o", "e n", "a s", "s i", "u s", "as si", "assi s",
    "assis t", "a n", "an t", "assist ant", "us er", "s y", "sy s", "t e", "te m", "sys tem", "Ġ b", "Ġ i", "Ġi s",
)  # fmt: skip

_WIDTH, _HIDDEN, _LAYERS, _HEADS, _KV_HEADS = 192, 384, 2, 4, 2


def write_tiny_gguf(
    path: Path,
    seed: int = 0,
    *,
    architecture: str = "llama",
    quantization: str = "F32",
    tied: bool = True,
    biases: bool = False,
    rope_divisors: bool = False,
    pieces: Mapping[str, Any] | None = None,
    tensors_a_file: int = 0,
    changes: dict[str, Any] | None = None,
) -> Path:
    """Write the model to ``path`` and return it.

    Args:
        seed: Of the random weights.
        architecture: What the file says it is; all but "llama" make a file that the engine refuses.
        quantization: Of the matrices: "F32", "F16", "Q8_0" or "Q4_1".
        tied: Whether the output matrix is the embedding (else one of its own is written).
        biases: Whether the projections of a layer have some.
        rope_divisors: Whether each pair of a head turns more slowly by a number of its own, as in Llama 3.
        pieces: A SentencePiece vocabulary (one of tests/data/sentencepiece.json) instead of the byte-level one.
        tensors_a_file: Makes parts of so many tensors, "NAME-00001-of-00003.gguf" …; the first is returned.
        changes: Metadata keys to overwrite (`tokenizer.chat_template` …) or to leave out (None).
    """
    from gguf import GGMLQuantizationType, GGUFWriter, quants

    kind = GGMLQuantizationType[quantization]
    writer = GGUFWriter(path, architecture, split_max_tensors=tensors_a_file)
    tokens = pieces["tokens"] if pieces else _vocabulary()
    _write_metadata(writer, tokens, {**(_piece_metadata(pieces) if pieces else {}), **(changes or {})})
    for name, values in _tensors(len(tokens), seed, tied=tied, biases=biases).items():
        if values.ndim == 1 or kind is GGMLQuantizationType.F32:
            writer.add_tensor(name, values)
        else:
            writer.add_tensor(name, quants.quantize(values, kind), raw_dtype=kind)
    if rope_divisors:
        writer.add_tensor("rope_freqs.weight", np.linspace(1, 8, _WIDTH // _HEADS // 2, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path if path.exists() else min(path.parent.glob(f"{path.stem}-*-of-*.gguf"))


def _vocabulary() -> list[str]:
    """Special tokens, the 256 byte signs of byte-level BPE, and the merges."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    signs = [chr(byte) for byte in printable] + [chr(256 + n) for n in range(len(others))]
    merged = [merge.replace(" ", "") for merge in _MERGES]
    return [*_SPECIAL, *signs, *merged]


def _write_metadata(writer: Any, tokens: list[str], changes: dict[str, Any]) -> None:
    writer.add_name(MODEL_ID)
    writer.add_block_count(_LAYERS)
    writer.add_context_length(CONTEXT_LENGTH)
    writer.add_embedding_length(_WIDTH)
    writer.add_feed_forward_length(_HIDDEN)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_KV_HEADS)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * len(_SPECIAL) + [1] * (len(tokens) - len(_SPECIAL)))
    writer.add_token_merges(list(_MERGES))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(CHATML)
    for key, value in changes.items():
        for shard in writer.kv_data:
            shard.pop(key, None)
        if isinstance(value, list):
            writer.add_array(key, value)
        elif value is not None:
            add = {bool: writer.add_bool, int: writer.add_uint32, float: writer.add_float32, str: writer.add_string}
            add[type(value)](key, value)


def _piece_metadata(pieces: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.pre": None,
        "tokenizer.ggml.merges": None,
        "tokenizer.ggml.scores": pieces["scores"],
        "tokenizer.ggml.token_type": pieces["types"],
        "tokenizer.ggml.add_bos_token": None,  # as in many files: the kind says it
        "tokenizer.ggml.add_space_prefix": pieces["adds_space"],
        "tokenizer.chat_template": "{% for m in messages %}{{ '[' + m.role + '] ' + m.content + ' ' }}"
        "{% if m.role == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}",
    }


def _tensors(vocabulary: int, seed: int, *, tied: bool, biases: bool) -> dict[str, np.ndarray]:
    """The weights by their GGUF names, matrices of shape (outputs, inputs), float32."""
    random = np.random.default_rng(seed)

    def matrix(rows: int, columns: int, scale: float) -> np.ndarray:
        return (random.standard_normal((rows, columns)) * scale).astype(np.float32)

    keys = _WIDTH // _HEADS * _KV_HEADS
    shapes = {
        "attn_q": (_WIDTH, _WIDTH), "attn_k": (keys, _WIDTH), "attn_v": (keys, _WIDTH), "attn_output": (_WIDTH, _WIDTH),
        "ffn_gate": (_HIDDEN, _WIDTH), "ffn_up": (_HIDDEN, _WIDTH), "ffn_down": (_WIDTH, _HIDDEN),
    }  # fmt: skip
    tensors = {"token_embd.weight": matrix(vocabulary, _WIDTH, 0.05)}
    if not tied:
        tensors["output.weight"] = matrix(vocabulary, _WIDTH, 0.05)
    for layer in range(_LAYERS):
        for name, (rows, columns) in shapes.items():
            tensors[f"blk.{layer}.{name}.weight"] = matrix(rows, columns, columns**-0.5)
            if biases:
                tensors[f"blk.{layer}.{name}.bias"] = matrix(1, rows, 0.3)[0]
        for name in ("attn_norm", "ffn_norm"):
            tensors[f"blk.{layer}.{name}.weight"] = 1 + matrix(1, _WIDTH, 0.1)[0]
    tensors["output_norm.weight"] = 3 + matrix(1, _WIDTH, 0.1)[0]
    return tensors
