"""Stand-ins for parts that are not there yet."""

# mypy: ignore-errors
from __future__ import annotations

try:
    from fttui.checks.personal import personal_in
except ImportError:

    def personal_in(raw):
        return ()


try:
    from fttui.checks.rules.lines import check_line
except ImportError:

    def check_line(raw, row, is_last):
        return []


try:
    from fttui.checks.facts import BlockFacts, FileFacts, file_found
except ImportError:

    class BlockFacts:
        def add(self, row, raw, record, kind):
            pass

        def extend(self, other):
            pass

    class FileFacts:
        def __init__(self, block, size, has_bom, kind):
            self.block, self.size, self.has_bom, self.kind = block, size, has_bom, kind

    def file_found(facts):
        return []
