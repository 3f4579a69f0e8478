"""What is imported when: start-up stays fast and the domain stays free of the screen."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("textual", "openai", "pandas", "tiktoken", "numpy", "starlette", "gguf", "tokenizers")


def loaded_by(code: str) -> set[str]:
    """The heavy packages that ``code`` loads in a process of its own."""
    report = f"{code}\nimport sys\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "package",
    ["core", "formats", "templates", "dataset", "tokens", "costs", "providers", "jobs", "playground", "evals"],
)
def test_a_domain_package_loads_nothing_heavy(package: str) -> None:
    code = (
        f"import fttui.{package} as p, importlib, pkgutil\n"
        "for m in pkgutil.iter_modules(p.__path__): importlib.import_module(p.__name__ + '.' + m.name)"
    )
    assert loaded_by(code) == set()


def test_the_command_line_starts_without_the_app() -> None:
    assert loaded_by("import fttui.cli.main") == set()
    assert "rich" not in loaded_by("import fttui.cli.main")


def test_the_app_starts_without_a_provider_or_a_tokenizer() -> None:
    assert loaded_by("import fttui.ui.app") == {"textual"}
