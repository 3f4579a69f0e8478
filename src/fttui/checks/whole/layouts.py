"""What a file is when it is no JSON lines."""

from __future__ import annotations

import re
from typing import Final

from fttui.checks.whole.facts import BlockFacts
from fttui.formats.lines import BOM

_KEY_ALONE: Final = re.compile(rb"\s*\{\s*\n\s*\"")
_ARRAY: Final = re.compile(rb"\s*\[\s*[\[{\"\]]")
_PACKED: Final = {b"PAR1": "Parquet", b"PK\x03\x04": "a ZIP archive or an Excel workbook"}
_REWRITE: Final = "write each example as one object on a line of its own"


def layout_of(block: BlockFacts) -> str:
    """What the file is, as a clause with what to do; "" when its lines are what they should be, or nobody knows."""
    broken = block.lines - len(block.blank) - block.records
    head = block.head.removeprefix(BOM)
    if not broken or broken * 2 < block.records:
        return ""
    packed = next((name for magic, name in _PACKED.items() if head.startswith(magic)), None)
    if packed is not None:
        return f"the file is {packed}, not JSON lines: export it as JSON lines"
    if block.foreign:
        return ""
    if _ARRAY.match(head):
        return f"the file is one JSON array, not JSON lines: {_REWRITE}"
    if _KEY_ALONE.match(head):
        return f"the file is JSON spread over many lines: {_REWRITE}"
    mark = _table_mark(head)
    return f"the file is a table with {mark} between its columns, not JSON lines: {_REWRITE}" if mark else ""


def _table_mark(head: bytes) -> str:
    """What stands between the columns, if the first lines have equally many of it and begin with no brace."""
    lines = [line for line in head.split(b"\n") if line.strip()][:4]
    if not lines or any(line.lstrip()[:1] in (b"{", b"[") for line in lines):
        return ""
    for mark, name in ((b"\t", "tabs"), (b",", "commas"), (b";", "semicolons"), (b"|", "bars")):
        if lines[0].count(mark) and all(line.count(mark) >= lines[0].count(mark) for line in lines[:2]):
            return name
    return ""
