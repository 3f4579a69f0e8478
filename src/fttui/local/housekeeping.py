"""What the server does with its files on the side: looking at the lines of new ones, removing what has expired."""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import Final

from fttui.local.file_check import AT_ONCE, problem_of
from fttui.local.file_store import FileStore, StoredFile
from fttui.local.upload_store import UploadStore

log = logging.getLogger(__name__)

_SWEEP_EVERY_S: Final = 60.0


class Housekeeping:
    """One thread for what takes time."""

    def __init__(self, files: FileStore, uploads: UploadStore) -> None:
        self._files = files
        self._uploads = uploads
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Begin, after removing what has expired and what a server that was killed left half-written."""
        self._files.remove_half_written()
        self._uploads.remove_half_written()
        self._sweep()
        for file in self._files.with_status("uploaded"):
            self._waiting.put(file.id)
        self._thread.start()

    def look_at(self, file: StoredFile) -> StoredFile:
        """See to it that a new file gets its status: a small one at once, another one soon.

        Returns:
            The file as it is now. It is stored, whatever becomes of the look at it.
        """
        if file.status != "uploaded":
            return file
        if file.size <= AT_ONCE:
            try:
                self._look(file.id)
                return self._files.find(file.id) or file
            except Exception:  # told to the sender, it would be sent again
                log.exception("The file %s could not be looked at yet.", file.id)
        self._waiting.put(file.id)
        return file

    def close(self) -> None:
        """End the thread; a file that it is looking at is looked at again by the next server."""
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=1)

    def _run(self) -> None:
        sweep_at = time.monotonic() + _SWEEP_EVERY_S
        while True:
            try:
                file_id = self._waiting.get(timeout=max(0.0, sweep_at - time.monotonic()))
            except queue.Empty:
                sweep_at = time.monotonic() + _SWEEP_EVERY_S
                self._sweep()
                continue
            if file_id is None:
                return
            try:
                self._look(file_id)
            except Exception:  # the disk or the database: the next server looks again
                log.exception("The file %s could not be looked at.", file_id)

    def _look(self, file_id: str) -> None:
        try:
            problem = problem_of(self._files.path(file_id))
        except FileNotFoundError:  # deleted meanwhile
            return
        except OSError:
            raise
        except Exception as error:  # a defect of ours; another look would end the same
            log.exception("The lines of the file %s could not be checked.", file_id)
            problem = f"The local server failed on this file ({type(error).__name__}); its log has the details."
        self._files.set_status(file_id, "error" if problem else "processed", problem)

    def _sweep(self) -> None:
        try:
            self._files.sweep()
            self._uploads.sweep()
        except Exception:
            log.exception("What has expired could not be removed.")
