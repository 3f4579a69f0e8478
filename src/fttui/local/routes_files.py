"""``/v1/files``: upload, list, retrieve, content, delete."""

from __future__ import annotations

from typing import Any, BinaryIO, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from fttui.local.errors import ApiError, bad_request, disk_refused, not_found
from fttui.local.file_store import StoredFile
from fttui.local.form_upload import form_with_file
from fttui.local.limits import NAME_LIMIT, UPLOAD_LIMIT
from fttui.local.parameters import page_of
from fttui.local.purposes import expiry_of_form, first_status, purpose_of, seconds_kept
from fttui.local.responses import JsonResponse, list_page
from fttui.local.state import ServerParts, server_state

_FIELDS: Final = ("purpose", "expires_after[anchor]", "expires_after[seconds]")


async def create(request: Request) -> Response:
    """Store the ``file`` of a multipart form for a ``purpose``."""
    async with form_with_file(request, "file", most=UPLOAD_LIMIT, others=_FIELDS) as (upload, _, form):
        purpose = purpose_of(form.get("purpose"))
        kept = seconds_kept(expiry_of_form(form), purpose)
        name = (upload.filename or "upload").encode("utf-8", "replace").decode()
        if len(name) > NAME_LIMIT:
            message = f"The file's name must be at most {NAME_LIMIT} characters long, not {len(name)}."
            raise bad_request(message, "file", "invalid_value")
        parts = server_state(request)
        stored = await run_in_threadpool(_store, parts, upload.file, name, purpose, kept)
    return JsonResponse(stored.as_object())


def _store(parts: ServerParts, source: BinaryIO, name: str, purpose: str, kept: int | None) -> StoredFile:
    try:
        stored = parts.files.add(
            source, filename=name, purpose=purpose, expires_after=kept, status=first_status(purpose)
        )
        return parts.housekeeping.look_at(stored)
    except OSError as error:
        raise disk_refused(error, "The file") from error


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
    if found is None:
        raise not_found("File object", page.after, "after")
    return list_page([f.as_object() for f in found[: page.limit]], has_more=len(found) > page.limit)


async def retrieve(request: Request) -> Response:
    return JsonResponse(_file(request).as_object())


async def content(request: Request) -> Response:
    """The bytes as they were uploaded."""
    stored = _file(request)
    path = server_state(request).files.path(stored.id)
    if not path.is_file():
        message = f"The bytes of {stored.id} are not on the disk any more: somebody has removed them."
        raise ApiError(404, message, param="file_id", code="content_missing")
    return FileResponse(path, media_type="application/octet-stream")


async def delete(request: Request) -> Response:
    """Delete a file. A job that needs it and is not over keeps its bytes until then."""
    stored = _file(request)
    await run_in_threadpool(server_state(request).files.delete, stored.id)
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
