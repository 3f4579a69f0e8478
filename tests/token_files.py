"""Files to count, and their totals by tiktoken alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fttui.tokens.encodings import encoding


def example(number: int, words: int = 40) -> dict[str, Any]:
    return {
        "messages": [
            {"role": "system", "content": "You are helpful."},
            {"role": "user", "content": f"質問 {number}: " + "token data " * (words + number % 7)},
            {"role": "assistant", "content": f"Answer {number} " + "yes " * (number % 5)},
        ]
    }


def plain_count(record: dict[str, Any], name: str = "o200k_base") -> tuple[int, int]:
    """(all tokens, trained tokens) of an example made of plain messages."""

    def n(text: str) -> int:
        return len(encoding(name).encode_ordinary(text))

    total = 3 + sum(3 + n(m["role"]) + n(m["content"]) for m in record["messages"])
    return total, sum(n(m["content"]) for m in record["messages"] if m["role"] == "assistant")


def write(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_bytes(b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records))
    return path


def is_alive(pid: int) -> bool:
    """Whether the process runs (one that ended and was not waited for does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
