"""``/v1/fine_tuning/jobs``: create, list, retrieve, cancel, events, checkpoints."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fttui.local.errors import bad_request, not_found
from fttui.local.jobs import AUTO, Job, NewJob
from fttui.local.parameters import json_object, number, page_of, refuse_unknown, required_text, text
from fttui.local.responses import JsonResponse, list_page
from fttui.local.state import ServerParts, server_state

_KNOWN: Final = (
    "model", "training_file", "validation_file", "hyperparameters", "method", "suffix", "seed", "metadata",
    "integrations",
)  # fmt: skip
_LARGEST_SEED: Final = 2_147_483_647
_METADATA_KEY: Final = re.compile(r"metadata\[(.+)\]", re.DOTALL)


async def create(request: Request) -> Response:
    """Store a job and put it into the queue."""
    body = await json_object(request)
    parts = server_state(request)
    job = parts.jobs.add(_new_job(body, parts))
    parts.queue.add(job)
    return JsonResponse(job.as_object())


async def index(request: Request) -> Response:
    """The jobs, newest first; ``metadata[key]=value`` filters."""
    page = page_of(request, default=20, most=100)
    wanted = {m[1]: value for key, value in request.query_params.items() if (m := _METADATA_KEY.fullmatch(key))}
    found = server_state(request).jobs.page(limit=page.limit + 1, after=page.after, metadata=wanted)
    return list_page([job.as_object() for job in found[: page.limit]], has_more=len(found) > page.limit)


async def retrieve(request: Request) -> Response:
    return JsonResponse(_job(request).as_object())


async def cancel(request: Request) -> Response:
    """End a job; its checkpoints stay."""
    parts = server_state(request)
    job = _job(request)
    if not parts.queue.cancel(job):
        status = parts.jobs.get(job.id).status
        raise bad_request(f"Job {job.id} has already ended: its status is {status}.", code="invalid_job_status")
    return JsonResponse(parts.jobs.get(job.id).as_object())


async def events(request: Request) -> Response:
    """A job's events, newest first; ``after`` leads to older ones."""
    page = page_of(request, default=20, most=1000)
    found = server_state(request).jobs.events(_job(request).id, limit=page.limit + 1, after=page.after)
    return list_page([event.as_object() for event in found[: page.limit]], has_more=len(found) > page.limit)


async def checkpoints(request: Request) -> Response:
    """A job's checkpoints, newest first: one an epoch."""
    page = page_of(request, default=10, most=1000)
    found = server_state(request).jobs.checkpoints(_job(request).id, limit=page.limit + 1, after=page.after)
    return list_page([c.as_object() for c in found[: page.limit]], has_more=len(found) > page.limit)


def _job(request: Request) -> Job:
    job_id = request.path_params["job_id"]
    job = server_state(request).jobs.find(job_id)
    if job is None:
        raise not_found("fine-tuning job", job_id, "fine_tuning_job_id")
    return job


def _new_job(body: Mapping[str, Any], parts: ServerParts) -> NewJob:
    refuse_unknown(body, _KNOWN)
    if body.get("integrations"):
        raise bad_request("The local server has no integrations.", "integrations", "unsupported_parameter")
    model = required_text(body, "model")
    base = parts.host.base
    if base is not None and model != base.id and parts.models.find(model) is None:
        raise not_found("model", model)
    seed = number(body, "seed", least=0, most=_LARGEST_SEED, whole=True)
    return NewJob(
        model=model,
        training_file=_file_for_training(body, "training_file", parts),
        validation_file=_file_for_training(body, "validation_file", parts) if body.get("validation_file") else None,
        suffix=text(body, "suffix", most=64),
        seed=int(seed) if seed is not None else random.randrange(_LARGEST_SEED),
        hyperparameters=_hyperparameters(body),
        metadata=_metadata(body),
    )


def _file_for_training(body: Mapping[str, Any], name: str, parts: ServerParts) -> str:
    file_id = required_text(body, name)
    stored = parts.files.find(file_id)
    if stored is None:
        raise bad_request(f"invalid {name}: {file_id}", name, "file_not_found")
    if stored.purpose != "fine-tune":
        message = f"{name} {file_id} has the purpose '{stored.purpose}'; it must be 'fine-tune'."
        raise bad_request(message, name, "invalid_file_purpose")
    return stored.id


def _hyperparameters(body: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``method``, or of the older top level, with "auto" for what is not given."""
    method = body.get("method")
    label = "hyperparameters"
    given = body.get("hyperparameters")
    if method is not None:
        if not isinstance(method, dict) or not isinstance(method.get("type"), str):
            raise bad_request("'method' must be an object with a 'type'.", "method", "invalid_type")
        if method["type"] != "supervised":
            message = f"The local server trains by the method 'supervised', not {method['type']!r}."
            raise bad_request(message, "method.type", "unsupported_method")
        settings = method.get("supervised") or {}
        if not isinstance(settings, dict):
            raise bad_request("'method.supervised' must be an object.", "method.supervised", "invalid_type")
        given = settings.get("hyperparameters", given)
        label = "method.supervised.hyperparameters"
    if given is None:
        return dict(AUTO)
    if not isinstance(given, dict):
        raise bad_request(f"'{label}' must be an object.", label, "invalid_type")
    refuse_unknown(given, AUTO)
    return {
        "n_epochs": _auto_or(given, "n_epochs", label, least=1, most=50, whole=True),
        "batch_size": _auto_or(given, "batch_size", label, least=1, most=256, whole=True),
        "learning_rate_multiplier": _auto_or(given, "learning_rate_multiplier", label, least=0, most=1000, above=True),
    }


def _auto_or(
    given: Mapping[str, Any],
    name: str,
    label: str,
    *,
    least: float,
    most: float,
    whole: bool = False,
    above: bool = False,
) -> Any:
    if given.get(name, "auto") in ("auto", None):
        return "auto"
    return number(given, name, least=least, most=most, whole=whole, above=above, label=f"{label}.{name}")


def _metadata(body: Mapping[str, Any]) -> dict[str, str] | None:
    given = body.get("metadata")
    if given is None:
        return None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise bad_request("'metadata' must be an object of strings.", "metadata", "invalid_type")
    if len(given) > 16 or any(len(key) > 64 or len(value) > 512 for key, value in given.items()):
        message = "'metadata' holds at most 16 pairs, keys of at most 64 and values of at most 512 characters."
        raise bad_request(message, "metadata", "invalid_value")
    return dict(given)


_JOB: Final = "/v1/fine_tuning/jobs/{job_id}"

ROUTES: Final = [
    Route("/v1/fine_tuning/jobs", create, methods=["POST"]),
    Route("/v1/fine_tuning/jobs", index, methods=["GET"]),
    Route(_JOB, retrieve, methods=["GET"]),
    Route(f"{_JOB}/cancel", cancel, methods=["POST"]),
    Route(f"{_JOB}/events", events, methods=["GET"]),
    Route(f"{_JOB}/checkpoints", checkpoints, methods=["GET"]),
]
