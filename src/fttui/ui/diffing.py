"""What changed in an example, as lines to read: pure, from two lines of JSONL to coloured text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from fttui.formats.chat import messages_of
from fttui.formats.lines import parse_line
from fttui.formats.slots import NON_PREFERRED, PREFERRED, slots_of
from fttui.ui.cards import decode_line, json_text

DiffKind = Literal["same", "gone", "came", "gap", "title"]

_CONTEXT: Final = 3
_MOST_LINES: Final = 4_000
"""Lines of one version above which only the changed middle is shown: comparing lines costs their number squared."""
_LONGEST_WORDS: Final = 2_000
"""Characters of a line above which its words are not compared."""
_WORDS: Final = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a difference.

    Attributes:
        kind: Whether it is in both versions, only in the old or the new one, or stands for lines left out.
        text: Exact text, to be made safe by whoever shows it.
        spans: The parts (start, end) that differ from the line it was compared with; empty: the line as a whole.
    """

    kind: DiffKind
    text: str
    spans: tuple[tuple[int, int], ...] = ()


def readable(raw: bytes | None) -> list[str]:
    """A line of the file as lines to read: each message under its role, then other keys; broken ones as they are."""
    if raw is None:
        return []
    parsed = parse_line(raw)
    if parsed.error is not None or not isinstance(parsed.value, dict):
        return [decode_line(raw)]
    record = parsed.value
    messages = messages_of(record)
    if not messages:
        return [f"{key}: {json_text(value)}" for key, value in record.items()]
    lines: list[str] = []
    slots = slots_of(record)
    for message, slot in zip(messages, slots, strict=True):
        weight = "" if message.weight is None else f" (weight {message.weight})"
        place = f" {slot.path[0]}" if slot.path[0] in (*PREFERRED, *NON_PREFERRED) else ""
        lines.append(f"[{message.role}]{place}{weight}")
        lines += [f"  {line}" for line in message.text.split("\n")] if message.text else []
        lines += [f"  {name}: {text}" for name, text in message.extras]
    shown = {slot.path[0] for slot in slots}
    lines += [f"{key}: {json_text(value)}" for key, value in record.items() if key not in shown]
    return lines


def diff_lines(before: bytes | None, after: bytes | None) -> list[DiffLine]:
    """The difference between two versions of an example; None stands for a version that is not there.

    Versions that read alike and differ only in how their JSON is spelt are compared as they stand in the file.
    """
    old, new = readable(before), readable(after)
    if old == new and before != after:
        old, new = [decode_line(before or b"")], [decode_line(after or b"")]
    return list(_compared(old, new))


def text_diff(before: str, after: str) -> list[DiffLine]:
    """The difference between two texts, with a few lines around it."""
    return list(_compared(before.split("\n"), after.split("\n")))


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    head = _same_head(old, new)
    tail = _same_head(old[head:][::-1], new[head:][::-1])
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    yield from _context(old[:head], at_end=True)
    if max(len(middle_old), len(middle_new)) > _MOST_LINES:
        yield from (DiffLine("gone", line) for line in middle_old)
        yield from (DiffLine("came", line) for line in middle_new)
    else:
        yield from _matched(middle_old, middle_new)
    yield from _context(old[len(old) - tail :], at_end=False)


def _same_head(old: Sequence[str], new: Sequence[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _context(lines: Sequence[str], *, at_end: bool) -> Iterator[DiffLine]:
    """A few of the lines that both have, with a word on how many more there are."""
    kept = lines[-_CONTEXT:] if at_end else lines[:_CONTEXT]
    left_out = len(lines) - len(kept)
    gap = DiffLine("gap", f"… {left_out:,} equal lines" if left_out > 1 else "… 1 equal line")
    if left_out and at_end:
        yield gap
    yield from (DiffLine("same", line) for line in kept)
    if left_out and not at_end:
        yield gap


def _matched(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_start, old_stop, new_start, new_stop in matcher.get_opcodes():
        if tag == "equal":
            same = old[old_start:old_stop]
            if len(same) > 2 * _CONTEXT + 1:
                yield from (DiffLine("same", line) for line in same[:_CONTEXT])
                yield DiffLine("gap", f"… {len(same) - 2 * _CONTEXT:,} equal lines")
                yield from (DiffLine("same", line) for line in same[-_CONTEXT:])
            else:
                yield from (DiffLine("same", line) for line in same)
            continue
        gone, came = old[old_start:old_stop], new[new_start:new_stop]
        spans = [_word_spans(one, other) for one, other in zip(gone, came, strict=False)]
        yield from (DiffLine("gone", line, spans[at][0] if at < len(spans) else ()) for at, line in enumerate(gone))
        yield from (DiffLine("came", line, spans[at][1] if at < len(spans) else ()) for at, line in enumerate(came))


Spans = tuple[tuple[int, int], ...]


def _word_spans(old: str, new: str) -> tuple[Spans, Spans]:
    """The words that differ, as spans of each line; none when hardly a word is shared."""
    if max(len(old), len(new)) > _LONGEST_WORDS:
        return (), ()
    old_words, new_words = _WORDS.findall(old), _WORDS.findall(new)
    matcher = difflib.SequenceMatcher(None, old_words, new_words, autojunk=False)
    if matcher.ratio() < 0.3:
        return (), ()
    spans: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    starts = (_starts(old_words), _starts(new_words))
    for tag, *edges in matcher.get_opcodes():
        if tag == "equal":
            continue
        for side, (first, last) in enumerate((edges[:2], edges[2:])):
            if last > first:
                spans[side].append((starts[side][first], starts[side][last]))
    return tuple(spans[0]), tuple(spans[1])


def _starts(words: Sequence[str]) -> list[int]:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return starts
