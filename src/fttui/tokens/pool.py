"""The counting processes, and the threads that feed them."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from fttui.core.errors import FttuiError
from fttui.dataset.processes import IN_BACKGROUND, ProcessPool
from fttui.dataset.reader import FileReader
from fttui.dataset.serving import HandedFile
from fttui.tokens.models import TokenRule
from fttui.tokens.rows import RowCounts
from fttui.tokens.seen import Seen
from fttui.tokens.worker import Request, See, Start

OnDone = Callable[[RowCounts | FttuiError], None]


class CountingPool(ProcessPool[Request, RowCounts]):
    """Counts lines; see `fttui.dataset.processes.ProcessPool`."""

    def __init__(
        self,
        encoding: str,
        file: FileReader | None,
        *,
        processes: int,
        in_background: bool,
        idle_s: float = 0.5,
        last_idle_s: float = 0.5,
    ) -> None:
        """``file`` is what `Block` requests are about; it is held until `let_go_of_file`."""
        self._encoding = encoding
        self._in_background = in_background
        super().__init__(
            "fttui.tokens.worker",
            "Counting",
            file,
            processes=processes,
            idle_s=idle_s,
            last_idle_s=last_idle_s,
            turns=IN_BACKGROUND if in_background else None,
        )

    def see(self, line: bytes, rule: TokenRule, on_done: Callable[[Seen | FttuiError], None]) -> None:
        """Have a line shown as the model of ``rule`` sees it, before all that waits."""
        self.submit(See(line, rule), cast(OnDone, on_done), urgent=True)

    def _start_for(self, file: HandedFile | None) -> Start:
        return Start(self._encoding, file, in_background=self._in_background)
