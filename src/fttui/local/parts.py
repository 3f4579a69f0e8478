"""Building the parts of a server, and ending them in the right order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from fttui.core.settings import LocalSettings
from fttui.local.file_store import FileStore
from fttui.local.host import ModelHost
from fttui.local.housekeeping import Housekeeping
from fttui.local.job_store import JobStore
from fttui.local.queue import JobQueue
from fttui.local.scheduler import Scheduler
from fttui.local.schema import open_database
from fttui.local.state import ServerParts
from fttui.local.tuned_models import ModelStore
from fttui.local.upload_store import UploadStore


def open_parts(options: LocalSettings, *, environment: Mapping[str, str], stop: Callable[[], None]) -> ServerParts:
    """The parts of a server, at work: what an earlier server left is taken up.

    Args:
        options: How to serve.
        environment: Variables for a training process beside those of this one.
        stop: Ends the server; it is called in the event loop's thread.
    """
    database = open_database()
    files, jobs, models = FileStore(database), JobStore(database), ModelStore(database)
    uploads = UploadStore(database, files)
    housekeeping = Housekeeping(files, uploads)
    host = ModelHost(options.weights, options.engine)
    queue = JobQueue(
        jobs, files, models, host, environment,
        save_seconds=options.save_seconds, original_weights=options.original_weights,
    )  # fmt: skip
    loop = asyncio.get_running_loop()

    def stop_soon() -> None:
        loop.call_soon_threadsafe(stop)

    housekeeping.start()
    queue.start()
    return ServerParts(files, uploads, housekeeping, jobs, models, host, queue, Scheduler(host), stop_soon, database)


def close_parts(parts: ServerParts) -> None:
    """End the open answers, the job that runs, the fetching of weights, and the database."""
    parts.scheduler.close()
    parts.queue.close()
    parts.host.close()  # after the queue: a job that waits for the weights must not fail for want of them
    parts.housekeeping.close()
    parts.database.close()
