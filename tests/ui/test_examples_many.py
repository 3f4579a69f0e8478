"""Finding, sorting, marking, and what is done to many examples at once."""

from __future__ import annotations

import json
from pathlib import Path

from fttui.ui.app import FttuiApp
from ui.examples_app import WIDE, app_on, chat, rows_of, screen_of, settle, type_text, view_of, write_lines
from ui.golden import screen_text


def numbered(folder: Path, count: int = 12) -> Path:
    """Examples that say their number; every third is about a refund."""
    return write_lines(
        folder / "numbered.jsonl",
        *(chat("Be brief.", f"Question {n}{' about a refund' if n % 3 == 0 else ''}", "y" * n) for n in range(count)),
    )


def questions(app: FttuiApp) -> list[str]:
    """What the users ask, in the order of the file."""
    document = app.services.document
    assert document is not None
    return [json.loads(document.raw(row))["messages"][1]["content"] for row in range(len(document))]


def shown(app: FttuiApp) -> list[int]:
    view = screen_of(app)._browse.view
    return [view.row_at(position) for position in range(len(view))]


async def test_a_query_leaves_only_what_it_finds_and_esc_shows_all_again(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("j", "j", "slash")
        await type_text(pilot, "refund")
        await pilot.pause(0.15)
        await settle(pilot, app)
        assert shown(app) == [0, 3, 6, 9]
        assert "4 of 12" in screen_text(app)
        await pilot.press("enter")
        await settle(pilot, app)
        assert rows_of(app).has_focus
        assert rows_of(app).cursor_row == 3
        await pilot.press("escape")
        await settle(pilot, app)
        assert shown(app) == list(range(12))
        assert rows_of(app).cursor_row == 3
        assert "4 of 12" not in screen_text(app)


async def test_a_query_that_is_not_finished_says_so_and_hides_nothing(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("slash")
        await type_text(pilot, "/(/")
        await pilot.pause(0.15)
        await settle(pilot, app)
        assert len(shown(app)) == 12
        assert screen_of(app).query_one("#query-count").has_class("-problem")


async def test_deleting_in_what_is_found_deletes_just_that_and_undo_brings_it_back(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("slash")
        await type_text(pilot, "refund turns:3")
        await pilot.press("enter")
        await settle(pilot, app)
        await pilot.press("asterisk", "d")
        await settle(pilot, app)
        assert [text for text in questions(app) if "refund" in text] == []
        assert len(questions(app)) == 8
        assert "0 of 8" in screen_text(app)
        await pilot.press("u")
        await settle(pilot, app)
        assert len(questions(app)) == 12
        assert "4 of 12" in screen_text(app)


async def test_space_marks_and_the_next_action_works_on_all_marked(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space", "j", "space")
        await settle(pilot, app)
        assert list(screen_of(app)._browse.marked) == [0, 2]
        assert "2 marked" in screen_text(app)
        await pilot.press("D")
        await settle(pilot, app)
        assert [text.split()[1] for text in questions(app)][:5] == ["0", "0", "1", "2", "2"]
        assert not screen_of(app)._browse.marked


async def test_a_range_is_marked_on_the_way(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("j", "V", "j", "j", "V", "j", "j")
        await settle(pilot, app)
        assert list(screen_of(app)._browse.marked) == [1, 2, 3]
        await pilot.press("escape")
        assert not screen_of(app)._browse.marked


async def test_shift_and_an_arrow_mark_a_range_that_may_shrink_again(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("j", "j", "shift+down", "shift+down", "shift+up")
        await settle(pilot, app)
        assert list(screen_of(app)._browse.marked) == [2, 3]
        await pilot.press("j", "j", "j", "shift+up")
        await settle(pilot, app)
        assert list(screen_of(app)._browse.marked) == [2, 3, 5, 6]


async def test_marked_rows_move_together(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path, 5))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space", "space", "J")
        await settle(pilot, app)
        assert [text.split()[1] for text in questions(app)] == ["2", "0", "1", "3", "4"]
        await pilot.press("escape", "home", "J", "J")
        await settle(pilot, app)
        assert [text.split()[1] for text in questions(app)] == ["0", "1", "2", "3", "4"]
        assert rows_of(app).cursor_row == 2


async def test_rows_are_sorted_by_a_column_and_back(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path, 6))
    async with app.run_test(size=WIDE) as pilot:
        screen = screen_of(app)
        screen._sort_chosen("bytes")
        await settle(pilot, app)
        screen._sort_chosen("bytes")
        await settle(pilot, app)
        sizes = [len(app.services.document.raw(row)) for row in shown(app)]  # type: ignore[union-attr]
        assert sizes == sorted(sizes, reverse=True)
        assert "by size of the line, greatest first" in screen_text(app)
        await pilot.press("escape")
        await settle(pilot, app)
        assert shown(app) == list(range(6))


async def test_tags_notes_and_reviews_are_shown_found_and_kept_beside_the_file(tmp_path: Path) -> None:
    path = numbered(tmp_path)
    before = path.read_bytes()
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space", "space", "T")
        await type_text(pilot, "hard ja")
        await pilot.press("enter", "escape", "N")
        await type_text(pilot, "look again")
        await pilot.press("enter", "v")
        await settle(pilot, app)
        assert "#hard" in screen_text(app) or "look again" in screen_text(app)
        await pilot.press("slash")
        await type_text(pilot, "tag:hard")
        await pilot.press("enter")
        await settle(pilot, app)
        assert shown(app) == [0, 1]
        assert not app.has_unsaved_changes
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert path.read_bytes() == before
    again = app_on(path)
    async with again.run_test(size=WIDE) as pilot:
        await settle(pilot, again)
        marks = again.services.marks
        assert marks is not None
        assert marks.of(0).tags == {"hard", "ja"}
        assert [row for row in range(12) if marks.of(row).reviewed] == [2]
        assert marks.of(2).note == "look again"


async def test_the_same_again_with_one_key(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("v", "j", "j", "full_stop")
        await settle(pilot, app)
        marks = app.services.marks
        assert marks is not None
        assert [row for row in range(12) if marks.of(row).reviewed] == [0, 2]


async def test_rows_go_to_another_open_file_with_their_tags(tmp_path: Path) -> None:
    one = numbered(tmp_path, 4)
    other = write_lines(tmp_path / "valid.jsonl", chat("s", "kept", "a"))
    app = app_on(one, other)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("j", "T")
        await type_text(pilot, "hard")
        await pilot.press("enter", "M")
        await settle(pilot, app)
        await pilot.press("enter")
        await settle(pilot, app)
        assert [text.split()[1] for text in questions(app)] == ["0", "2", "3"]
        target = next(file for file in app.services.files if file.path == other)
        assert json.loads(target.document.raw(1))["messages"][1]["content"] == "Question 1"
        assert target.marks is not None
        assert target.marks.of(1).tags == {"hard"}


async def test_marked_rows_are_saved_as_a_file_of_their_own(tmp_path: Path) -> None:
    path = numbered(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space", "j", "space", "W")
        await pilot.pause(0.2)
        await type_text(pilot, "some.jsonl")
        await pilot.press("enter")
        await settle(pilot, app)
    assert (tmp_path / "some.jsonl").read_bytes() == lines[0] + lines[2]
    assert path.read_bytes() == b"".join(lines)


async def test_many_examples_are_copied_as_lines(tmp_path: Path) -> None:
    path = numbered(tmp_path)
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space", "space", "y")
        await settle(pilot, app)
        assert app.clipboard.encode() == b"\n".join(path.read_bytes().splitlines()[:2])


async def test_leaps_to_what_needs_a_look(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "mixed.jsonl", *(chat("s", f"{n}", "a") for n in range(4)), b"{broken", *(chat("s", "u", "a"),) * 3
    )
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("i")
        assert rows_of(app).cursor_row == 4
        await pilot.press("home", "j", "j", "D", "home", "c")
        await settle(pilot, app)
        assert rows_of(app).cursor_row == 3
        await pilot.press("home", "v", "o")
        await settle(pilot, app)
        assert rows_of(app).cursor_row == 1


async def test_find_and_replace_is_one_step(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("R")
        await type_text(pilot, "refund")
        await pilot.press("enter")
        await type_text(pilot, "return")
        await pilot.pause(0.3)
        await settle(pilot, app)
        assert "4 in 4 examples" in screen_text(app)
        await pilot.press("enter")
        await settle(pilot, app)
        assert [text for text in questions(app) if "return" in text] == [
            f"Question {n} about a return" for n in (0, 3, 6, 9)
        ]
        await pilot.press("u")
        await settle(pilot, app)
        assert not [text for text in questions(app) if "return" in text]


async def test_a_review_accepts_fixes_and_drops(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path, 4))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("F")
        await settle(pilot, app)
        assert "reviewed 0 of 4" in screen_text(app)
        await pilot.press("enter", "d", "e")
        await settle(pilot, app)
        await pilot.press("X", "escape", "enter")
        await settle(pilot, app)
        marks, document = app.services.marks, app.services.document
        assert marks is not None
        assert document is not None
        assert [marks.of(row).reviewed for row in range(3)] == [True, True, False]
        assert any("X" in text for text in questions(app)[1:2]) or b"X" in document.raw(1)
        await pilot.press("backspace")
        await settle(pilot, app)
        assert screen_of(app)._row == 1
        await pilot.press("escape")
        await settle(pilot, app)
        assert rows_of(app).has_focus
        assert len(document) == 3


async def test_undo_in_a_review_takes_back_one_decision_after_the_other(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path, 4))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("F", "enter", "d", "enter")
        await settle(pilot, app)
        assert "2 accepted now · 1 dropped" in screen_text(app)
        said = []
        for _ in range(4):
            await pilot.press("u")
            await settle(pilot, app)
            said.append(
                (screen_of(app)._row, next(line for line in screen_text(app).splitlines() if "reviewed" in line))
            )
        assert [row for row, _ in said] == [1, 1, 0, 0]
        assert ["accepted" in line for _, line in said] == [True, True, False, False]
        assert ["dropped" in line for _, line in said] == [True, False, False, False]
        assert app.services.marks is not None
        assert not app.services.marks.reviewed()


async def test_the_changes_are_listed_shown_and_taken_back(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path, 6))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("d", "j", "enter", "e")
        await settle(pilot, app)
        await pilot.press("Z", "escape", "escape", "L")
        await settle(pilot, app)
        text = screen_text(app)
        assert "1 changed, 1 deleted" in text
        await pilot.press("x")
        await settle(pilot, app)
        assert len(app.services.document) == 6 or "Z" not in str(questions(app))  # type: ignore[arg-type]
        await pilot.press("escape")
        await settle(pilot, app)
        await pilot.press("equals_sign")
        await settle(pilot, app)


async def test_each_open_file_keeps_its_place(tmp_path: Path) -> None:
    app = app_on(numbered(tmp_path, 6), write_lines(tmp_path / "b.jsonl", chat("s", "other", "a")))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("j", "j", "space")
        await pilot.press("ctrl+n")
        await pilot.pause(0.2)
        await settle(pilot, app)
        assert questions(app) == ["other"]
        assert "other" in view_of(app).cards[1].body
        await pilot.press("ctrl+n")
        await pilot.pause(0.2)
        await settle(pilot, app)
        assert rows_of(app).cursor_row == 3
        assert list(screen_of(app)._browse.marked) == [2]


async def test_a_query_is_asked_again_when_the_file_is_read_anew(tmp_path: Path) -> None:
    path = numbered(tmp_path)
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("slash")
        await type_text(pilot, "refund")
        await pilot.press("enter")
        await settle(pilot, app)
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:5]))
        await pilot.press("f5")
        await pilot.pause(0.3)
        await settle(pilot, app)
        assert shown(app) == [0, 3]
