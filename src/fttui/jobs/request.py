"""Asking for a job: the files go up first, then the job is created over them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fttui.core.errors import InputError, ProviderError
from fttui.jobs.objects import as_dict
from fttui.providers.errors import explain

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MAX_FILE_BYTES = 512 * 1024 * 1024
"""Of one file through the files API (OpenAI's API reference, "Upload file")."""
_PROCESSING_POLL_S = (0.1, 0.5, 1.0, 2.0, 5.0)
_PROCESSING_PATIENCE_S = 1800.0


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What to train.

    Attributes:
        epochs: None: the provider chooses (``auto``).
        suffix: Becomes part of the tuned model's id.
        method: ``supervised`` or ``dpo``.
    """

    model: str
    training_path: Path
    validation_path: Path | None = None
    epochs: int | None = None
    suffix: str | None = None
    seed: int | None = None
    method: str = "supervised"


async def create_job(
    client: AsyncOpenAI, request: JobRequest, *, on_progress: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """Upload the files and create the job; returns the provider's job object.

    Raises:
        InputError: A file cannot be read, or is larger than providers take.
        ProviderError: The provider refused the file or the job, or could not be reached.
    """
    tell = on_progress or (lambda _: None)
    try:
        training = await _upload(client, request.training_path, tell)
        validation = await _upload(client, request.validation_path, tell) if request.validation_path else None
        tell("Creating the job")
        job = await client.fine_tuning.jobs.create(**_parameters(request, training, validation))
    except Exception as error:
        raise explain(error) from error
    return as_dict(job)


def _parameters(request: JobRequest, training: str, validation: str | None) -> dict[str, Any]:
    epochs: int | str = request.epochs if request.epochs is not None else "auto"
    parameters: dict[str, Any] = {
        "model": request.model,
        "training_file": training,
        "method": {"type": request.method, request.method: {"hyperparameters": {"n_epochs": epochs}}},
    }
    optional = {"validation_file": validation, "suffix": request.suffix, "seed": request.seed}
    return parameters | {name: value for name, value in optional.items() if value is not None}


async def _upload(client: AsyncOpenAI, path: Path, tell: Callable[[str], None]) -> str:
    """Send a file and wait until the provider has processed it; returns its id."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    if size > MAX_FILE_BYTES:
        raise InputError(
            f"{path} has {size:,} bytes; providers take {MAX_FILE_BYTES:,}.", hint="Train on a part of it."
        )
    tell(f"Uploading {path.name}")
    with path.open("rb") as content:
        file = await client.files.create(file=(path.name, content), purpose="fine-tune")
    waited, polls = 0.0, iter(_PROCESSING_POLL_S)
    pause = _PROCESSING_POLL_S[-1]
    while file.status == "uploaded" or file.status is None or file.status in ("pending", "running"):
        if waited > _PROCESSING_PATIENCE_S:
            raise ProviderError(f"The provider has not processed {path.name} within half an hour.", retryable=True)
        tell(f"{path.name} is being processed")
        pause = next(polls, pause)
        await asyncio.sleep(pause)
        waited += pause
        file = await client.files.retrieve(file.id)
    if file.status == "error":
        reason = file.status_details or "no reason given"
        raise ProviderError(f"The provider could not process {path.name}: {reason}.")
    return file.id
