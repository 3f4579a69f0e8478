"""Being a user whom permissions concern: in a container tests run as root, who may read and write everything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def without_root() -> Iterator[None]:
    """Do what is within as user ``nobody`` when we are root, else as we are."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def let_others_in(directory: Path) -> None:
    """Let every user into a directory of pytest's, be it of one of several processes or of the only one."""
    for each in (directory, *directory.parents[:3]):
        if each.stat().st_mode & 0o005 != 0o005:
            each.chmod(0o755)
