"""What is imported when: start-up stays fast and the domain stays free of the screen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("textual", "openai", "pandas", "tiktoken", "numpy", "starlette", "gguf", "tokenizers")


READS_MARKS = ("fttui.dataset.marks.sidecar_reading", "fttui.dataset.marks.rematch")


def loaded_by(code: str, modules: tuple[str, ...] = HEAVY) -> set[str]:
    """Those of the modules, the heavy packages if not said, that ``code`` loads in a process of its own."""
    report = f"{code}\nimport sys\nprint(*[m for m in {modules!r} if m in sys.modules])"
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


def test_a_file_without_tags_and_notes_is_opened_without_what_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_bytes(b"{}\n")
    opened = (
        "from pathlib import Path\nfrom fttui.dataset.session import open_session\n"
        f"session = open_session(Path({str(path)!r}))"
    )
    assert loaded_by(opened, READS_MARKS) == set()
