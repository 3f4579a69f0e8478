"""``/v1/fine_tuning/jobs``: create, list, retrieve, cancel, pause, resume, events, checkpoints."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fttui.core.text import one_line
from fttui.local.engines.protocol import Method
from fttui.local.errors import ApiError, bad_request, not_found
from fttui.local.jobs import AUTO, Job, NewJob
from fttui.local.parameters import json_object, number, page_of, refuse_unknown, required_text, text
from fttui.local.responses import JsonResponse, list_page
from fttui.local.state import ServerParts, server_state

_KNOWN: Final = (
    "model", "training_file", "validation_file", "hyperparameters", "method", "suffix", "seed", "metadata",
    "integrations",
)  # fmt: skip
_LARGEST_SEED: Final = 2_147_483_647
_METADATA_PAIRS: Final = 16
_METADATA_KEY: Final = re.compile(r"metadata\[(.+)\]", re.DOTALL)


async def create(request: Request) -> Response:
    """Store a job and put it into the queue."""
    body = await json_object(request)
    parts = server_state(request)
    job = parts.jobs.add(_new_job(body, parts))
    parts.queue.add(job)
    return JsonResponse(job.as_object())


async def index(request: Request) -> Response:
    """The jobs, newest first; ``metadata[key]=value`` filters, ``metadata=null`` finds those without any."""
    page = page_of(request, default=20, most=100)
    jobs = server_state(request).jobs
    if page.after is not None and jobs.find(page.after) is None:
        raise not_found("fine-tuning job", page.after, "after")
    query = request.query_params
    wanted = {m[1]: value for key, value in query.items() if (m := _METADATA_KEY.fullmatch(key))}
    if len(wanted) > _METADATA_PAIRS:
        raise bad_request(
            f"At most {_METADATA_PAIRS} pairs of 'metadata' can be asked for.", "metadata", "invalid_value"
        )
    none_wanted = query.get("metadata") == "null"
    found = jobs.page(limit=page.limit + 1, after=page.after, metadata=None if none_wanted else wanted)
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


async def pause(request: Request) -> Response:
    """Keep a job where it is: it is trained no further until it is resumed."""
    parts = server_state(request)
    job = _job(request)
    if not parts.queue.pause(job):
        raise _wrong_status(parts.jobs.get(job.id), "paused")
    return JsonResponse(parts.jobs.get(job.id).as_object())


async def resume(request: Request) -> Response:
    """Put a paused job back into the queue; it goes on where it was."""
    parts = server_state(request)
    job = _job(request)
    if not parts.queue.resume(job):
        raise _wrong_status(parts.jobs.get(job.id), "resumed")
    return JsonResponse(parts.jobs.get(job.id).as_object())


async def events(request: Request) -> Response:
    """A job's events, newest first; ``after`` leads to older ones."""
    page = page_of(request, default=20, most=1000)
    job, jobs = _job(request), server_state(request).jobs
    if page.after is not None and not jobs.has_event(job.id, page.after):
        raise not_found("event of this job", page.after, "after")
    found = jobs.events(job.id, limit=page.limit + 1, after=page.after)
    return list_page([event.as_object() for event in found[: page.limit]], has_more=len(found) > page.limit)


async def checkpoints(request: Request) -> Response:
    """A job's checkpoints, newest first: one an epoch."""
    page = page_of(request, default=10, most=1000)
    job, jobs = _job(request), server_state(request).jobs
    if page.after is not None and not jobs.has_checkpoint(job.id, page.after):
        raise not_found("checkpoint of this job", page.after, "after")
    found = jobs.checkpoints(job.id, limit=page.limit + 1, after=page.after)
    return list_page([c.as_object() for c in found[: page.limit]], has_more=len(found) > page.limit)


def _job(request: Request) -> Job:
    job_id = request.path_params["job_id"]
    job = server_state(request).jobs.find(job_id)
    if job is None:
        raise not_found("fine-tuning job", job_id, "fine_tuning_job_id")
    return job


def _wrong_status(job: Job, wanted: str) -> ApiError:
    return bad_request(f"Job {job.id} cannot be {wanted}: its status is {job.status}.", code="invalid_job_status")


def _new_job(body: Mapping[str, Any], parts: ServerParts) -> NewJob:
    refuse_unknown(body, _KNOWN)
    if body.get("integrations"):
        raise bad_request("The local server has no integrations.", "integrations", "unsupported_parameter")
    model = required_text(body, "model")
    base = parts.host.base
    tuned = parts.models.find(model)
    if base is not None and model != base.id and (tuned is None or tuned.base != base.id):
        raise not_found("model", model)
    method = _method(body)
    seed = number(body, "seed", least=0, most=_LARGEST_SEED, whole=True)
    return NewJob(
        model=model,
        training_file=_file_for_training(body, "training_file", parts),
        validation_file=_file_for_training(body, "validation_file", parts) if body.get("validation_file") else None,
        suffix=_suffix(body),
        seed=int(seed) if seed is not None else random.randrange(_LARGEST_SEED),
        method=method,
        hyperparameters=_hyperparameters(body, method),
        metadata=_metadata(body),
    )


def _suffix(body: Mapping[str, Any]) -> str | None:
    suffix = text(body, "suffix", most=64)
    if suffix is not None and not suffix.strip():
        raise bad_request("'suffix' must hold more than blanks.", "suffix", "invalid_value")
    return suffix


def _file_for_training(body: Mapping[str, Any], name: str, parts: ServerParts) -> str:
    file_id = required_text(body, name)
    stored = parts.files.find(file_id)
    if stored is None:
        raise bad_request(f"invalid {name}: {file_id}", name, "file_not_found")
    if stored.purpose != "fine-tune":
        message = f"{name} {file_id} has the purpose '{stored.purpose}'; it must be 'fine-tune'."
        raise bad_request(message, name, "invalid_file_purpose")
    return stored.id


def _method(body: Mapping[str, Any]) -> Method:
    given = body.get("method")
    if given is None:
        return "supervised"
    if not isinstance(given, dict) or not isinstance(given.get("type"), str):
        raise bad_request("'method' must be an object with a 'type'.", "method", "invalid_type")
    refuse_unknown(given, ("type", "supervised", "dpo", "reinforcement"), "method")
    for method in AUTO:
        if given["type"] == method:
            for other in given:
                if other not in ("type", method) and given[other] is not None:
                    message = f"'method.{other}' does not go with the method's type '{method}'."
                    raise bad_request(message, f"method.{other}", "invalid_value")
            return method
    message = f"The local server trains by the methods {' and '.join(AUTO)}, not {one_line(repr(given['type']), 40)}."
    raise bad_request(message, "method.type", "unsupported_method")


def _hyperparameters(body: Mapping[str, Any], method: Method) -> dict[str, Any]:
    """Those of ``method``, or of the older top level, with "auto" for what is not given."""
    label, given = "hyperparameters", body.get("hyperparameters")
    if given is not None and method != "supervised":
        message = f"'hyperparameters' are those of the method 'supervised'; use 'method.{method}.hyperparameters'."
        raise bad_request(message, "hyperparameters", "invalid_value")
    settings = (body.get("method") or {}).get(method)
    if settings is not None:
        if not isinstance(settings, dict):
            raise bad_request(f"'method.{method}' must be an object.", f"method.{method}", "invalid_type")
        refuse_unknown(settings, ("hyperparameters",), f"method.{method}")
        older, its_own = given, settings.get("hyperparameters")
        if its_own is not None:
            label, given = f"method.{method}.hyperparameters", its_own
            if older not in (None, its_own):
                message = f"'hyperparameters' and '{label}' are given, and differ; give '{label}' only."
                raise bad_request(message, "hyperparameters", "invalid_value")
    if given is None:
        return dict(AUTO[method])
    if not isinstance(given, dict):
        raise bad_request(f"'{label}' must be an object.", label, "invalid_type")
    refuse_unknown(given, AUTO[method], label)
    chosen = {
        "n_epochs": _auto_or(given, "n_epochs", label, least=1, most=50, whole=True),
        "batch_size": _auto_or(given, "batch_size", label, least=1, most=256, whole=True),
        "learning_rate_multiplier": _auto_or(given, "learning_rate_multiplier", label, least=0, most=1000, above=True),
    }
    if method == "dpo":
        chosen["beta"] = _auto_or(given, "beta", label, least=0, most=2, above=True)
    return chosen


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
    if len(given) > _METADATA_PAIRS or any(len(key) > 64 or len(value) > 512 for key, value in given.items()):
        message = (
            f"'metadata' holds at most {_METADATA_PAIRS} pairs, "
            "keys of at most 64 and values of at most 512 characters."
        )
        raise bad_request(message, "metadata", "invalid_value")
    return dict(given)


_JOB: Final = "/v1/fine_tuning/jobs/{job_id}"

ROUTES: Final = [
    Route("/v1/fine_tuning/jobs", create, methods=["POST"]),
    Route("/v1/fine_tuning/jobs", index, methods=["GET"]),
    Route(_JOB, retrieve, methods=["GET"]),
    Route(f"{_JOB}/cancel", cancel, methods=["POST"]),
    Route(f"{_JOB}/pause", pause, methods=["POST"]),
    Route(f"{_JOB}/resume", resume, methods=["POST"]),
    Route(f"{_JOB}/events", events, methods=["GET"]),
    Route(f"{_JOB}/checkpoints", checkpoints, methods=["GET"]),
]
