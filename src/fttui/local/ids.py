"""Identifiers of the local server: random, with OpenAI's prefixes, fit to be the name of a file."""

from __future__ import annotations

import re
import secrets
import unicodedata

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.]+")


def random_part(length: int) -> str:
    """``length`` random letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_id(prefix: str) -> str:
    """An id such as ``ftjob-…``; ``prefix`` brings its own separator."""
    return prefix + random_part(24)


def tuned_model_id(base: str, suffix: str | None, job_id: str) -> str:
    """``ft:<base>:local:<suffix>:<8 characters>``; what a model name cannot hold becomes a hyphen in the suffix.

    Letters lose their accents: "Café" is "Cafe".
    The 8 characters are the job's own, so that a job that goes on in another process gives its models the same names.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", suffix or "") if not unicodedata.combining(c))
    slug = _NOT_IN_A_NAME.sub("-", bare).strip("-")
    return f"ft:{base}:local:{slug}:{job_id[-8:]}"


def checkpoint_model_id(tuned: str, step: int) -> str:
    """The name of the model as it was after ``step``."""
    return f"{tuned}:ckpt-step-{step}"
