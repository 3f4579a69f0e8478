"""The command itself: what it loads, what errors become, what is opened."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from fttui import __version__
from fttui.cli import main as main_module
from fttui.cli.common import Output, confirm_cost, jsonable, output_options
from fttui.cli.main import COMMANDS, cli, run
from fttui.core.errors import FttuiError, InputError, NotConfirmed


def fttui(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "fttui", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
        timeout=60,
    )


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Standard error, which must be one line and no traceback."""
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.strip()


def test_version() -> None:
    done = fttui("--version")
    assert (done.returncode, done.stdout) == (0, f"fttui {__version__}\n")


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_version_and_help_load_click_and_nothing_else_of_weight(argument: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "fttui", argument], capture_output=True, text=True, check=True
    )
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert "click" in loaded
    assert not loaded & {"textual", "rich", "openai", "numpy", "pandas", "tiktoken", "asyncio", "platformdirs"}


def test_every_command_of_the_table_exists() -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name


def test_help_names_every_command() -> None:
    done = CliRunner().invoke(cli, ["--help"])
    for name, said in COMMANDS.items():
        assert f"  {name}" in done.output
        assert said in done.output


def test_a_missing_file_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    done = fttui(str(tmp_path / "none.jsonl"))
    assert done.returncode == 2
    assert "There is no file" in one_sentence(done)
    assert "none.jsonl" in done.stderr


def test_a_directory_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    done = fttui(str(tmp_path))
    assert done.returncode == 2
    assert "is a directory" in one_sentence(done)


def test_a_binary_file_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"GGUF\x00\x00\x00\x03" * 100)
    done = fttui(str(path))
    assert done.returncode == 2
    assert "model.bin" in one_sentence(done)


def test_a_file_name_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    done = fttui(str(tmp_path / "\x1b]0;owned\x07.jsonl"))
    assert done.returncode == 2
    assert "\x1b" not in one_sentence(done)


def test_an_unreadable_file_is_one_sentence_and_exit_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "secret.jsonl"
    path.write_text("{}\n")
    real_open = os.open

    def refuse(name: object, *arguments: object, **options: object) -> int:
        if name == path:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real_open(name, *arguments, **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(os, "open", refuse)  # tests may run as root, whom no permission stops
    assert run([str(path)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "No permission to read" in err


def test_no_terminal_is_one_sentence_that_names_the_headless_commands(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"messages": []}\n')
    for arguments in ([str(path)], []):
        done = fttui(*arguments)
        assert done.returncode == 2
        assert "no terminal" in one_sentence(done)
        assert "fttui tokens" in done.stderr


def test_an_unknown_profile_is_said_before_the_screen_opens() -> None:
    done = fttui("--profile", "nobody")
    assert done.returncode == 2
    assert '"nobody"' in one_sentence(done)


def test_a_misspelt_command_is_recognised() -> None:
    done = fttui("tokns", "file.jsonl")
    assert done.returncode == 2
    assert "did you mean `fttui tokens`?" in one_sentence(done)


def test_a_wrong_option_is_one_sentence() -> None:
    done = fttui("ask", "--modle", "x", "hi")
    assert done.returncode == 2
    assert "--modle" in one_sentence(done)


def raising(error: BaseException) -> click.Command:
    @click.command("ask")
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (FttuiError("It broke.", hint="Mend it."), 2, "It broke. Mend it."),
        (KeyboardInterrupt(), 130, "Interrupted."),
        (ZeroDivisionError("by zero"), 2, "A fault in fttui: ZeroDivisionError: by zero."),
        (InputError("a\x1b[31mb"), 2, "a␛[31mb"),
    ],
)
def test_what_an_error_becomes(
    error: BaseException, status: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main_module.LazyGroup, "get_command", lambda *_: raising(error))
    assert run(["ask"]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.strip().count("\n") == 0


def test_a_closed_pipe_is_quiet() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "fttui", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_the_profile_may_stand_before_the_command() -> None:
    seen: list[Output] = []

    @click.command("ask")
    @output_options
    def command(output: Output) -> None:
        seen.append(output)

    class Group(main_module.LazyGroup):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            return command

    group = Group("fttui", params=cli.params, callback=lambda **_: None, invoke_without_command=True)
    assert CliRunner().invoke(group, ["--profile", "a", "ask"]).exit_code == 0
    assert CliRunner().invoke(group, ["--profile", "a", "ask", "--profile", "b", "--format", "json"]).exit_code == 0
    assert [(o.profile, o.is_json) for o in seen] == [("a", False), ("b", True)]


def test_nothing_is_asked_off_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotConfirmed, match="--yes"):
        confirm_cost("Train for $3?", yes=False)
    confirm_cost("Train for $3?", yes=True)


def test_json_has_no_nan_and_money_unrounded(capsys: pytest.CaptureFixture[str]) -> None:
    value = {
        "nan": float("nan"),
        "money": Decimal("0.0001234567"),
        "whole": Decimal(3),
        "path": Path("a"),
        "list": (1,),
    }
    assert jsonable(value) == {**value, "nan": None, "path": "a", "list": [1]}
    Output(True, False, None).document(value)
    assert '"money": 0.0001234567, "whole": 3,' in capsys.readouterr().out
