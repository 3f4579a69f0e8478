"""What every test shares: a home of its own, so that nothing of the user's is read or written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def fttui_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh ``FTTUI_HOME``, and no provider's key or address from the developer's environment."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("FTTUI_HOME", str(home))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    yield home


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The one long test first: nothing waits for it at the end then."""
    items.sort(key=lambda item: item.get_closest_marker("real_weights") is None)
