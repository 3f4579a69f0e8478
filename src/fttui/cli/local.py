"""``fttui local``: the local backend, run, looked at and stopped. `local_disk` and `local_export` have the rest."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import Any

import click

from fttui.cli.common import Output, output_options
from fttui.cli.local_disk import disk, prune, size_text
from fttui.cli.local_export import export
from fttui.core.server_state import ServerState, read_state
from fttui.core.settings import MOST_THREADS

_STARTING_PATIENCE_S = 20.0


@click.group("local")
def command() -> None:
    """The local backend: an OpenAI-compatible server that trains and serves a small model on this machine."""


command.add_command(export)
command.add_command(disk)
command.add_command(prune)


@command.command()
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on; any free one otherwise.")
@click.option(
    "--host", metavar="ADDRESS", help="The address to listen on, 127.0.0.1 otherwise; who reaches it can ask."
)
@click.option("--threads", type=click.IntRange(0, MOST_THREADS), help="Threads to compute with; 0: chosen by itself.")
@click.option("--weights", type=click.Path(), help="A GGUF file to use instead of SmolLM2-135M.")
@output_options
def serve(output: Output, weights: str | None, **said: Any) -> None:
    """Serve until Ctrl-C, `fttui local stop`, or a long idle time. A second server reports the first."""
    from fttui.core.settings import require_settings
    from fttui.local.server import AlreadyRunning
    from fttui.local.server import serve as run_server
    from fttui.providers.local_server import find_running

    options = require_settings().local
    options = replace(options, **{name: value for name, value in said.items() if value is not None})
    if weights is not None:
        os.environ["FTTUI_WEIGHTS"] = weights  # what is said here beats settings and environment

    def announce(state: ServerState, model: str | None, message: str) -> None:
        output.note(message if model is None else "Ctrl-C stops the server.")
        _print(_document(state, [model] if model else [], message), output)

    give_up = time.monotonic() + _STARTING_PATIENCE_S
    while find_running() is None:
        try:
            run_server(options, announce, output.note)
            return
        except AlreadyRunning:  # it is starting, or stopping: soon it answers or lets go of the lock
            if time.monotonic() > give_up:
                raise
    output.note("A local server runs already.")
    _print(_status(), output)


@command.command()
@output_options
@click.pass_context
def status(context: click.Context, output: Output) -> None:
    """Say whether a server runs: it answers and its base model is ready. Exit status 1 when not."""
    document = _status()
    _print(document, output)
    context.exit(0 if document["running"] else 1)


@command.command()
@output_options
def stop(output: Output) -> None:
    """Stop the running server; jobs that are not over, the one that trains too, go on with the next server."""
    from fttui.providers.local_server import stop_running

    stopped = stop_running()
    message = "The local server has stopped." if stopped else "No local server is running."
    document = _document(None, [], message)
    _print({**document, "stopped": stopped} if output.is_json else document, output)


def _status() -> dict[str, Any]:
    from fttui.providers.local_server import find_running, report

    endpoint = find_running()
    state = read_state()
    if endpoint is None or state is None:
        return _document(None, [], "No local server is running.")
    told = report(endpoint)
    return _document(state, list(told.models), told.message)


def _document(state: ServerState | None, models: list[str], message: str) -> dict[str, Any]:
    from fttui.local.disk import disk_use

    return {
        "running": state is not None and bool(models),
        "pid": state.pid if state else None,
        "base_url": state.base_url if state else None,
        "token_file": state.token_file if state else None,
        "models": models,
        "message": message,
        "disk": sum(use.bytes for use in disk_use()),
    }


def _print(document: dict[str, Any], output: Output) -> None:
    """The document as JSON, or as one line."""
    if output.is_json:
        output.document(document)
        return
    line = document["message"]
    if document["base_url"]:
        models = ", ".join(document["models"]) or f"no model: {document['message']}"
        line = f"{document['base_url']} serves {models} (process {document['pid']}, token in {document['token_file']})."
    output.text(line)
    if document["disk"]:
        output.text(f"{size_text(document['disk'])} on the disk: `fttui local disk` says for what.")
