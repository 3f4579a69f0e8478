"""The checking processes, and the threads that feed them."""

from __future__ import annotations

from collections.abc import Callable

from fttui.checks.rows import BlockChecks, Look
from fttui.checks.worker import Request, Start
from fttui.dataset.processes import IN_BACKGROUND, ProcessPool
from fttui.dataset.reader import FileReader
from fttui.dataset.serving import HandedFile


class CheckingPool(ProcessPool[Request, BlockChecks]):
    """Checks lines; see `fttui.dataset.processes.ProcessPool`."""

    def __init__(
        self,
        file: FileReader | None,
        look: Callable[[], Look],
        *,
        processes: int,
        in_background: bool,
        last_idle_s: float = 0.5,
    ) -> None:
        """For blocks of a file, or lines.

        Args:
            file: What `fttui.checks.worker.Block` requests are about; it is held until `let_go_of_file`.
            look: Says how to look at the next block, when its turn has come; called from the threads of the pool.
            processes: How many there are at most.
            in_background: Whether they leave the processor to others.
            last_idle_s: How long one of them is kept, for requests that come now and then.
        """
        self._look = look
        self._in_background = in_background
        super().__init__(
            "fttui.checks.worker",
            "Checking",
            file,
            processes=processes,
            last_idle_s=last_idle_s,
            turns=IN_BACKGROUND if in_background else None,
        )

    def _start_for(self, file: HandedFile | None) -> Start:
        return Start(file, self._in_background)

    def _to_send(self, request: Request) -> tuple[Request, Look]:
        return request, self._look()
