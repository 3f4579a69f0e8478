"""The parts of a running server that its routes use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from fttui.core.db import Database
from fttui.local.file_store import FileStore
from fttui.local.host import ModelHost
from fttui.local.housekeeping import Housekeeping
from fttui.local.job_store import JobStore
from fttui.local.queue import JobQueue
from fttui.local.scheduler import Scheduler
from fttui.local.tuned_models import ModelStore
from fttui.local.upload_store import UploadStore


@dataclass(frozen=True, slots=True)
class ServerParts:
    """Made once by the server, handed to the routes through ``app.state.parts``."""

    files: FileStore
    uploads: UploadStore
    housekeeping: Housekeeping
    jobs: JobStore
    models: ModelStore
    host: ModelHost
    queue: JobQueue
    scheduler: Scheduler
    stop: Callable[[], None]
    database: Database


def server_state(request: Request) -> ServerParts:
    return cast(ServerParts, request.app.state.parts)
