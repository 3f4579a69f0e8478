"""``fttui local export``: a fine-tuned model as a folder that peft and vLLM load."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fttui.cli.common import Output, output_options
from fttui.core.errors import InputError

if TYPE_CHECKING:
    from fttui.local.export import Comparison, Exported


@click.command()
@click.argument("model", metavar="ID")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--original",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The base before it was quantised, a GGUF file or a folder from Hugging Face: measure the loss over it too.",
)
@output_options
def export(output: Output, model: str, folder: Path, original: Path | None) -> None:
    """Write the fine-tuned model ID (or a checkpoint, or a job's model) to the new folder DIR, for peft and vLLM.

    The folder is a PEFT adapter that names its true base. No server is needed, and none is disturbed.
    """
    from fttui.local.export import export as write

    comparison = _comparison(original) if original is not None else None
    done = write(model, folder, comparison=comparison, tell=output.note)
    if output.is_json:
        output.document(_document(done))
        return
    output.text(f"{done.model} is in {done.folder}: {', '.join(done.files)}.")
    output.text(f"It is an adapter for {done.base}.")
    if done.loss is not None:
        loss = done.loss
        output.text(
            f"On {loss.tokens:,} trained tokens of the {loss.of} file its loss is {loss.quantised:.3f} over the "
            f"weights that it was trained over and {loss.original:.3f} over the original ones."
        )


def _comparison(original: Path) -> Comparison:
    """What to measure with: the weights and the engine of the settings.

    Raises:
        InputError: There are no weights here to compare with.
    """
    from fttui.core.settings import require_settings
    from fttui.local.export import Comparison
    from fttui.local.weights import weights_path
    from fttui.local.worker_process import thread_environment

    settings = require_settings().local
    weights = weights_path(settings.weights)
    if weights is None:
        raise InputError("There are no weights here to compare with.", hint="`fttui local serve` fetches them.")
    os.environ.update(thread_environment(settings.threads, "training"))  # before numpy is loaded
    return Comparison(weights, original.expanduser(), settings.engine)


def _document(done: Exported) -> dict[str, Any]:
    return {
        "model": done.model,
        "base": done.base,
        "folder": done.folder,
        "files": done.files,
        "loss": done.loss,
    }
