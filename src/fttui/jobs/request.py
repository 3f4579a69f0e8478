"""Asking for jobs: files go up first, then a job is created over them; looking at jobs, pausing and stopping them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fttui.core.errors import InputError, ProviderError
from fttui.core.text import one_line, safe
from fttui.costs.prices import training_id
from fttui.dataset.errors import name_of, reading_failed
from fttui.formats.kinds import kind_of_file
from fttui.providers.errors import explained
from fttui.providers.objects import as_dict, page_items

if TYPE_CHECKING:
    from openai import AsyncOpenAI

LOOKED_AT: Final = 20
"""Lines at the start of a file, which tell how it is trained on."""
MAX_FILE_BYTES: Final = 512 * 1024 * 1024
"""Of one file through the files API (OpenAI's API reference, "Upload file")."""
_UPLOAD_TIMEOUT_S: Final = 600.0
_PROCESSING: Final = ("uploaded", "pending", "running")
_PROCESSING_POLL_S: Final = (0.1, 0.5, 1.0, 2.0, 5.0)
_PROCESSING_PATIENCE_S: Final = 1800.0

Tell = Callable[[str], None]


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


def method_for(records: Iterable[Mapping[str, Any]]) -> str:
    """How records like these are trained on: ``dpo`` for pairs of a preferred answer and another, else ``supervised``.

    Args:
        records: The first ones of a file (`LOOKED_AT` lines) are enough.
    """
    return "dpo" if kind_of_file(records) == "preference" else "supervised"


async def create_job(client: AsyncOpenAI, request: JobRequest, *, on_progress: Tell | None = None) -> dict[str, Any]:
    """Upload the files, wait until they are processed, and create the job; returns the provider's job object.

    Raises:
        InputError: A file cannot be read, or is larger than providers take.
        ProviderError: The provider refused the file or the job, or could not be reached.
    """
    tell = on_progress or (lambda _: None)
    training = await _upload(client, request.training_path, tell)
    validation = await _upload(client, request.validation_path, tell) if request.validation_path else None
    tell("Creating the job")
    try:
        with explained(client):
            # Never sent twice: when the answer to the first was lost, the second would be a second job, and paid for.
            once = client.with_options(max_retries=0)
            job = as_dict(
                await once.fine_tuning.jobs.create(**job_parameters(request, training, validation)), "a job", client
            )
    except ProviderError as error:
        if error.status is None and error.retryable:
            raise ProviderError(
                error.message, hint="The job may have been created all the same: look at the list of jobs."
            ) from error
        raise
    if not job.get("id"):
        raise ProviderError("The provider did not say which job it created.", hint="Look at the list of jobs.")
    return job


def job_parameters(request: JobRequest, training: str, validation: str | None) -> dict[str, Any]:
    """The body of the request for a job; ``training`` and ``validation`` are ids of files."""
    epochs: int | str = request.epochs if request.epochs is not None else "auto"
    parameters: dict[str, Any] = {
        "model": training_id(request.model),
        "training_file": training,
        "method": {"type": request.method, request.method: {"hyperparameters": {"n_epochs": epochs}}},
    }
    optional = {"validation_file": validation, "suffix": request.suffix, "seed": request.seed}
    return parameters | {name: value for name, value in optional.items() if value is not None}


async def _upload(client: AsyncOpenAI, path: Path, tell: Tell) -> str:
    """Send a file and wait until the provider has processed it; returns its id."""
    name = one_line(path.name, 200)
    try:
        with path.open("rb") as content:
            size = os.fstat(content.fileno()).st_size
            if size > MAX_FILE_BYTES:
                raise InputError(
                    f"{name_of(path)} has {size:,} bytes; providers take {MAX_FILE_BYTES:,}.",
                    hint="Train on a part of it.",
                )
            tell(f"Uploading {name}")
            with explained(client):
                uploading = client.with_options(timeout=_UPLOAD_TIMEOUT_S).files
                sent = await uploading.create(file=(safe(path.name), content), purpose="fine-tune")
                file = as_dict(sent, "a file", client)
    except OSError as error:
        raise reading_failed(path, error) from error
    return await _processed(client, file, name, tell)


async def _processed(client: AsyncOpenAI, file: dict[str, Any], name: str, tell: Tell) -> str:
    """The id of an uploaded file once it has been processed; a status that nobody knows counts as that."""
    file_id = str(file.get("id") or "")
    if not file_id:
        raise ProviderError(f"The provider took {name} but gave it no id.")
    waited, polls = 0.0, 0
    while file.get("status") in _PROCESSING:
        if waited > _PROCESSING_PATIENCE_S:
            raise ProviderError(f"The provider has not processed {name} within half an hour.", retryable=True)
        tell(f"{name} is being processed")
        pause = _PROCESSING_POLL_S[min(polls, len(_PROCESSING_POLL_S) - 1)]
        await asyncio.sleep(pause)
        waited, polls = waited + pause, polls + 1
        with explained(client):
            file = as_dict(await client.files.retrieve(file_id), "a file", client)
    if file.get("status") in ("error", "deleted"):
        reason = one_line(str(file.get("status_details") or "no reason given"), 400).rstrip(".")
        raise ProviderError(f"The provider could not process {name}: {reason}.")
    return file_id


async def list_jobs(client: AsyncOpenAI, limit: int) -> list[dict[str, Any]]:
    """The provider's latest jobs, newest first.

    Raises:
        ProviderError: The provider refused, or could not be reached.
    """
    with explained(client):
        return page_items(await client.fine_tuning.jobs.list(limit=limit), "a list of jobs", client)


async def retrieve_job(client: AsyncOpenAI, job_id: str) -> dict[str, Any]:
    """One job as it is now.

    Raises:
        ProviderError: There is no such job, or the provider could not be reached.
    """
    with explained(client):
        return as_dict(await client.fine_tuning.jobs.retrieve(job_id), "a job", client)


async def cancel_job(client: AsyncOpenAI, job_id: str) -> dict[str, Any]:
    """Stop a job; returns it as it is then.

    Raises:
        ProviderError: It is over already, there is no such job, or the provider could not be reached.
    """
    with explained(client):
        return as_dict(await client.fine_tuning.jobs.cancel(job_id), "a job", client)


async def pause_job(client: AsyncOpenAI, job_id: str) -> dict[str, Any]:
    """Let a job wait; what was trained is kept. Returns it as it is then.

    Raises:
        ProviderError: It is over or paused already, the provider cannot pause jobs, or could not be reached.
    """
    with explained(client):
        return as_dict(await client.fine_tuning.jobs.pause(job_id), "a job", client)


async def resume_job(client: AsyncOpenAI, job_id: str) -> dict[str, Any]:
    """Let a paused job go on from where it was; returns it as it is then.

    Raises:
        ProviderError: It is not paused, the provider cannot pause jobs, or could not be reached.
    """
    with explained(client):
        return as_dict(await client.fine_tuning.jobs.resume(job_id), "a job", client)
