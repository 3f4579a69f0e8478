"""torch with transformers and peft, as their documentation has it; the same weights in float32."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from serving import serve, timed
from transformers import AutoModelForCausalLM

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
folder, name = os.path.split(sys.argv[1])
_LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
plain: Any = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
model: Any = get_peft_model(
    plain, LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules=_LINEARS, task_type="CAUSAL_LM")
)


def decode(prompt: list[int], tokens: int, adapted: bool = False) -> float:
    """Seconds for ``tokens`` tokens behind the first, greedily, over a key-value cache."""
    model.eval()
    # switching the adapter off takes longer than a layer: once, not for each token
    with torch.inference_mode(), nullcontext() if adapted else model.disable_adapter():
        seen = model(torch.tensor([prompt]), use_cache=True)

        def finish() -> None:
            nonlocal seen
            for _ in range(tokens):
                token = seen.logits[:, -1:].argmax(-1)
                seen = model(token, past_key_values=seen.past_key_values, use_cache=True)

        return timed(finish)


def train(batch: list[dict[str, list[int]]], steps: int) -> list[float]:
    """Seconds of each step over the batch, padded to its longest example; the first, which warms up, is left out."""
    longest = max(len(example["ids"]) for example in batch)
    ids = torch.tensor([e["ids"] + [0] * (longest - len(e["ids"])) for e in batch])
    labels = torch.tensor([e["labels"] + [-100] * (longest - len(e["ids"])) for e in batch])
    mask = torch.tensor([[1] * len(e["ids"]) + [0] * (longest - len(e["ids"])) for e in batch])
    model.train()
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4, weight_decay=0.0)

    def step() -> None:
        optimizer.zero_grad()
        model(ids, attention_mask=mask, labels=labels).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return [timed(step) for _ in range(steps + 1)][1:]


serve({"decode": decode, "train": train})
