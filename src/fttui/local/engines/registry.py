"""The engines by name: the only place that knows which there are. Each is loaded when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from fttui.core.errors import FttuiError
from fttui.local.engines.protocol import Engine

ENGINES: Final[Mapping[str, str]] = {"numpy": "fttui.local.engines.numpy_engine"}
"""Name → a module with ``load_engine(weights: Path) -> Engine``."""

DEFAULT: Final = "numpy"


def load_engine(weights: Path, name: str = DEFAULT) -> Engine:
    """Load a model into an engine.

    Raises:
        FttuiError: There is no engine of that name, or it cannot run these weights.
    """
    module = ENGINES.get(name)
    if module is None:
        raise FttuiError(f"There is no engine {name!r}.", hint=f"Known: {', '.join(ENGINES)}.")
    return cast(Engine, importlib.import_module(module).load_engine(weights))
