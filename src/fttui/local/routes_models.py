"""``/v1/models``: the base model when it can answer, and what was trained over it."""

from __future__ import annotations

from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fttui.local.errors import ApiError, not_found
from fttui.local.responses import JsonResponse
from fttui.local.state import ServerParts, server_state
from fttui.local.tuned_models import TunedModel, model_object


async def index(request: Request) -> Response:
    """All finished models; empty while the weights are being fetched or loaded. Answers at once in any case."""
    parts = server_state(request)
    base = parts.host.base
    data: list[dict[str, Any]] = []
    if base is not None:
        data = [model_object(base.id, base.since, "fttui"), *(m.as_object() for m in parts.models.of_base(base.id))]
    return JsonResponse({"object": "list", "data": data})


async def retrieve(request: Request) -> Response:
    parts = server_state(request)
    model_id = request.path_params["model_id"]
    base = parts.host.base
    if base is not None and model_id == base.id:
        return JsonResponse(model_object(base.id, base.since, "fttui"))
    model = parts.models.find(model_id)
    if model is None:
        raise not_found("model", model_id)
    return JsonResponse(model.as_object())


async def delete(request: Request) -> Response:
    """Delete a fine-tuned model or a checkpoint, from the disk too; other checkpoints of its job stay.

    What is being answered with it goes on to its end, and models that were trained further from it stay.
    """
    parts = server_state(request)
    model_id = request.path_params["model_id"]
    model = parts.models.find(model_id)
    if model is None:
        base = parts.host.base
        if base is not None and model_id == base.id:
            raise ApiError(403, "The base model cannot be deleted.", param="model", code="not_deletable")
        raise not_found("model", model_id)
    job_id = _job_that_starts_from(model, parts)
    if job_id is not None:
        message = f"The job {job_id} starts from {model_id} and is not over: cancel it, or wait for its end."
        raise ApiError(409, message, param="model", code="model_in_use")
    await run_in_threadpool(parts.models.delete, model)
    parts.host.forget_adapters()
    return JsonResponse({"id": model.id, "object": "model", "deleted": True})


def _job_that_starts_from(model: TunedModel, parts: ServerParts) -> str | None:
    """A job that is not over and needs ``model``."""
    return next((job.id for job in parts.jobs.unfinished() if job.model == model.id), None)


ROUTES: Final = [
    Route("/v1/models", index, methods=["GET"]),
    Route("/v1/models/{model_id:path}", retrieve, methods=["GET"]),
    Route("/v1/models/{model_id:path}", delete, methods=["DELETE"]),
]
