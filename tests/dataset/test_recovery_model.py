"""What comes back after a crash: any sequence of edits, saves and marks, whatever the save was doing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from dataset.crashing import Killed, die, journal_folder, kill_after_rename, reopened, state, while_saving
from fttui.core.errors import InputError
from fttui.dataset import bulk_editing
from fttui.dataset.marks.example_ids import id_text
from fttui.dataset.rowset import RowSet
from fttui.dataset.session import Session, open_session

LINES = [b'{"n": %d}\n' % n for n in range(100)]


def fail_to_rename(session: Session) -> None:
    """Have the next save fail at the last moment."""
    assert session.journal is not None
    journal = session.journal
    saving = journal.saving

    def failing(*args: Any) -> None:
        saving(*args)
        journal.saving = saving  # type: ignore[method-assign]
        raise OSError("no rename today")

    journal.saving = failing  # type: ignore[method-assign]


raws = st.binary(max_size=4).map(lambda data: b"x" + data.hex().encode())
rows = st.integers(0, 200)
many = st.sets(st.integers(0, 30), max_size=8)
edits = st.one_of(
    st.tuples(st.just("replace_raw"), rows, raws),
    st.tuples(st.just("insert_raw"), rows, raws),
    st.tuples(st.just("delete"), rows, st.integers(1, 3)),
    st.tuples(st.just("move"), rows, rows),
    st.tuples(st.just("duplicate"), rows, st.none()),
    st.tuples(st.just("delete_rows"), many, st.none()),
    st.tuples(st.just("duplicate_rows"), many, st.none()),
    st.tuples(st.just("move_rows"), many, rows),
    st.tuples(st.just("insert_lines"), rows, st.lists(raws, max_size=5)),
    st.tuples(st.just("replace_lines"), many, raws),
    st.tuples(st.just("undo"), st.none(), st.none()),
    st.tuples(st.just("undo"), st.none(), st.none()),
    st.tuples(st.just("redo"), st.none(), st.none()),
    st.tuples(st.just("tag"), many, st.sampled_from(["hard", "schön"])),
    st.tuples(st.just("review"), many, st.booleans()),
    st.tuples(st.just("note"), rows, st.sampled_from(["", "look again"])),
    st.tuples(st.just("name"), rows, st.none()),
)
actions = st.one_of(
    edits,
    edits,
    edits,
    st.tuples(st.just("group"), st.lists(edits, max_size=4), st.none()),
    st.tuples(st.just("save"), st.lists(edits, max_size=3), st.none()),
    st.tuples(st.just("failing save"), st.lists(edits, max_size=3), st.none()),
    st.tuples(st.just("reload"), st.none(), st.none()),
    st.tuples(st.just("keep"), st.none(), st.none()),
)
endings = st.sampled_from(["kill", "kill while saving", "kill after rename"])


def act(session: Session, name: str, first: Any, second: Any) -> None:
    document = session.document
    count = len(document)
    if name in ("undo", "redo"):
        if document._group is None:
            getattr(document, name)()
    elif name == "group":
        with document.group():
            for edit in first:
                act(session, *edit)
    elif name == "save":
        while_saving(document, lambda: [act(session, *edit) for edit in first])
        document.save()
    elif name == "failing save":
        while_saving(document, lambda: [act(session, *edit) for edit in first])
        fail_to_rename(session)
        with pytest.raises(InputError):
            document.save()
    elif name == "reload":
        session.marks.keep()
        document.reload()
        session.marks.reload()
    elif name == "keep":
        session.keep_marks()
    elif name == "insert_raw":
        document.insert_raw(first % (count + 1), second)
    elif name == "insert_lines":
        document.insert_lines(first % (count + 1), second)
    elif count:
        act_on_rows(session, name, first, second)


def act_on_rows(session: Session, name: str, first: Any, second: Any) -> None:
    document, count = session.document, len(session.document)
    if isinstance(first, set):
        chosen = RowSet.of(row % count for row in first)
        if name == "move_rows":
            document.move_rows(chosen, second % (count - len(chosen) + 1))
        elif name == "replace_lines":
            document.replace_lines(chosen, [second + b"%d" % row for row in chosen])
        elif name == "tag":
            session.marks.tag(chosen, second, True)
        elif name == "review":
            session.marks.review(chosen, second)
        else:
            getattr(document, name)(chosen)
    elif name == "move":
        document.move(first % count, second % count)
    elif name == "delete":
        document.delete(first % count, min(second, count - first % count))
    elif name == "note":
        session.marks.note(first % count, second)
    elif name == "name":
        session.marks.id_of(first % count)
    elif name == "duplicate":
        document.duplicate(first % count)
    else:
        document.replace_raw(first % count, second)


def names_of(session: Session) -> dict[str, int]:
    """The rows of the examples that have a name."""
    store = session.marks._store
    roots = [session.document.root(row) for row in range(len(session.document))]
    return {id_text(name): row for row, root in enumerate(roots) if (name := store.ids.get(*root))}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(actions, max_size=12), endings, st.lists(edits, max_size=2), st.integers(0, 12))
def test_whatever_was_done_comes_back(
    todo: list[tuple[str, Any, Any]], ending: str, last: list[tuple[str, Any, Any]], size: int
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("FTTUI_HOME", folder + "/home")
        patch.setattr(bulk_editing, "_FEW_LINES", 2)
        path = Path(folder) / "chat.jsonl"
        path.write_bytes(b"".join(LINES[:size]))
        session = open_session(path)
        for action in todo:
            note(repr(action))
            act(session, *action)
        note(f"{ending} {last}")
        if ending == "kill after rename":
            kill_after_rename(session)
            while_saving(session.document, lambda: [act(session, *edit) for edit in last])
            with pytest.raises(Killed):
                session.document.save()
        elif ending == "kill while saving":
            while_saving(session.document, lambda: [act(session, *edit) for edit in last])
            fail_to_rename(session)
            with pytest.raises(InputError):
                session.document.save()
        expected, marks = state(session)
        names = names_of(session)
        die(session)
        saved = path.read_bytes()
        again = reopened(path)
        lines, found = state(again)
        assert lines == expected
        assert found == marks
        assert {name: again.marks.row_of(name) for name in names} == names
        die(again)  # once more, while nothing has happened since
        once_more = reopened(path)
        assert list(once_more.document.lines()) == expected
        while once_more.document.undo() is not None:
            pass
        assert b"".join(once_more.document.lines()) == saved
        assert not once_more.document.is_dirty
        once_more.close()
        assert not list(journal_folder(Path(folder) / "home").iterdir())
