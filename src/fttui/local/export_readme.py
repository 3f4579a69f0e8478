"""The README.md of an exported adapter: what it is, what it was trained on, and how to load it."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from fttui.core.text import one_line
from fttui.local.jobs import Job
from fttui.local.tuned_models import TunedModel

if TYPE_CHECKING:
    from fttui.local.export import Losses

_PAGE = """\
---
base_model: {base_yaml}
library_name: peft
---

# {title}

A LoRA adapter for {base_code}, trained with fttui.

| | |
|---|---|
{facts}

{over}

With peft:

```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained({base_string})
model = PeftModel.from_pretrained(base, "PATH/OF/THIS/FOLDER")
tokenizer = AutoTokenizer.from_pretrained({base_string})
```

With vLLM:

```sh
vllm serve {base_argument} --enable-lora --max-lora-rank {rank} --lora-modules tuned=PATH/OF/THIS/FOLDER
```
"""
_OVER = (
    "It was trained over the weights of a GGUF file, `fttui.json` says which; over the original weights of the base "
    "its answers can differ a little."
)


def readme(model: TunedModel, job: Job, *, base: str, rank: int, data: str, loss: Losses | None) -> str:
    """The page, in Markdown. Names that came from others are shown as code, whatever is in them.

    Args:
        base: The base model's true name.
        data: What was trained on.
    """
    hyperparameters = job.resolved or job.requested
    facts = {
        "model": model.id,
        "job": job.id,
        "base": base,
        "data": data,
        "method": job.method,
        "hyperparameters": ", ".join(f"{key} {value}" for key, value in hyperparameters.items()),
        "seed": str(job.seed),
        "reads": "plain prompts, without the chat template" if model.reads == "completion" else "conversations",
    }
    name = one_line(base, 200).replace("`", " ")
    rows = "\n".join(f"| {what} | {_code(value)} |" for what, value in facts.items())
    over = _OVER
    if loss is not None:
        over += (
            f"\nOn {loss.tokens:,} trained tokens of the {loss.of} file its loss is {loss.quantised:.3f} over those "
            f"weights and {loss.original:.3f} over the original ones."
        )
    return _PAGE.format(
        base_argument=shlex.quote(name),
        base_yaml=json.dumps(name),
        base_string=json.dumps(name),
        base_code=_code(base),
        title=_code(model.id),
        facts=rows,
        over=over,
        rank=rank,
    )


def _code(text: str) -> str:
    """Text as code in a table of Markdown."""
    return f"`{one_line(text, 300).replace('`', ' ').replace('|', '/')}`"
