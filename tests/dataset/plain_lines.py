"""A file as a plain list of lines, the model of a document; and files, lines and edits of any kind to try both with."""

from __future__ import annotations

import re
from bisect import bisect_left

from hypothesis import strategies as st

import hostile

BOM = b"\xef\xbb\xbf"


class Row:
    """A line and its ending, and the example it is a state of; the same object in every state that has the row."""

    def __init__(self, raw: bytes, ending: bytes, example: object = None) -> None:
        self.raw = raw
        self.ending = ending
        self.example = example or object()


class Model:
    """A file as a plain list of lines, its history as a list of such lists."""

    def __init__(self, data: bytes) -> None:
        self.bom = BOM if data.startswith(BOM) else b""
        found = re.findall(rb"([^\n]*?)(\r*\n|\r*\Z)", data[len(self.bom) :])
        self.rows = [Row(raw, ending) for raw, ending in found if raw or ending]
        self.ends_with_newline = not self.rows or self.rows[-1].ending.endswith(b"\n")
        self.undo_states: list[list[Row]] = []
        self.redo_states: list[list[Row]] = []
        self.saved = self.rows
        self.saved_again: list[list[Row]] = []
        """States that an edit made just as the saved one."""

    @property
    def is_dirty(self) -> bool:
        return not any(self.rows is state for state in (self.saved, *self.saved_again))

    def change(self, rows: list[Row]) -> None:
        self.undo_states.append(self.rows)
        self.redo_states.clear()
        self.rows = rows

    def travel(self, origin: list[list[Row]], other: list[list[Row]]) -> bool:
        if origin:
            other.append(self.rows)
            self.rows = origin.pop()
            return True
        return False

    def endings(self, newline: bytes, rows: list[Row]) -> list[bytes]:
        """Each row's ending as it is saved."""
        endings = [row.ending if row.ending.endswith(b"\n") else row.ending + newline for row in rows]
        for number, row in enumerate(rows):
            if row.ending.endswith(b"\r"):
                endings[number] = row.ending + b"\n"
        if rows and not self.ends_with_newline:
            last = rows[-1]
            if not last.ending.endswith(b"\n") and (last.raw or last.ending):
                endings[-1] = last.ending
            elif last.raw:
                endings[-1] = b""
        return endings

    def save(self, newline: bytes) -> bytes:
        for row, ending in zip(self.rows, self.endings(newline, self.rows), strict=True):
            row.ending = ending
        self.saved, self.saved_again = self.rows, []
        return self.content(newline, self.rows)

    def content(self, newline: bytes, rows: list[Row]) -> bytes:
        endings = self.endings(newline, rows)
        return self.bom + b"".join(row.raw + ending for row, ending in zip(rows, endings, strict=True))

    def differences(self) -> tuple[set[tuple[str, int | None, int | None]], int]:
        """The rows that were added, deleted and changed, and how many of the others have moved at least."""
        saved = {row.example: at for at, row in enumerate(self.saved)}
        now = {row.example: at for at, row in enumerate(self.rows)}
        found: set[tuple[str, int | None, int | None]] = {
            ("deleted", None, at) for example, at in saved.items() if example not in now
        }
        tails: list[int] = []  # the longest ascending selection, by the lowest end of each length
        for at, row in enumerate(self.rows):
            saved_at = saved.get(row.example)
            if saved_at is None:
                found.add(("added", at, None))
                continue
            if row.raw != self.saved[saved_at].raw:
                found.add(("changed", at, saved_at))
            place = bisect_left(tails, saved_at)
            tails[place : place + 1] = [saved_at]
        return found, sum(example in saved for example in now) - len(tails)


SHORT = [line.rstrip(b"\n") for line in hostile.LINES.values() if len(line) < 300 and b"\0" not in line]
STYLED = [
    b'{"messages":[{"role":"user","content":"caf\xc3\xa9"}],"n":12345678901234567890123}',
    b'{"messages" : [{"role" : "user" , "content" : "caf\\u00e9"}] , "x" : 1.50}',
    b"{}",
]
# text of any kind but line ends and NUL (a file with NUL bytes in its beginning is refused)
texts = st.text(st.characters(exclude_characters="\n\r\0"), max_size=12).map(
    lambda s: s.encode("utf-8", "surrogatepass")
)
lines = st.sampled_from([*SHORT, *STYLED]) | texts.map(
    lambda t: b" " + t if t[:1] in (b"B", b"P", b"(", b"\x1f") else t
)
endings = st.sampled_from([b"\n", b"\n", b"\r\n", b"\r\r\n"])
records = st.fixed_dictionaries(
    {"messages": st.lists(st.fixed_dictionaries({"role": st.text(max_size=4)}), max_size=2)}
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Files with and without byte order mark, CRLF, mixed endings, blank and broken lines, final line feed."""
    body = b"".join(line + ending for line, ending in draw(st.lists(st.tuples(lines, endings), max_size=8)))
    return draw(st.sampled_from([b"", BOM])) + body + draw(st.just(b"") | lines | st.just(b"\r"))


positions = st.integers(min_value=0, max_value=1000)
single = st.one_of(
    st.tuples(st.just("replace_raw"), positions, lines),
    st.tuples(st.just("replace"), positions, records),
    st.tuples(st.just("insert_raw"), positions, lines),
    st.tuples(st.just("insert"), positions, records),
    st.tuples(st.just("delete"), positions, st.integers(1, 3)),
    st.tuples(st.just("duplicate"), positions, st.none()),
    st.tuples(st.just("move"), positions, positions),
)
rows = st.lists(positions, min_size=1, max_size=5)
bulk = st.one_of(
    st.tuples(st.just("delete_rows"), rows, st.none()),
    st.tuples(st.just("duplicate_rows"), rows, st.none()),
    st.tuples(st.just("move_rows"), rows, positions),
    st.tuples(st.just("insert_lines"), positions, st.lists(lines, max_size=4)),
    st.tuples(st.just("replace_lines"), rows, st.lists(lines | st.none(), min_size=5, max_size=5)),
)
actions = st.one_of(
    single,
    bulk,
    bulk,
    st.tuples(st.just("undo"), st.none(), st.none()),
    st.tuples(st.just("undo"), st.none(), st.none()),
    st.tuples(st.just("redo"), st.none(), st.none()),
    st.tuples(st.just("group"), st.lists(single | bulk, max_size=4), st.none()),
    st.tuples(st.just("save_rows_as"), rows, st.none()),
    st.tuples(st.just("reload"), st.none(), st.none()),
    st.tuples(st.just("save"), st.none(), st.none()),
    st.tuples(st.just("grow"), st.none(), st.none()),
    st.tuples(st.just("snapshot"), st.none(), st.none()),
)
