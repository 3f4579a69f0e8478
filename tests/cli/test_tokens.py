"""``fttui tokens``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import hostile
from fttui.cli.main import run
from token_files import example, plain_count, write


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """The JSON that a command prints, which must be all of standard output."""
    assert run([*arguments, "--format", "json"]) == 0
    out, _ = capsys.readouterr()
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_the_keys_and_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = [example(number) for number in range(20)]
    path = write(tmp_path / "a.jsonl", records)
    path.write_bytes(path.read_bytes() + b"broken\n")
    found = document(capsys, "tokens", str(path), "--model", "gpt-4o-mini")
    counts = sorted(plain_count(record)[0] for record in records)
    assert found["file"] == str(path)
    assert (found["model"], found["encoding"], found["exact"]) == ("gpt-4o-mini", "o200k_base", True)
    assert (found["examples"], found["broken"], found["tokens"]) == (20, 1, sum(counts))
    assert found["trainable_tokens"] == sum(plain_count(record)[1] for record in records)
    assert (found["limit"], found["over_limit"]) == (65_536, 0)
    assert list(found["distribution"]) == ["min", "p5", "median", "mean", "p95", "max"]
    assert (found["distribution"]["min"], found["distribution"]["max"]) == (counts[0], counts[-1])
    assert found["distribution"]["mean"] == sum(counts) / 20
    assert found["seconds"] >= 0


def test_the_model_of_the_settings_and_of_a_profile(
    tmp_path: Path, fttui_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.jsonl", [example(1)])
    assert document(capsys, "tokens", str(path))["model"] == "gpt-4.1-mini"
    settings = fttui_home / "config" / "settings.toml"
    settings.parent.mkdir()
    settings.write_text('cost.model = "gpt-3.5-turbo"\n[profiles.house]\nmodels = ["big", "small"]\n')
    assert document(capsys, "tokens", str(path))["encoding"] == "cl100k_base"
    assert document(capsys, "tokens", str(path), "--profile", "house")["model"] == "big"
    local = document(capsys, "tokens", str(path), "--profile", "local")
    assert (local["model"], local["exact"], local["limit"]) == ("SmolLM2-135M", False, None)


def test_each_part_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    masked = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "No.", "weight": 0}]}
    odd = {"messages": [{"role": "[/x]\x1b[2J", "content": "Hi"}, {"role": "assistant", "content": "Yes."}]}
    path = write(tmp_path / "a.jsonl", [masked, odd, {"prompt": "a b", "completion": " c"}])
    found = document(capsys, "tokens", str(path), "--model", "gpt-4o")
    roles = found["roles"]
    assert list(roles) == ["user", "assistant", "other", "prompt", "completion", "priming"]
    assert sum(part["tokens"] for part in roles.values()) == found["tokens"]
    assert sum(part["trained"] for part in roles.values()) == found["trainable_tokens"] == 3
    assert found["masked_tokens"] == found["tokens"] - 3
    assert roles["assistant"]["number"] == 2
    assert roles["assistant"]["trained"] == 2
    assert roles["completion"] == {"number": 1, "tokens": 1, "trained": 1, "masked": 0}
    assert run(["tokens", str(path)]) == 0
    assert "start of the answer" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("model", "how"),
    [("gpt-4o", "exact for OpenAI models"), ("llama-3", "estimate: Llama models have a vocabulary of their own")],
)
def test_how_far_counts_can_be_trusted_is_said(
    model: str, how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.jsonl", [example(1)])
    assert document(capsys, "tokens", str(path), "--model", model)["how"] == how
    assert run(["tokens", str(path), "--model", model]) == 0
    assert f"o200k_base, {how}" in capsys.readouterr().out


@pytest.mark.parametrize("tools", [True, False], ids=["definitions", "calls"])
def test_tools_make_counts_an_estimate(tools: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    record: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}]}
    if tools:
        record["messages"].append({"role": "assistant", "content": "Yes."})
        record["tools"] = [{"type": "function", "function": {"name": "look", "parameters": {}}}]
    else:
        record["messages"] += [
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": "7"},
            {"role": "assistant", "content": "Seven."},
        ]
    path = write(tmp_path / "a.jsonl", [example(1), record])
    found = document(capsys, "tokens", str(path), "--model", "gpt-4o")
    how = "estimate: tools are counted by an approximation"
    assert (found["exact"], found["how"]) == (False, how)
    assert run(["tokens", str(path), "--model", "gpt-4o"]) == 0
    assert f"o200k_base, {how}" in capsys.readouterr().out
    assert "Llama" in document(capsys, "tokens", str(path), "--model", "llama-3")["how"]


def test_an_example_as_its_model_sees_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = {"messages": [{"role": "user", "content": "Hello world"}, {"role": "assistant", "content": "A city.\n"}]}
    path = write(tmp_path / "a.jsonl", [example(1), record])
    path.write_bytes(path.read_bytes() + b"broken\n")
    assert run(["tokens", str(path), "--line", "2", "--model", "gpt-4o"]) == 0
    out, _ = capsys.readouterr()
    assert "│<|im_start|>│user│<|im_sep|>│Hello│ world│<|im_end|>\n" in out
    assert "│assistant│<|im_sep|>┃A┃ city┃.⏎\n" in out
    found = document(capsys, "tokens", str(path), "--line", "2", "--model", "gpt-4o")
    assert found["tokens"] == sum(piece["tokens"] for piece in found["pieces"]) == plain_count(record)[0]
    assert [piece["text"] for piece in found["pieces"] if piece["kind"] == "trained"] == ["A", " city", ".\n"]
    assert (found["line"], found["cut"], found["form"]) == (2, False, "OpenAI")
    for line, words in (("3", "line 3: not JSON"), ("4", "has no line 4"), ("99", "has no line 99")):
        assert run(["tokens", str(path), "--line", line]) == 2
        assert words in capsys.readouterr().err


@pytest.mark.parametrize("line", range(1, len(hostile.LINES) + 1))
def test_hostile_lines_as_a_model_sees_them(line: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "hostile.jsonl"
    path.write_bytes(hostile.FILE.replace(hostile.LINES["nul bytes"], b"{}\n"))
    for form in ("text", "json"):
        assert run(["tokens", str(path), "--line", str(line), "--format", form]) in (0, 2)
        out, err = capsys.readouterr()
        assert "\x1b" not in out + err
        assert "Traceback" not in err


def test_an_empty_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_bytes(b"")
    found = document(capsys, "tokens", str(path))
    assert (found["examples"], found["tokens"]) == (0, 0)
    assert set(found["distribution"].values()) == {0}


@pytest.mark.parametrize("form", ["text", "json"])
def test_hostile_lines(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "\x1b]0;owned\x07[bold]x[nope].jsonl"
    path.write_bytes(hostile.FILE.replace(hostile.LINES["nul bytes"], b""))
    assert run(["tokens", str(path), "--format", form]) == 0
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert run(["cost", str(path), "--training-cost", "1", "--model", "[/x]\x1b[2J", "--format", form]) == 0
    assert "\x1b" not in "".join(capsys.readouterr())
    if form == "json":
        assert json.loads(out)["file"] == str(path)
    else:
        assert "[bold]x[nope]" in out


def test_text_is_a_table_with_thousands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.jsonl", [example(number, words=300) for number in range(9)])
    assert run(["tokens", str(path)]) == 0
    out, _ = capsys.readouterr()
    assert "gpt-4.1-mini" in out
    assert "o200k_base, exact" in out
    assert f"{sum(plain_count(example(number, words=300))[0] for number in range(9)):,}" in out
    assert run(["tokens", str(path), "--model", "house"]) == 0
    assert "estimate" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, b"\x00\x01binary"])
def test_what_cannot_be_counted_is_one_sentence(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file.jsonl"
    if content is not None:
        path.write_bytes(content)
    for arguments in (["tokens", str(path)], ["cost", str(path)], ["tokens", str(tmp_path)]):
        assert run(arguments) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        assert "Traceback" not in err
