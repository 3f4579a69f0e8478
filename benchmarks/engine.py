"""The numpy engine beside torch + peft and llama.cpp: training steps, decoding, memory, the first step of a job.

    python benchmarks/engine.py [--peers PYTHON] [--threads 2] [--rounds 3] [--weights FILE.gguf]

``--peers`` is a Python with torch, transformers, peft, gguf and, for llama.cpp, xllamacpp (``pip install torch==2.13.0
transformers peft gguf xllamacpp``); without it only fttui is timed. Each program runs in a process of its own with
``--threads`` threads, and all of them take turns, so that a busy machine is busy for all. The same weights (float32,
from the 4-bit file), the same token ids, LoRA of rank 16 on all seven projections, AdamW. torch pads a batch to its
longest example, as its data collators do.

Prints one JSON document: medians, and the ratios that DESIGN promises: training at least 1.0 × torch, decoding at least
1.5 × torch and 0.7 × the best that reading each matrix once a token allows ("ceiling"). Exit status 1 when one is not
held.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

_HERE: Final = Path(__file__).parent / "engine_peers"
_WORDS: Final = (
    "the",
    "station",
    "keeps",
    "its",
    "clock",
    "a",
    "minute",
    "slow",
    "so",
    "that",
    "late",
    "people",
    "wait",
)
BATCHES: Final = {"4 x 60": (4, 60), "1 x 201": (1, 201), "8 x 120": (8, 120)}
"""Examples in a batch, and about how many tokens each has."""
_DECODED: Final = 64
_STREAMS: Final = 8
_THREAD_VARIABLES: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Peer:
    """A program that is timed."""

    def __init__(self, python: str, script: str, weights: Path, threads: int, log: Path) -> None:
        environment = os.environ | dict.fromkeys(_THREAD_VARIABLES, str(threads))
        self._process = subprocess.Popen(
            [python, str(_HERE / script), str(weights)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("ab"),
            env=environment,
            text=True,
        )
        self.peak_mib = 0

    def ask(self, do: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args} ended")
        told = json.loads(line)
        self.peak_mib = told["peak_mib"]
        return told["answer"]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def made_up(count: int, tokens: int, seed: int) -> list[dict[str, Any]]:
    """``count`` chat examples of about ``tokens`` tokens, a third of them the answer's; lengths vary by a fifth."""
    rng = random.Random(seed)
    examples = []
    for _ in range(count):
        words = max(4, round((tokens - 12) * rng.uniform(0.8, 1.2)))
        asked = " ".join(rng.choices(_WORDS, k=words * 2 // 3))
        answered = " ".join(rng.choices(_WORDS, k=words - words * 2 // 3))
        messages = [{"role": "system", "content": ""}, {"role": "user", "content": asked}]
        examples.append({"messages": [*messages, {"role": "assistant", "content": answered}]})
    return examples


def compare(ours: Peer, torch: Peer | None, llama: Peer | None, rounds: int) -> dict[str, Any]:
    """Every measure in turns, ``rounds`` times; medians."""
    batches = {name: made_up(*size, seed=1) for name, size in BATCHES.items()}
    encoded = {name: ours.ask("encode", examples=examples) for name, examples in batches.items()}
    prompt = encoded["4 x 60"][0]["ids"][:40]
    seconds: dict[str, list[float]] = {}

    def note(what: str, value: float | list[float]) -> None:
        seconds.setdefault(what, []).extend(value if isinstance(value, list) else [value])

    for _ in range(rounds):
        note("ceiling", 1 / ours.ask("ceiling"))
        for adapted in (False, True):
            key = "decode, adapter" if adapted else "decode"
            note(key, ours.ask("decode", prompt=prompt, tokens=_DECODED, adapted=adapted) / _DECODED)
            if torch is not None:
                note(f"torch {key}", torch.ask("decode", prompt=prompt, tokens=_DECODED, adapted=adapted) / _DECODED)
        note("together", ours.ask("decode", prompt=prompt, tokens=_DECODED, streams=_STREAMS) / _DECODED / _STREAMS)
        if llama is not None:
            note("llama.cpp", llama.ask("decode", prompt=prompt, tokens=_DECODED) / _DECODED)
        for name, examples in batches.items():
            note(f"train {name}", ours.ask("train", examples=examples, steps=2))
            if torch is not None:
                note(f"torch train {name}", torch.ask("train", batch=encoded[name], steps=2))
    median = {what: statistics.median(values) for what, values in seconds.items()}
    tokens = {name: sum(len(example["ids"]) for example in encoded[name]) for name in encoded}
    return _report(median, tokens)


def _report(median: dict[str, float], tokens: dict[str, int]) -> dict[str, Any]:
    """Figures as people want them: tokens a second, seconds a step, ratios."""

    def rate(what: str) -> float | None:
        return round(1 / median[what], 1) if what in median else None

    decoding = {
        "tokens_per_s": rate("decode"),
        "with_adapter": rate("decode, adapter"),
        f"{_STREAMS}_streams_together": rate("together"),
        "ceiling": rate("ceiling"),
        "of_ceiling": round(median["ceiling"] / median["decode"], 2),
        "of_ceiling_with_adapter": round(median["ceiling"] / median["decode, adapter"], 2),
        "torch": rate("torch decode"),
        "torch_with_adapter": rate("torch decode, adapter"),
        "llama_cpp_4_bit": rate("llama.cpp"),
    }
    if "torch decode" in median:
        decoding["times_torch"] = round(median["torch decode"] / median["decode"], 2)
        decoding["times_torch_with_adapter"] = round(median["torch decode, adapter"] / median["decode, adapter"], 2)
    training = {}
    for name, count in tokens.items():
        own = median[f"train {name}"]
        training[name] = {"tokens": count, "s_per_step": round(own, 3), "tokens_per_s": round(count / own)}
        if f"torch train {name}" in median:
            theirs = median[f"torch train {name}"]
            training[name] |= {"torch_s_per_step": round(theirs, 3), "times_torch": round(theirs / own, 2)}
    return {"decoding": decoding, "training": training}


def long_example(weights: Path, threads: int, log: Path, tokens: int = 4096) -> dict[str, float]:
    """One step over one example as long as the engine takes them: seconds and memory of a fresh process."""
    peer = Peer(sys.executable, "ours.py", weights, threads, log)
    (encoded,) = peer.ask("encode", examples=made_up(1, tokens, seed=3))
    before = time.perf_counter()
    peer.ask("train", examples=made_up(1, tokens, seed=3), steps=0)
    seconds = time.perf_counter() - before
    peer.close()
    return {"tokens": min(len(encoded["ids"]), tokens), "seconds": round(seconds, 1), "peak_mib": peer.peak_mib}


def first_step(weights: Path) -> dict[str, float]:
    """Seconds from creating a job on a running server to its first step, and the peak memory of both processes.

    The server has made the float32 weights when it says that it is ready.
    """
    from openai import OpenAI

    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"FTTUI_HOME": home, "FTTUI_WEIGHTS": str(weights)}
        server = subprocess.Popen(
            [sys.executable, "-m", "fttui", "local", "serve", "--format", "json"],
            stdout=subprocess.PIPE,
            env=environment,
        )
        try:
            assert server.stdout is not None
            said = json.loads(server.stdout.readline())
            client = OpenAI(base_url=said["base_url"], api_key=Path(said["token_file"]).read_text("ascii"))
            content = b"".join(json.dumps(e).encode() + b"\n" for e in made_up(12, 60, seed=2))
            file = client.files.create(file=("train.jsonl", content), purpose="fine-tune")
            began = time.perf_counter()
            job = client.fine_tuning.jobs.create(model=said["models"][0], training_file=file.id)
            while not any(e.type == "metrics" for e in client.fine_tuning.jobs.list_events(job.id, limit=20).data):
                if client.fine_tuning.jobs.retrieve(job.id).status == "failed":
                    raise RuntimeError(client.fine_tuning.jobs.retrieve(job.id).error)
                time.sleep(0.05)
            seconds = time.perf_counter() - began
            peaks = {"server": _peak_mib(server.pid)}
            while client.fine_tuning.jobs.retrieve(job.id).status == "running":
                for pid in _children(server.pid):
                    peaks["worker"] = max(peaks.get("worker", 0), _peak_mib(pid))
                time.sleep(0.1)
            return {"seconds": round(seconds, 2), **{f"{who}_peak_mib": peak for who, peak in peaks.items()}}
        finally:
            server.terminate()
            server.wait(30)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] or [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:  # it ended, or this system has no /proc
        return []


def _peak_mib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


def held(report: dict[str, Any]) -> dict[str, bool]:
    """Which promises are kept; those that were not measured are not named."""
    decoding = report["decoding"]
    promises = {"decoding, 0.7 of the ceiling": decoding["of_ceiling"] >= 0.7}
    if "times_torch" in decoding:
        promises["decoding, 1.5 × torch"] = decoding["times_torch"] >= 1.5
        for name, figures in report["training"].items():
            promises[f"training {name}, 1.0 × torch"] = figures["times_torch"] >= 1.0
    promises["first step within 5 s"] = report["first_step"]["seconds"] <= 5
    peaks = [report["long_example"]["peak_mib"], *(v for k, v in report["first_step"].items() if k.endswith("_mib"))]
    promises["memory, 1.5 GB a process"] = max(peaks) <= 1.5e9 / 2**20
    return promises


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", help="a Python with torch, transformers, peft, gguf and xllamacpp")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--weights", type=Path, help="a GGUF file; else SmolLM2-135M, fetched when it is not there")
    options = parser.parse_args()

    from fttui.local.weights import fetch_weights

    weights = (options.weights or fetch_weights(lambda *_: None)).absolute()
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log"
        ours = Peer(sys.executable, "ours.py", weights, options.threads, log)
        torch = Peer(options.peers, "torch_peft.py", weights, options.threads, log) if options.peers else None
        llama = Peer(options.peers, "llama_cpp.py", weights, options.threads, log) if options.peers else None
        peers = [peer for peer in (ours, torch, llama) if peer is not None]
        try:
            report: dict[str, Any] = {"threads": options.threads, "rounds": options.rounds}
            report |= compare(ours, torch, llama, options.rounds)
        except RuntimeError:
            sys.stderr.write(log.read_text("utf-8", "replace")[-3000:])
            raise
        finally:
            for peer in peers:
                peer.close()
        report["long_example"] = long_example(weights, options.threads, log)
        report["first_step"] = first_step(weights)
    report["held"] = held(report)
    print(json.dumps(report, indent=1, ensure_ascii=False))
    return 0 if all(report["held"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
