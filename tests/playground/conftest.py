"""The real local server over a tiny model, once for all tests about answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_server_fixture import RunningServer, running_server
from tiny_gguf import write_tiny_gguf


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    weights = write_tiny_gguf(tmp_path_factory.mktemp("weights") / "tiny.gguf")
    with running_server(weights, tmp_path_factory.mktemp("server")) as running:
        yield running
