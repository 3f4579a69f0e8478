"""Whether an adapter of ours is the same adapter in peft: its loss there, beside its loss here, over the same weights.

    python benchmarks/peft_check.py --python /path/of/python/with/torch [--adapter DIR] [--weights FILE.gguf]

The other Python has torch, transformers, gguf and peft, and needs no fttui: transformers takes the weights out of the
GGUF file, peft loads the adapter. Without ``--adapter`` one is trained for a few steps first; ``fttui local export``
writes the same files. One JSON document on standard output; exit status 1 when a loss differs by more than 0.001.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

BOUND: Final = 1e-3
"""Nats a token. Both sides compute in float32, in another order."""
STEPS: Final = 12
SAMPLE: Final = Path(__file__).parents[1] / "src" / "fttui" / "samples" / "tone.jsonl"
EXAMPLES: Final = 8


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable, help="A Python with torch, transformers, gguf and peft.")
    parser.add_argument("--adapter", type=Path, help="A PEFT folder, as `fttui local export` writes it.")
    parser.add_argument("--weights", type=Path, help="The GGUF file; SmolLM2-135M, as fetched, otherwise.")
    parser.add_argument("--peer", nargs=3, metavar=("GGUF", "ADAPTER", "CASES"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        print(json.dumps(losses_in_peft(*arguments.peer)))
        return 0
    with tempfile.TemporaryDirectory(prefix="peft-check-") as scratch:
        result = compare(arguments.python, arguments.weights, arguments.adapter, Path(scratch))
    print(json.dumps(result, indent=1))
    return 0 if result["largest_difference"] <= BOUND else 1


def compare(python: str, weights: Path | None, adapter: Path | None, scratch: Path) -> dict[str, Any]:
    """The losses of the base model and of the adapter over it, here and there."""
    from fttui.local.engines.registry import load_engine
    from fttui.local.examples import load_examples
    from fttui.local.weights import fetch_weights, weights_path

    weights = weights or weights_path() or fetch_weights(lambda *_: None)
    engine: Any = load_engine(weights)
    examples = load_examples(SAMPLE)[:EXAMPLES]
    folder = (adapter or trained(engine, examples, scratch / "adapter")).absolute()
    ours = {
        "base": engine.score(examples).mean_loss,
        "adapted": engine.score(examples, engine.load_adapter(folder)).mean_loss,
    }
    cases = scratch / "cases.json"
    cases.write_text(json.dumps(token_ids(engine, examples)), "utf-8")
    command = [python, __file__, "--peer", str(weights.absolute()), str(folder), str(cases)]
    theirs = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.splitlines()[-1])
    return {
        "weights": weights.name,
        "adapter_names": json.loads((folder / "adapter_config.json").read_text("utf-8"))["base_model_name_or_path"],
        "examples": len(examples),
        "tokens": theirs.pop("tokens"),
        "ours": ours,
        "peft": theirs,
        "largest_difference": max(abs(ours[name] - theirs[name]) for name in ours),
        "bound": BOUND,
    }


def trained(engine: Any, examples: list[Any], folder: Path) -> Path:
    """An adapter that does something: a few steps on the examples."""
    from fttui.local.engines.protocol import TrainingOptions

    options = TrainingOptions(epochs=STEPS, batch_size=4, learning_rate=1e-3, seed=1)
    training = engine.train(examples, [], options)
    for _ in range(STEPS):
        next(training)
    engine.save_adapter(training.adapter, folder)
    return folder


def token_ids(engine: Any, examples: list[Any]) -> list[dict[str, list[Any]]]:
    """The examples as our engine cuts them into tokens, and which of those are trained on."""
    from fttui.local.engines.numpy_engine.encoder import Encoder

    encoded = Encoder(engine.tokenizer, engine.template, engine.context_length).examples(examples).kept
    return [{"ids": [*map(int, e.ids)], "trained": [*map(bool, e.trained)]} for e in encoded]


def losses_in_peft(gguf: str, adapter: str, cases: str) -> dict[str, float]:
    """Mean loss over the trained tokens without and with the adapter. Runs in the other Python."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    examples = json.loads(Path(cases).read_text("utf-8"))
    path = Path(gguf)
    base = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()

    def loss(model: Any) -> tuple[float, int]:
        total, tokens = 0.0, 0
        for example in examples:
            ids = torch.tensor([example["ids"]])
            wanted = torch.tensor(example["trained"])[1:]
            with torch.inference_mode():
                scores = torch.log_softmax(model(ids).logits[0, :-1].float(), dim=-1)
            of_next = scores.gather(1, ids[0, 1:, None])[:, 0]
            total -= float(of_next[wanted].sum())
            tokens += int(wanted.sum())
        return total / tokens, tokens

    before, tokens = loss(base)
    after, _ = loss(PeftModel.from_pretrained(base, adapter).eval())
    return {"base": before, "adapted": after, "tokens": tokens}


if __name__ == "__main__":
    sys.exit(main())
