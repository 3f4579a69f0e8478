"""``/v1/files``: upload, list, retrieve, content, delete."""

from __future__ import annotations

from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from fttui.local.errors import ApiError, bad_request, not_found
from fttui.local.file_store import StoredFile
from fttui.local.guard import UPLOAD_LIMIT
from fttui.local.parameters import page_of
from fttui.local.responses import JsonResponse, list_page
from fttui.local.state import server_state

PURPOSES: Final = ("fine-tune", "assistants", "batch", "vision", "user_data", "evals")


async def create(request: Request) -> Response:
    """Store the ``file`` of a multipart form for a ``purpose``."""
    async with request.form(max_files=1, max_fields=10) as form:
        unknown = sorted(set(form) - {"file", "purpose"})
        if unknown:
            raise bad_request(f"Unknown parameter: '{unknown[0]}'.", unknown[0], "unknown_parameter")
        upload, purpose = form.get("file"), form.get("purpose")
        if not isinstance(upload, UploadFile):
            raise bad_request("Missing required parameter: 'file'.", "file", "missing_required_parameter")
        if purpose not in PURPOSES:
            raise bad_request(f"'purpose' must be one of {', '.join(PURPOSES)}.", "purpose", "invalid_value")
        if not upload.size:
            raise bad_request("The file is empty.", "file", "empty_file")
        if upload.size > UPLOAD_LIMIT:
            raise ApiError(413, "The file is larger than 512 MB.", param="file", code="file_too_large")
        store = server_state(request).files
        name = (upload.filename or "upload").encode("utf-8", "replace").decode()
        try:
            stored = await run_in_threadpool(store.add, upload.file, filename=name, purpose=str(purpose))
        except OSError as error:
            raise ApiError(507, f"The file cannot be stored: {error.strerror}.", kind="server_error") from error
    return JsonResponse(stored.as_object())


async def index(request: Request) -> Response:
    """The files, newest first unless ``order`` is ``asc``."""
    page = page_of(request, default=10_000, most=10_000)
    order = request.query_params.get("order", "desc")
    if order not in ("asc", "desc"):
        raise bad_request("'order' must be asc or desc.", "order", "invalid_value")
    purpose = request.query_params.get("purpose")
    found = server_state(request).files.page(
        limit=page.limit + 1, after=page.after, purpose=purpose, newest_first=order == "desc"
    )
    return list_page([f.as_object() for f in found[: page.limit]], has_more=len(found) > page.limit)


async def retrieve(request: Request) -> Response:
    return JsonResponse(_file(request).as_object())


async def content(request: Request) -> Response:
    """The bytes as they were uploaded."""
    stored = _file(request)
    return FileResponse(server_state(request).files.path(stored.id), media_type="application/octet-stream")


async def delete(request: Request) -> Response:
    stored = _file(request)
    server_state(request).files.delete(stored.id)
    return JsonResponse({"id": stored.id, "object": "file", "deleted": True})


def _file(request: Request) -> StoredFile:
    file_id: Any = request.path_params["file_id"]
    stored = server_state(request).files.find(file_id)
    if stored is None:
        raise not_found("File object", file_id)
    return stored


ROUTES: Final = [
    Route("/v1/files", create, methods=["POST"]),
    Route("/v1/files", index, methods=["GET"]),
    Route("/v1/files/{file_id}", retrieve, methods=["GET"]),
    Route("/v1/files/{file_id}", delete, methods=["DELETE"]),
    Route("/v1/files/{file_id}/content", content, methods=["GET"]),
]
