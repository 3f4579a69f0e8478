"""The base model of the server: its weights fetched and loaded in the background, and the adapters over it."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fttui.core.errors import FttuiError
from fttui.local.engines.protocol import Engine
from fttui.local.engines.registry import DEFAULT

log = logging.getLogger(__name__)

_KEPT_ADAPTERS = 8
_RETRY_AFTER_S = 5.0
_TELL_EVERY_S = 2.0
_CLOSE_PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class LoadedBase:
    """The base model, ready to answer."""

    id: str
    weights: Path
    engine: Engine
    since: int  # Unix seconds
    engine_name: str = DEFAULT
    """As `fttui.local.engines.registry` knows it: a training process loads the same."""
    fingerprint: str = ""
    """Of the engine and the weights, for ``system_fingerprint``."""


class ModelHost:
    """Gets the base model ready without anybody waiting for it who does not need it.

    Args:
        weights: A GGUF file of the user's choice; empty: SmolLM2-135M, fetched on first use.
        engine_name: What computes, see `fttui.local.engines.registry`.
    """

    def __init__(self, weights: str = "", engine_name: str = DEFAULT) -> None:
        self._chosen = weights
        self._engine_name = engine_name
        self._changed = threading.Condition()
        self._base: LoadedBase | None = None
        self._failure: FttuiError | None = None
        self._failed_at = 0.0
        self._is_working = False
        self._is_closed = False
        self._thread: threading.Thread | None = None
        self._message = "The weights are not loaded yet."
        self._adapters: OrderedDict[Path, Any] = OrderedDict()

    @property
    def base(self) -> LoadedBase | None:
        """The base model, or None as long as it cannot answer."""
        return self._base

    @property
    def message(self) -> str:
        """What is going on, as a sentence."""
        return self._message

    @property
    def state(self) -> str:
        """``ready``, ``failed`` (the weights cannot be had) or ``preparing``."""
        if self._base is not None:
            return "ready"
        return "failed" if self._failure is not None else "preparing"

    def begin(self) -> None:
        """Start fetching and loading, unless that is done, under way, or failed a moment ago."""
        with self._changed:
            fresh_failure = self._failure is not None and time.monotonic() - self._failed_at < _RETRY_AFTER_S
            if self._base is not None or self._is_working or self._is_closed or fresh_failure:
                return
            self._is_working, self._failure = True, None
            self._thread = threading.Thread(target=self._prepare, name="weights", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Fetch no more: an installer that is at it is ended."""
        with self._changed:
            self._is_closed = True
            thread = self._thread
        if thread is not None:
            thread.join(timeout=_CLOSE_PATIENCE_S)

    def wait(self, timeout: float) -> LoadedBase | None:
        """The base model, waiting up to ``timeout`` seconds; None when it takes longer.

        Raises:
            FttuiError: It cannot be had; the sentence says what to do.
        """
        self.begin()
        with self._changed:
            self._changed.wait_for(lambda: self._base is not None or self._failure is not None, timeout)
            if self._base is None and self._failure is not None:
                raise self._failure
            return self._base

    def adapter(self, folder: Path) -> Any:
        """The adapter in a folder, loaded over the base model; the last few stay in memory.

        Called by the one thread that answers.

        Raises:
            FttuiError: The folder holds no adapter of this base.
        """
        base = self._base
        assert base is not None
        with self._changed:
            if folder in self._adapters:
                self._adapters.move_to_end(folder)
                return self._adapters[folder]
        adapter = base.engine.load_adapter(folder)
        with self._changed:
            self._adapters[folder] = adapter
            while len(self._adapters) > _KEPT_ADAPTERS:
                self._adapters.popitem(last=False)
        return adapter

    def forget_adapters(self) -> None:
        """Drop what is in memory after a model was deleted."""
        with self._changed:
            self._adapters.clear()

    def _prepare(self) -> None:
        failure: FttuiError | None = None
        base: LoadedBase | None = None
        try:
            base = self._load(self._find_or_fetch())
        except FttuiError as error:
            failure = error
        except Exception as error:
            log.exception("The weights could not be loaded.")
            failure = FttuiError(f"The weights cannot be loaded: {type(error).__name__}: {error}.")
        with self._changed:
            self._base, self._failure, self._is_working = base, failure, False
            self._failed_at = time.monotonic()
            self._message = f"{base.id} is ready." if base else str(failure)
            self._changed.notify_all()
        log.info("%s", self._message)

    def _find_or_fetch(self) -> Path:
        from fttui.local.weights import fetch_weights, weights_path

        found = weights_path(self._chosen)
        if found is not None:
            return found
        self._message = "Fetching weights."
        return fetch_weights(self._on_progress)

    def _on_progress(self, what: str, done: int, total: int) -> None:
        if self._is_closed:
            raise FttuiError("The local server is stopping.")
        mega = 1_000_000
        amount = f": {done // mega} of {total // mega} MB" if total else ""
        self._message = f"{what}{amount}"

    def _load(self, weights: Path) -> LoadedBase:
        from fttui.local.engines.registry import load_engine
        from fttui.local.fingerprint import fingerprint

        self._message = "Loading the weights."
        engine = load_engine(weights, self._engine_name)
        mark = fingerprint(engine, weights)
        return LoadedBase(engine.model_id, weights, engine, int(time.time()), self._engine_name, mark)


@dataclass(slots=True)
class News:
    """Tells what a host says: each thing once, and not too often."""

    host: ModelHost
    tell: Callable[[str], None]
    told_at: float = field(default_factory=time.monotonic)
    """When something was told last; as if it were now, unless named."""
    _told: str = ""

    def look(self) -> None:
        """Tell what is new, if anything, and it is time for it."""
        message = self.host.message
        if message != self._told and time.monotonic() - self.told_at >= _TELL_EVERY_S:
            self._told, self.told_at = message, time.monotonic()
            self.tell(message)


def wait_telling(host: ModelHost, tell: Callable[[str], None], stop: Callable[[], bool]) -> LoadedBase | None:
    """Wait for the base model as long as it takes, telling what is going on; None when ``stop`` says so.

    Raises:
        FttuiError: It cannot be had.
    """
    news = News(host, tell, float("-inf"))
    while not stop():
        base = host.wait(0.25)
        if base is not None:
            return base
        news.look()
    return None
