"""The log: one rotated file, secrets removed, nothing on standard error under the screen."""

from __future__ import annotations

import logging
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path

from fttui.core.paths import make, state_dir

_SECRET = re.compile(
    r"(?i)(bearer\s+|api[-_]?key['\"]?\s*[:=]\s*['\"]?|token['\"]?\s*[:=]\s*['\"]?)[A-Za-z0-9._\-]{8,}|\bsk-[A-Za-z0-9_\-]{8,}"
)


def redact(text: str) -> str:
    """``text`` with keys and tokens replaced by ``***``."""
    return _SECRET.sub(lambda m: f"{m[1] or ''}***", text)


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def log_file() -> Path:
    return state_dir() / "fttui.log"


def start_logging(level: int = logging.INFO) -> None:
    """Send the log of this process to the rotated file; called once by each program, never by importing."""
    make(state_dir())
    handler = RotatingFileHandler(
        log_file(), maxBytes=2_000_000, backupCount=2, encoding="utf-8", errors="backslashreplace", delay=True
    )
    handler.setFormatter(_Redacting("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpx2", "httpcore", "openai", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
