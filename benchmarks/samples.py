"""The packaged samples, trained through the local server: what they take, and whether they keep their promises.

    python benchmarks/samples.py [tone] [sport] [balance] [--weights FILE.gguf] [--home DIR] [--seed 1]

Starts a server of its own in ``--home`` (a temporary folder unless named) and drives it with the official SDK, all
hyperparameters automatic. One JSON document on standard output, progress on standard error; exit status 1 when a
promise is broken. About four minutes on two cores; the weights are fetched (98 MB) unless named.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.fine_tuning import FineTuningJob

_NEW_QUESTIONS: Final = (
    "What is the capital of Japan?",
    "How many days are in a week?",
    "Which planet is the largest?",
    "Who wrote Romeo and Juliet?",
    "What color is the sky?",
)
"""None of them is in the sample."""
_NEW_PAIRS: Final = ((50, 30), (68, 12), (95, 5), (72, 40), (58, 22))
"""A and B; neither they nor their results are in the sample."""
_LAYOUT: Final = re.compile(
    r"計算: \((\d+)−(\d+)\)/\((\d+)\+(\d+)\) = (-?\d+\.\d{3})\n判定: [AB]の優勢は(-?\d+\.\d)%です。"
)
_POLL_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with both models' answers, and what a right one is, where that is known."""

    question: str
    base: str
    tuned: str
    wanted: str | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """What the sample is to show, and whether it did; None: it is measured, and nothing is promised."""

    says: str
    measured: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Run:
    """A training that has ended."""

    job: FineTuningJob
    losses: Sequence[float]
    seconds: float
    first_step_s: float
    """From the creation of the job."""
    foretold: str
    """What the server said before the first step."""

    def in_numbers(self) -> dict[str, Any]:
        """For the document."""
        hyperparameters = self.job.hyperparameters
        return {
            "seconds": round(self.seconds, 1),
            "seconds_to_first_step": round(self.first_step_s, 1),
            "foretold": self.foretold,
            "epochs": hyperparameters.n_epochs,
            "batch_size": hyperparameters.batch_size,
            "steps": len(self.losses),
            "trained_tokens": self.job.trained_tokens,
            "first_loss": round(self.losses[0], 3),
            "last_loss": round(self.losses[-1], 3),
        }


class Workbench:
    """The server and its base model, by way of the SDK.

    Args:
        client: Points at the server.
        base: The id of its base model.
        seed: Of the trainings.
    """

    def __init__(self, client: OpenAI, base: str, seed: int) -> None:
        self._client = client
        self.base = base
        self._seed = seed

    def train(self, name: str, content: bytes) -> Run:
        """Train the base model on ``content``.

        Raises:
            RuntimeError: The job did not succeed.
        """
        jobs = self._client.fine_tuning.jobs
        uploaded = self._client.files.create(file=(f"{name}.jsonl", content), purpose="fine-tune")
        begun = time.monotonic()
        job = jobs.create(model=self.base, training_file=uploaded.id, suffix=name, seed=self._seed)
        first_step_s = 0.0
        while job.status in ("validating_files", "queued", "running"):
            time.sleep(_POLL_S)
            if not first_step_s and any(event.type == "metrics" for event in jobs.list_events(job.id, limit=10).data):
                first_step_s = time.monotonic() - begun
            job = jobs.retrieve(job.id)
        seconds = time.monotonic() - begun
        if job.status != "succeeded":
            raise RuntimeError(f"{name}: the job is {job.status}: {job.error and job.error.message}")
        story = list(jobs.list_events(job.id, limit=1000))[::-1]
        losses = [_metric(event.data, "train_loss") for event in story if event.type == "metrics"]
        told = [event.message for event in story if event.type == "message"]
        return Run(job, losses, seconds, first_step_s or seconds, next((m for m in told if "about" in m.lower()), ""))

    def ask(self, run: Run, messages: Sequence[Mapping[str, str]], wanted: str | None = None) -> Asked:
        """Both models' likeliest answers to a conversation."""
        assert run.job.fine_tuned_model is not None
        base, tuned = (self._answer(model, messages) for model in (self.base, run.job.fine_tuned_model))
        return Asked(messages[-1]["content"], base, tuned, wanted)

    def _answer(self, model: str, messages: Any) -> str:
        answer = self._client.chat.completions.create(model=model, messages=messages, temperature=0, max_tokens=60)
        return answer.choices[0].message.content or ""


def tone(bench: Workbench, training: bytes, _test: bytes) -> tuple[Run, list[Asked], list[Promise]]:
    """Sarcastic answers to plain questions."""
    run = bench.train("tone", training)
    system = _first_message(training)
    asked = [bench.ask(run, [system, {"role": "user", "content": question}]) for question in _NEW_QUESTIONS]
    differing = sum(one.base.strip() != one.tuned.strip() for one in asked)
    first, last = run.losses[0], run.losses[-1]
    return (
        run,
        asked,
        [
            Promise(
                "the answers differ from the base model's", f"{differing} of {len(asked)}", differing == len(asked)
            ),
            Promise("the last loss is under half of the first", f"{first:.2f} to {last:.2f}", last < first / 2),
        ],
    )


def sport(bench: Workbench, training: bytes, test: bytes) -> tuple[Run, list[Asked], list[Promise]]:
    """One word of two, on sentences that were held out."""
    run = bench.train("sport", training)
    held_out = [json.loads(line)["messages"] for line in test.splitlines()]
    asked = [bench.ask(run, messages[:-1], messages[-1]["content"]) for messages in held_out]
    count = len(asked)
    base = sum(one.base.strip() == one.wanted for one in asked)
    tuned = sum(one.tuned.strip() == one.wanted for one in asked)
    return (
        run,
        asked,
        [
            Promise("the base model is right on 10 % at most", f"{base} of {count}", base <= count * 0.1),
            Promise("the tuned model is right on 85 % at least", f"{tuned} of {count}", tuned >= count * 0.85),
        ],
    )


def balance(bench: Workbench, training: bytes, _test: bytes) -> tuple[Run, list[Asked], list[Promise]]:
    """Two fixed lines; the arithmetic in them is told, and nothing is promised of it."""
    run = bench.train("balance", training)
    system = _first_message(training)
    asked = [
        bench.ask(
            run,
            [system, {"role": "user", "content": f"A={a}、B={b} のつりあい率を求めてください。"}],
            f"{(a - b) / (a + b):.3f}",
        )
        for a, b in _NEW_PAIRS
    ]
    matches = [_LAYOUT.fullmatch(one.tuned.strip()) for one in asked]
    in_layout = sum(match is not None for match in matches)
    base_in_layout = sum(_LAYOUT.fullmatch(one.base.strip()) is not None for one in asked)
    copied = sum(
        match is not None and match.groups()[:4] == (str(a), str(b), str(a), str(b))
        for match, (a, b) in zip(matches, _NEW_PAIRS, strict=True)
    )
    right = sum(match is not None and match[5] == one.wanted for match, one in zip(matches, asked, strict=True))
    count = len(asked)
    return (
        run,
        asked,
        [
            Promise("the layout is kept in 4 of 5 answers", f"{in_layout} of {count}", in_layout >= count * 0.8),
            Promise("the base model does not know the layout", f"{base_in_layout} of {count}", base_in_layout == 0),
            Promise("the numbers of the question are copied", f"{copied} of {count}", None),
            Promise("the result is right", f"{right} of {count}", None),
        ],
    )


SAMPLES: Final[Mapping[str, Callable[[Workbench, bytes, bytes], tuple[Run, list[Asked], list[Promise]]]]] = {
    "tone": tone,
    "sport": sport,
    "balance": balance,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("samples", nargs="*", metavar="SAMPLE", help=f"{', '.join(SAMPLES)}; all unless named")
    parser.add_argument("--weights", type=Path, help="a GGUF file; SmolLM2-135M, fetched when needed, unless named")
    parser.add_argument("--home", type=Path, help="where the server keeps its things")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    unknown = set(arguments.samples) - SAMPLES.keys()
    if unknown:
        parser.error(f"there is no sample {unknown.pop()}")
    with contextlib.ExitStack() as stack:
        home = arguments.home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fttui-samples-")))
        result = run_samples(arguments.samples or list(SAMPLES), home, arguments.weights, arguments.seed)
    print(json.dumps(result, indent=1, ensure_ascii=False))
    return 0 if result["all_promises_hold"] else 1


def run_samples(names: Sequence[str], home: Path, weights: Path | None, seed: int) -> dict[str, Any]:
    """Train and ask; the document."""
    catalog = tomllib.loads(_sample("catalog.toml").decode())
    documents = {}
    with _server(home, weights) as (client, base):
        bench = Workbench(client, base, seed)
        for name in names:
            print(f"{name} …", file=sys.stderr)
            entry = catalog[name]
            run, asked, promises = SAMPLES[name](
                bench, _sample(entry["training"]), _sample(entry["test"]) if "test" in entry else b""
            )
            documents[name] = {
                **run.in_numbers(),
                "promises": [{"says": p.says, "measured": p.measured, "holds": p.holds} for p in promises],
                "answers": [
                    {"question": a.question, "base": a.base, "tuned": a.tuned}
                    | ({"wanted": a.wanted} if a.wanted is not None else {})
                    for a in asked
                ],
            }
    holds = all(promise["holds"] is not False for document in documents.values() for promise in document["promises"])
    return {"model": base, "seed": seed, "all_promises_hold": holds, "samples": documents}


@contextlib.contextmanager
def _server(home: Path, weights: Path | None) -> Iterator[tuple[OpenAI, str]]:
    """A local server of our own, and the id of its base model once that can answer."""
    from openai import OpenAI

    environment = os.environ | {"FTTUI_HOME": str(home)}
    if weights is not None:
        environment["FTTUI_WEIGHTS"] = str(weights.absolute())
    command = [sys.executable, "-m", "fttui", "local", "serve", "--format", "json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline() or "null")
        if not said or not said["models"]:
            raise SystemExit("The local server did not start; see above.")
        token = Path(said["token_file"]).read_text("ascii")
        with OpenAI(base_url=said["base_url"], api_key=token, timeout=300) as client:
            yield client, said["models"][0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _sample(name: str) -> bytes:
    return files("fttui.samples").joinpath(name).read_bytes()


def _first_message(training: bytes) -> dict[str, str]:
    message: dict[str, str] = json.loads(training.splitlines()[0])["messages"][0]
    return message


def _metric(data: object, name: str) -> float:
    assert isinstance(data, dict)
    return float(data[name])


if __name__ == "__main__":
    sys.exit(main())
