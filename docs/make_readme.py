"""Write the table of keys into README.md, from the registry of actions. ``--check``: only say whether it is current."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from fttui.ui.keys import keys_table

README = Path(__file__).parents[1] / "README.md"
BETWEEN = re.compile(r"(<!-- keys: [^\n]* -->\n).*?(<!-- /keys -->)", re.DOTALL)


def with_keys(text: str) -> str:
    """``text`` with the table between its two marks.

    Raises:
        ValueError: The marks are not there.
    """
    table = keys_table()
    changed, count = BETWEEN.subn(lambda marks: f"{marks[1]}{table}{marks[2]}", text)
    if count != 1:
        raise ValueError(f"{README.name} lacks the marks around the table of keys")
    return changed


def main() -> int:
    old = README.read_text("utf-8")
    new = with_keys(old)
    if "--check" in sys.argv:
        return 0 if old == new else 1
    README.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
