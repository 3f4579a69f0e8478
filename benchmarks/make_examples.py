"""Write a deterministic JSONL file of chat examples of about 1 KB each, as large as a benchmark needs.

    python benchmarks/make_examples.py OUT.jsonl [--examples 1000000] [--seed 1]

Standard library only. Texts are cut from a pool made once, so a million examples take a few seconds.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_ENGLISH: Final = (
    "the a this that every some one order invoice parcel refund ticket letter summary table price week month train "
    "answer question customer manager team report plan budget costs needs shows sends wants asks gives takes before "
    "after because although and but or with without under over quickly today tomorrow again never always please thank"
)
_JAPANESE: Final = "注文した商品がまだ届きません配送状況を確認して返金についても教えてください明日の会議は中止です"
_CODE: Final = ("def area(r):\n    return 3.14 * r\n", "SELECT name FROM users;\n", 'if (x > 0) { print("yes"); }\n')
_SYSTEMS: Final = ("You are a polite clerk of a small shop.", "Answer in one sentence.", "簡潔に答えてください。")
_POOL: Final = 1 << 16


def _pool(choose: random.Random) -> str:
    """A long text to cut from: two parts English, one part Japanese, some code."""
    english = _ENGLISH.split()
    parts: list[str] = []
    length = 0
    while length < _POOL:
        kind = choose.random()
        if kind < 0.70:
            part = " ".join(choose.choices(english, k=12)) + ". "
        elif kind < 0.92:
            part = "".join(choose.choices(_JAPANESE, k=30)) + "。"
        else:
            part = choose.choice(_CODE)
        parts.append(part)
        length += len(part)
    return "".join(parts)


def lines(examples: int, seed: int = 1) -> Iterator[bytes]:
    """The lines of the file, each with its line feed; the same for the same arguments."""
    choose = random.Random(seed)
    pool = json.dumps(_pool(choose), ensure_ascii=False)[1:-1]
    starts = [at for at, letter in enumerate(pool[:-1200]) if letter == " "]  # never inside an escape
    systems = [json.dumps(text, ensure_ascii=False) for text in _SYSTEMS]

    def text() -> str:
        start = choose.choice(starts) + 1
        stop = pool.find(" ", start + choose.randrange(40, 560))
        return pool[start:stop]

    for number in range(examples):
        turns = "".join(
            f', {{"role": "user", "content": "{text()}"}}, {{"role": "assistant", "content": "{text()} [{number}]"}}'
            for _ in range(choose.choice((1, 1, 1, 2)))
        )
        line = f'{{"messages": [{{"role": "system", "content": {choose.choice(systems)}}}{turns}]}}\n'
        yield line.encode()


def write(path: Path, examples: int, seed: int = 1) -> None:
    """Write the file."""
    with path.open("wb", buffering=1 << 20) as out:
        out.writelines(lines(examples, seed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--examples", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    write(arguments.out, arguments.examples, arguments.seed)


if __name__ == "__main__":
    main()
