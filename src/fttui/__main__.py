"""``python -m fttui`` and the ``fttui`` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line of this process and exit with its status."""
    from fttui.cli.main import run

    sys.exit(run())


if __name__ == "__main__":
    main()
