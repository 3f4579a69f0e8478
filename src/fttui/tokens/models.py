"""Which vocabulary a model counts with, and how long a training example may be.

tiktoken's own table is not used: it maps ``ft:gpt-4.1-…`` to cl100k_base (its base model is o200k_base) and does not
know ``ft:o4-mini-…``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

O200K: Final = "o200k_base"
CL100K: Final = "cl100k_base"

_LIMIT: Final = 65_536
"""Training limit of an example for the models of 2024 and 2025 (OpenAI, fine-tuning best practices)."""

# family: (encoding, training limit). Families without a documented limit have None.
_FAMILIES: Final[dict[str, tuple[str, int | None]]] = {
    "gpt-4.1": (O200K, _LIMIT),
    "gpt-4.1-mini": (O200K, _LIMIT),
    "gpt-4.1-nano": (O200K, _LIMIT),
    "gpt-4o": (O200K, _LIMIT),
    "gpt-4o-mini": (O200K, _LIMIT),
    "chatgpt-4o": (O200K, None),
    "gpt-4.5": (O200K, None),
    "gpt-5": (O200K, None),
    "o1": (O200K, None),
    "o3": (O200K, None),
    "o4-mini": (O200K, None),
    "gpt-3.5-turbo": (CL100K, 16_385),
    "gpt-35-turbo": (CL100K, 16_385),  # the name on Azure
    "gpt-3.5-turbo-16k": (CL100K, None),
    "gpt-35-turbo-16k": (CL100K, None),
    "gpt-3.5-turbo-instruct": (CL100K, None),
    "gpt-35-turbo-instruct": (CL100K, None),
    "gpt-4": (CL100K, None),
    "gpt-4-32k": (CL100K, None),
    "gpt-4-vision": (CL100K, None),
    "gpt-4-1106-vision": (CL100K, None),
    "gpt-4-turbo": (CL100K, None),
    "gpt-oss-20b": (O200K, None),  # its own o200k_harmony has the same tokens for text
    "gpt-oss-120b": (O200K, None),
    "davinci-002": (CL100K, None),
    "babbage-002": (CL100K, None),
}
# models whose limit is not their family's
_LIMITS: Final[dict[str, int]] = {"gpt-3.5-turbo-0613": 4_096, "gpt-35-turbo-0613": 4_096}

_VERSION: Final = re.compile(r"(?:-(?:\d{4}-\d{2}-\d{2}|\d{4}|latest|preview))+$")
# Azure's id of a tuned model: the base model's, and this
_TUNED_ON_AZURE: Final = re.compile(r"^((?:azure/)?(?:gpt-|o\d).*?)\.ft-.*$", re.DOTALL)
# what a model's id says about who made its vocabulary
_MAKERS: Final = {
    "smollm": "SmolLM2",
    "llama": "Llama",
    "qwen": "Qwen",
    "mistral": "Mistral",
    "ministral": "Mistral",
    "mixtral": "Mistral",
    "codestral": "Mistral",
    "gemini": "Gemini",
    "gemma": "Gemma",
    "deepseek": "DeepSeek",
    "claude": "Claude",
    "nova": "Nova",
    "phi": "Phi",
    "kimi": "Kimi",
    "glm": "GLM",
}
_OPENAI: Final = "OpenAI"
# of gpt-6 the vocabulary is not in tiktoken's table (0.14); that it is the same say the notes of ttok 1.0, October 2026
_STILL_O200K: Final = re.compile(r"(?:gpt-(?:4o|4\.\d|5|6)|o[134])\b")


@dataclass(frozen=True, slots=True)
class TokenRule:
    """How examples are counted for one model.

    Attributes:
        model: As it was asked for.
        encoding: Name of the vocabulary.
        exact: Whether this vocabulary is the model's own; otherwise counts are an estimate.
        limit: Tokens of an example that are trained; what is longer is cut at the end. None when not documented.
        maker: Whose vocabulary the model has: "OpenAI", "Llama", …; "" when its id does not tell.
    """

    model: str
    encoding: str
    exact: bool
    limit: int | None
    maker: str = _OPENAI

    @property
    def how(self) -> str:
        """How far the counts can be trusted, and for whose models, as a clause."""
        if self.exact:
            return f"exact for {self.maker} models"
        if self.maker:
            return f"estimate: {self.maker} models have a vocabulary of their own"
        return "estimate: the model's own vocabulary is not known here"


def base_of(model: str) -> str:
    """The base model's id: ``ft:<base>:<organisation>:<suffix>:<id>[:ckpt-step-N]`` → ``<base>``.

    On Azure: ``<base>.ft-<id>[-<suffix>]`` → ``<base>``.
    """
    name = model.strip()
    if name.startswith("ft:"):
        name = name.split(":")[1]
    return _TUNED_ON_AZURE.sub(r"\1", name.removeprefix("openai/"))


def family_of(model: str) -> str:
    """The model's id without ``ft:`` parts and without its date: ``gpt-4o-2024-08-06`` → ``gpt-4o``."""
    return _VERSION.sub("", base_of(model))


def rule_for(model: str) -> TokenRule:
    """The rule for any model id; for a model with a vocabulary of its own, an estimate with o200k_base."""
    base = base_of(model).removeprefix("azure/")  # Azure tunes OpenAI's models
    known = _FAMILIES.get(family_of(base))
    if known is not None:
        encoding, limit = known
        return TokenRule(model, encoding, True, _LIMITS.get(base, limit))
    if _STILL_O200K.match(base):
        return TokenRule(model, O200K, True, None)
    name = base.lower()
    return TokenRule(model, O200K, False, None, next((maker for part, maker in _MAKERS.items() if part in name), ""))
