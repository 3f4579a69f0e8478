"""The tiny model, loaded once for all tests of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fttui.local.engines.numpy_engine import NumpyEngine, load_engine
from tiny_gguf import write_tiny_gguf


@pytest.fixture(scope="session")
def tiny_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture(scope="session")
def engine(tiny_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NumpyEngine]:
    """It does not change: each test makes its own adapters."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FTTUI_HOME", str(tmp_path_factory.mktemp("engine-home")))
        yield load_engine(tiny_file)


@pytest.fixture(autouse=True)
def one_blas_thread() -> Iterator[None]:
    """Steady and kind to the machine; tests of several threads raise the limit themselves."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        yield
