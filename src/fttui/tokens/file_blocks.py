"""The counts of a file's blocks: they come in any order and are taken in the file's."""

from __future__ import annotations

from fttui.dataset.in_order import InOrder
from fttui.tokens.rows import RowCounts


class FileBlocks(InOrder[RowCounts]):
    """Which blocks of a file are counted."""
