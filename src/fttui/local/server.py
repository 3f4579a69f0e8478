"""A local server from its start to its end: one for each data folder."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import secrets
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

import fttui
from fttui.core.atomic import write_atomic
from fttui.core.errors import FttuiError, InputError
from fttui.core.paths import make
from fttui.core.server_state import (
    ServerState,
    local_dir,
    read_token,
    server_lock_file,
    state_file,
    token_file,
    write_state,
)
from fttui.core.settings import LocalSettings
from fttui.local.addresses import Listening, listening
from fttui.local.disk_full import HINT, SENTENCE, is_disk_full, write_spare
from fttui.local.limits import Limits
from fttui.local.worker_process import thread_environment

if TYPE_CHECKING:
    from fttui.local.guard import Activity
    from fttui.local.host import ModelHost

log = logging.getLogger(__name__)

_LOCK_PATIENCE_S = 2.0
_SHUTDOWN_S = 2
_TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # so many bytes in base64


Announce = Callable[[ServerState, str | None, str], None]
"""Called with the server's state, its base model's id (None: it cannot be had) and a sentence about the model."""


class AlreadyRunning(FttuiError):
    """Another server holds the lock of this data folder."""


def serve(options: LocalSettings, announce: Announce, tell: Callable[[str], None] = lambda _: None) -> None:
    """Serve until told to stop: by a signal, over HTTP, or by having had nothing to do for long.

    Args:
        options: How; what the command line said is in it.
        announce: Told once, when the base model can answer or cannot be had; the server answers before that already.
        tell: Told until then what is going on.

    Raises:
        AlreadyRunning: A server of this data folder runs.
        InputError: The address is none of this machine, or the port is taken.
        FttuiError: The disk is full, or the database cannot be used.
    """
    try:
        _serve(options, announce, tell)
    except Exception as error:
        if not is_disk_full(error):
            raise
        raise FttuiError(SENTENCE, hint=HINT) from error


def _serve(options: LocalSettings, announce: Announce, tell: Callable[[str], None]) -> None:
    make(local_dir())
    lock = FileLock(server_lock_file(), timeout=_LOCK_PATIENCE_S)  # patient with who only looks whether it is held
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyRunning("A local server runs already.", hint="`fttui local status` tells where.") from None
    try:
        write_spare()
        where = listening(options.host, options.names)
        with _listening_socket(where, options.port) as listener, _polite_signals():
            if where.warning:
                log.warning("%s", where.warning)
                tell(where.warning)
            for_training = thread_environment(options.threads, "training")
            os.environ.update(thread_environment(options.threads, "answers"))  # before numpy is loaded
            token = _token()
            state = ServerState(
                pid=os.getpid(),
                base_url=f"http://{where.url_host}:{listener.getsockname()[1]}/v1",
                token_file=str(token_file()),
                started_at=int(time.time()),
                version=fttui.__version__,
            )
            asyncio.run(_run(options, for_training, listener, where, token, state, announce, tell))
    finally:
        state_file().unlink(missing_ok=True)
        lock.release()


def _token() -> str:
    """The token of earlier servers, which other programs may have been given, or a new one.

    A file that others could read, or that holds something else, is replaced.
    """
    path = token_file()
    with contextlib.suppress(OSError, ValueError):
        known = read_token(path)
        is_private = os.name == "nt" or not path.stat().st_mode & 0o077
        if is_private and _TOKEN.fullmatch(known):
            return known
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    write_atomic(path, [token.encode("ascii")], mode=0o600)
    return token


async def _run(
    options: LocalSettings,
    for_training: Mapping[str, str],
    listener: socket.socket,
    where: Listening,
    token: str,
    state: ServerState,
    announce: Announce,
    tell: Callable[[str], None],
) -> None:
    import uvicorn

    from fttui.local.app import build_app
    from fttui.local.connection import connections_with
    from fttui.local.guard import Activity
    from fttui.local.parts import close_parts, open_parts

    activity = Activity()
    stopping = asyncio.Event()
    parts = open_parts(options, environment=for_training, stop=stopping.set)
    config = uvicorn.Config(
        build_app(parts, token=token, admits=where.admits, activity=activity),
        http=connections_with(Limits()),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_S,
    )
    server = uvicorn.Server(config)

    def is_busy() -> bool:
        try:
            return parts.host.state == "preparing" or parts.scheduler.open_answers() > 0 or bool(parts.jobs.active())
        except (FttuiError, sqlite3.Error) as error:  # another program holds the database, or its disk is gone
            log.error("It cannot be told whether there is work to do: %s", error)
            return True

    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
            write_state(state)
            parts.host.begin()
            announcing = tasks.create_task(_announce_model(parts.host, state, announce, tell))
            watching = tasks.create_task(_stop_when_idle(options.idle_minutes * 60, activity, is_busy, stopping))
            ended = tasks.create_task(stopping.wait())
            await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
            for task in (watching, ended, announcing):
                task.cancel()
        finally:  # also when a task has failed: a training process must not outlive its server
            state_file().unlink(missing_ok=True)  # who looks from now on starts another
            server.should_exit = True
            await asyncio.to_thread(close_parts, parts)
    log.info("The local server has stopped.")


async def _announce_model(host: ModelHost, state: ServerState, announce: Announce, tell: Callable[[str], None]) -> None:
    from fttui.local.host import News

    news = News(host, tell)
    while host.state == "preparing":
        with contextlib.suppress(OSError):  # nobody listens any more; those who ask over HTTP still do
            news.look()
        await asyncio.sleep(0.05)
    with contextlib.suppress(OSError):
        announce(state, host.base.id if host.base else None, host.message)


async def _stop_when_idle(
    limit_s: float, activity: Activity, is_busy: Callable[[], bool], stopping: asyncio.Event
) -> None:
    if not limit_s:
        return
    while True:
        await asyncio.sleep(min(max(limit_s / 4, 0.05), 10.0))
        if is_busy():
            activity.touch()
        elif activity.idle_seconds() >= limit_s:
            log.info("Nothing to do for %.1f minutes: stopping.", limit_s / 60)
            stopping.set()
            return


@contextlib.contextmanager
def _listening_socket(where: Listening, port: int) -> Iterator[socket.socket]:
    # Named as TCP, because asyncio turns Nagle's algorithm off for such sockets only: each answer came 40 ms late else.
    with socket.socket(where.family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        if os.name != "nt":  # there it would let two servers have one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((where.address, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"The local server cannot listen on {where.url_host}:{port}: {reason}.") from error
        listener.listen(128)
        yield listener


@contextlib.contextmanager
def _polite_signals() -> Iterator[None]:
    """uvicorn stops at SIGINT and SIGTERM, and then raises them again: by then the work is done, so nothing happens."""
    signals = [n for name in ("SIGINT", "SIGTERM", "SIGBREAK") if (n := getattr(signal, name, None)) is not None]
    before = {number: signal.signal(number, lambda *_: None) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
