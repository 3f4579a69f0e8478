"""``fttui check``: what it prints, what it writes, and its exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
from rich.cells import cell_len

import hostile
from cli.conftest import Command
from fttui.checks.gathering import Gathering
from fttui.checks.table import rules
from fttui.checks.targets import targets
from fttui.cli.check_text import excerpt

pytestmark = pytest.mark.usefixtures("fttui_home")

ISSUE_KEYS = ["line", "rule", "severity", "message", "path", "fixable", "column", "targets"]


def good(number: int) -> bytes:
    messages = [
        {"role": "user", "content": f"Question {number}?"},
        {"role": "assistant", "content": f"Answer {number}."},
    ]
    return json.dumps({"messages": messages}).encode() + b"\n"


WRONG_ROLE = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assitant", "content": "Hello"}]}\n'


@pytest.fixture
def fine(tmp_path: Path) -> Path:
    path = tmp_path / "fine.jsonl"
    path.write_bytes(b"".join(map(good, range(60))))
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """Line 3 has a wrong role, line 5 is blank, line 7 has NaN."""
    path = tmp_path / "bad.jsonl"
    lines = [*map(good, range(60))]
    lines[2], lines[4] = WRONG_ROLE, b"\n"
    lines[6] = lines[6].replace(b'{"messages"', b'{"store": NaN, "messages"')
    path.write_bytes(b"".join(lines))
    return path


def issues(document: dict[str, Any], rule: str) -> list[dict[str, Any]]:
    return [issue for issue in document["files"][0]["issues"] if issue["rule"] == rule]


# --- what is found ------------------------------------------------------------------------------------------------


def test_a_file_without_errors(fttui: Command, fine: Path) -> None:
    done = fttui("check", fine)
    assert done.status == 0
    assert "60 examples, chat" in done.out
    assert re.search(r"^  ok +.*\bopenai\b", done.out, re.MULTILINE)
    assert done.err == ""


def test_the_document(fttui: Command, bad: Path) -> None:
    done = fttui("check", bad, "--format", "json")
    assert done.status == 1
    assert list(done.json) == ["files", "targets"]
    (file,) = done.json["files"]
    assert list(file) == [
        "file", "format", "lines", "examples", "errors", "warnings", "infos", "issues", "left_out", "counts", "grid",
        "seconds",
    ]  # fmt: skip
    assert (file["file"], file["format"], file["lines"], file["examples"]) == (str(bad), "chat", 60, 59)
    assert all(list(issue) == ISSUE_KEYS for issue in file["issues"])
    (role,) = issues(done.json, "role-unknown")
    assert (role["line"], role["severity"], role["path"], role["fixable"]) == (3, "error", "messages[1].role", True)
    assert role["column"] == WRONG_ROLE.index(b'"assitant"') + 1
    assert "did you mean 'assistant'" in role["message"]
    assert [(issue["line"], issue["severity"]) for issue in issues(done.json, "blank-line")] == [(5, "warning")]
    assert [(issue["line"], issue["severity"]) for issue in issues(done.json, "not-finite")] == [(7, "error")]
    assert file["counts"]["role-unknown"] == {"issues": 1, "rows": 1}
    assert set(file["grid"]) == set(targets())
    assert file["errors"] == sum(issue["severity"] == "error" for issue in file["issues"])


def test_a_byte_order_mark_warns_and_few_examples_have_no_line(fttui: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + good(1))
    document = fttui("check", path, "--format", "json").json
    found = {issue["rule"]: issue for issue in document["files"][0]["issues"]}
    assert (found["bom-unwanted"]["severity"], found["bom-unwanted"]["line"]) == ("warning", None)
    assert (found["too-few-examples"]["severity"], found["too-few-examples"]["line"]) == ("error", None)


def test_text_points_at_the_place(fttui: Command, bad: Path) -> None:
    out = fttui("check", bad).out.splitlines()
    at = next(number for number, text in enumerate(out) if "role-unknown" in text)
    column = WRONG_ROLE.index(b'"assitant"') + 1
    assert out[at].startswith(f"{bad}:3:{column}: error: the role 'assitant' is unknown")
    assert "(can be fixed)" in out[at]
    shown, carets = out[at + 1], out[at + 2]
    assert shown[carets.index("^") : carets.rindex("^") + 1] == '"assitant"'


def test_issues_of_lines_are_printed_as_they_are_found(
    fttui: Command, bad: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    def report(gathering: object, *arguments: Any, **more: Any) -> Any:
        seen.append(capsys.readouterr().out)  # what was printed when all lines are read
        return original(gathering, *arguments, **more)

    original = Gathering.report
    monkeypatch.setattr(Gathering, "report", report)
    rest = fttui("check", str(bad)).out
    assert "[role-unknown]" in seen[0] and "--fix" not in seen[0]
    assert "[role-unknown]" not in rest and "--fix" in rest


def test_the_next_step_is_named_where_there_is_one(fttui: Command, fine: Path, bad: Path) -> None:
    assert "--fix mends a copy" in fttui("check", bad).out
    assert "--fix" not in fttui("check", fine).out
    assert "--fix" not in fttui("check", bad, "--fix").out


def test_the_lines_of_a_file_with_byte_order_marks_and_other_endings(fttui: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join([b"broken", b"\xef\xbb\xbf" + WRONG_ROLE.rstrip(b"\n"), b"[1, 2"]))
    out = fttui("check", path).out.splitlines()
    assert out[out.index("  broken") + 1] == "  ^"
    shown = next(number for number, text in enumerate(out) if "assitant" in text and text.startswith("  "))
    assert out[shown][out[shown + 1].index("^") :].startswith('"assitant"')
    assert any(text.startswith(f"{path}:3:") for text in out)


def test_several_files_and_targets(fttui: Command, fine: Path, bad: Path) -> None:
    done = fttui("check", fine, bad, "--target", "azure", "--target", "openai", "--format", "json")
    assert done.status == 1
    assert [file["errors"] > 0 for file in done.json["files"]] == [False, True]
    assert done.json["targets"] == ["azure", "openai"]
    found = {issue["rule"]: issue["targets"] for issue in done.json["files"][0]["issues"]}
    assert found == {"bom-missing": ["azure"]}
    assert fttui("check", fine, "--target", "all", "--format", "json").json["targets"] == list(targets())
    assert fttui("check", fine, "--profile", "local", "--format", "json").json["targets"] == ["local"]


def test_most_and_strict(fttui: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(map(good, range(60))) + b"\n" * 9)
    assert fttui("check", path).status == 0
    assert fttui("check", path, "--strict").status == 1
    document = fttui("check", path, "--format", "json", "--most", "3").json
    assert len(issues(document, "blank-line")) == 3
    assert (document["files"][0]["left_out"], document["files"][0]["warnings"]) == (6, 9)
    assert fttui("check", path).out.count("[blank-line]") == 5


def test_the_kind_that_was_said_counts(fttui: Command, fine: Path) -> None:
    document = fttui("check", fine, "--kind", "preference", "--format", "json").json
    assert document["files"][0]["format"] == "preference"
    assert document["files"][0]["errors"] >= 60


# --- mending ------------------------------------------------------------------------------------------------------


def test_a_mended_copy_never_over_a_file(fttui: Command, bad: Path) -> None:
    before = bad.read_bytes()
    done = fttui("check", bad, "--fix", "--format", "json")
    (file,) = done.json["files"]
    out = bad.with_name("bad_fixed.jsonl")
    assert (done.status, file["errors"], file["output"]) == (0, 0, str(out))
    assert (file["deleted"], file["lines"], file["fixed"]["role-unknown"]) == (1, 59, 1)
    assert bad.read_bytes() == before
    assert WRONG_ROLE.replace(b"assitant", b"assistant") in out.read_bytes()
    assert fttui("check", out).status == 0
    written = out.read_bytes()
    again = fttui("check", bad, "--fix", "--format", "json").json["files"][0]["output"]
    assert again == str(bad.with_name("bad_fixed_2.jsonl"))
    assert out.read_bytes() == written


def test_where_the_copy_goes(fttui: Command, bad: Path, tmp_path: Path) -> None:
    out = tmp_path / "new.jsonl"
    assert fttui("check", bad, "--fix", "-o", out).status == 0
    fixed = out.read_bytes()
    refused = fttui("check", bad, "--fix", "-o", bad)
    assert refused.status == 2
    assert "-i" in refused.err
    done = fttui("check", bad, "--fix", "-i")
    assert done.status == 0
    assert "Mended:" in done.out
    assert bad.read_bytes() == fixed


def test_some_rules_only(fttui: Command, bad: Path, tmp_path: Path) -> None:
    out = tmp_path / "new.jsonl"
    document = fttui("check", bad, "--fix", "--only", "blank-line", "-o", out, "--format", "json").json
    assert document["files"][0]["fixed"] == {"blank-line": 1}
    assert out.read_bytes() == bad.read_bytes().replace(b"}\n\n{", b"}\n{")
    document = fttui("check", bad, "--fix", "--necessary", "-o", out, "--format", "json").json
    assert {rules()[name].fix for name in document["files"][0]["fixed"]} == {"necessary"}


def test_nothing_to_mend_writes_nothing(fttui: Command, fine: Path) -> None:
    done = fttui("check", fine, "--fix")
    assert done.status == 0
    assert "Nothing to mend." in done.out
    assert [path.name for path in fine.parent.iterdir()] == [fine.name]


def test_a_preview_writes_nothing_and_is_a_patch(fttui: Command, bad: Path) -> None:
    before = bad.read_bytes()
    done = fttui("check", bad, "--diff", "--only", "blank-line", "--only", "role-unknown")
    assert done.status == 1
    assert [path.name for path in bad.parent.iterdir()] == [bad.name]
    expected = bad.read_text().splitlines()
    diff = done.out.splitlines()
    assert diff[:2] == [f"--- {bad}", f"+++ {bad} (mended)"]
    role = WRONG_ROLE.decode().rstrip("\n")
    assert diff[2:] == [
        "@@ -1,8 +1,7 @@",
        *(f" {text}" for text in expected[:2]),
        f"-{role}",
        f"+{role.replace('assitant', 'assistant')}",
        f" {expected[3]}",
        "-",
        *(f" {text}" for text in expected[5:8]),
    ]
    assert bad.read_bytes() == before


# --- usage --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("{}", "--target", "opena"),
        ("{}", "--kind", "chats"),
        ("{}", "--fix", "--only", "role-unknwn"),
        ("{}", "--only", "role-unknown"),
        ("{}", "--necessary"),
        ("{}", "-o", "x.jsonl"),
        ("{}", "-i"),
        ("{}", "--diff", "-i"),
        ("{}", "--fix", "-i", "-o", "x.jsonl"),
        ("{}", "{}", "--fix", "-o", "x.jsonl"),
        ("/nowhere/a.jsonl",),
        ("{}/..",),
    ],
)
def test_what_cannot_be_done_is_one_sentence(fttui: Command, fine: Path, arguments: tuple[str, ...]) -> None:
    done = fttui("check", *(argument.format(fine) for argument in arguments))
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("fttui: ")
    assert done.err.count("\n") == 1


def test_one_file_that_cannot_be_read_does_not_hide_the_others(fttui: Command, fine: Path, tmp_path: Path) -> None:
    done = fttui("check", fine, tmp_path / "missing.jsonl", "--format", "json")
    assert done.status == 2
    assert [file["file"] for file in done.json["files"]] == [str(fine)]
    assert "missing.jsonl" in done.err


def test_the_rules(fttui: Command) -> None:
    out = fttui("check", "--rules").out
    document = fttui("check", "--rules", "--format", "json").json
    assert [rule["id"] for rule in document["rules"]] == list(rules())
    assert all(name in out for name in rules())


def test_sarif(fttui: Command, bad: Path) -> None:
    done = fttui("check", bad, "--format", "sarif")
    assert done.status == 1
    found = {result["ruleId"] for result in done.json["runs"][0]["results"]}
    assert {"role-unknown", "blank-line", "not-finite"} <= found


# --- hostile input ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
@pytest.mark.parametrize("more", [(), ("--fix",), ("--diff",)])
def test_hostile_files(fttui: Command, tmp_path: Path, form: str, more: tuple[str, ...]) -> None:
    path = tmp_path / "\x1b]0;owned\x07[bold]x[nope].jsonl"
    path.write_bytes(hostile.FILE.replace(hostile.LINES["nul bytes"], b""))
    done = fttui("check", path, "--target", "all", "--format", form, *more)
    assert done.status == 1
    assert "\x1b" not in done.out + done.err
    assert "\u202e" not in done.out
    if form != "text":
        assert done.json


@pytest.mark.parametrize("name", hostile.LINES)
def test_hostile_lines_one_by_one(fttui: Command, tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(hostile.LINES[name])
    done = fttui("check", path)
    if name == "nul bytes":
        assert done.status == 2
    else:
        assert done.status == 1
        assert max(map(len, done.out.splitlines())) < 1000


# --- the excerpt --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [20, 33, 80])
@pytest.mark.parametrize("filler", ["a", "日", "e\u0301", "👨‍👩‍👧‍👦", "\t", "\x1b", "\ud83d"])
@pytest.mark.parametrize(("before", "after"), [(0, 0), (0, 500), (500, 0), (500, 500), (3, 500), (500, 3)])
def test_the_caret_stands_under_the_place(width: int, filler: str, before: int, after: int) -> None:
    head, tail = filler * before, filler * after
    text, indent, length = excerpt(f"{head}WRONG{tail}", (len(head), len(head) + 5), width)
    at = text.index("WRONG")
    assert (cell_len(text[:at]), length) == (indent, 5)
    assert cell_len(text) <= width
    assert ("…" in text[:at]) == (before > 3)
    assert text.endswith("…") == (after > 3)


def test_a_long_place_is_cut() -> None:
    text, indent, length = excerpt("abc" + "X" * 1000 + "def", (3, 1003), 40)
    assert text.endswith("X…")
    assert (indent + length, cell_len(text)) == (40, 40)
    assert excerpt("", (0, 0), 40) == ("", 0, 1)


def test_colours_only_on_a_terminal(fttui: Command, bad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in fttui("check", bad).out
    monkeypatch.setattr(
        click.utils, "should_strip_ansi", lambda stream=None, color=None: not color and color is not None
    )
    assert "\x1b[" in fttui("check", bad).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in fttui("check", bad).out
