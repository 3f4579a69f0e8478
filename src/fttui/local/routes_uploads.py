"""``/v1/uploads``: a file in parts, for what is too large for one request or for one try."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fttui.local.errors import ApiError, bad_request, disk_refused, not_found
from fttui.local.file_store import StoredFile
from fttui.local.form_upload import form_with_file
from fttui.local.limits import NAME_LIMIT, PART_LIMIT
from fttui.local.parameters import json_object, number, refuse_unknown, required_text
from fttui.local.purposes import first_status, purpose_of, seconds_kept
from fttui.local.responses import JsonResponse
from fttui.local.state import ServerParts, server_state
from fttui.local.upload_store import UPLOAD_BYTES, Part, Upload, UploadRefused

_MD5: Final = re.compile(r"[0-9A-Fa-f]{32}")


async def create(request: Request) -> Response:
    """Begin an upload: ``bytes``, ``filename``, ``mime_type``, ``purpose``."""
    body = await json_object(request)
    refuse_unknown(body, ("bytes", "filename", "mime_type", "purpose", "expires_after"))
    size = number(body, "bytes", least=1, most=UPLOAD_BYTES, whole=True)
    if size is None:
        raise bad_request("Missing required parameter: 'bytes'.", "bytes", "missing_required_parameter")
    purpose = purpose_of(body.get("purpose"))
    upload = await run_in_threadpool(
        server_state(request).uploads.add,
        filename=required_text(body, "filename", most=NAME_LIMIT),
        purpose=purpose,
        mime_type=required_text(body, "mime_type"),
        size=int(size),
        file_expires_after=seconds_kept(body.get("expires_after"), purpose),
    )
    return JsonResponse(upload.as_object())


async def add_part(request: Request) -> Response:
    """Store the ``data`` of a multipart form as a part."""
    upload = await _upload(request)
    async with form_with_file(request, "data", most=PART_LIMIT) as (data, size, _):
        part = await run_in_threadpool(_store_part, server_state(request), upload, data.file, size)
    return JsonResponse(part.as_object())


def _store_part(parts: ServerParts, upload: Upload, source: BinaryIO, size: int) -> Part:
    try:
        return parts.uploads.add_part(upload, source, size)
    except UploadRefused as refused:
        raise _refusal(refused) from refused
    except OSError as error:
        raise disk_refused(error, "The part") from error


async def complete(request: Request) -> Response:
    """Make a file of the parts in the order of ``part_ids``; its ``md5`` may be checked."""
    upload = await _upload(request)
    body = await json_object(request)
    refuse_unknown(body, ("part_ids", "md5"))
    part_ids, md5 = _part_ids(body), _md5(body)
    done, file = await run_in_threadpool(_complete, server_state(request), upload, part_ids, md5)
    return JsonResponse(done.as_object(file))


def _complete(parts: ServerParts, upload: Upload, part_ids: list[str], md5: str | None) -> tuple[Upload, StoredFile]:
    try:
        done, file = parts.uploads.complete(upload, part_ids, md5, first_status(upload.purpose))
        return done, parts.housekeeping.look_at(file)
    except UploadRefused as refused:
        raise _refusal(refused) from refused
    except OSError as error:
        raise disk_refused(error, "The file") from error


async def cancel(request: Request) -> Response:
    """End an upload; its parts go."""
    upload = await _upload(request)
    try:
        cancelled = await run_in_threadpool(server_state(request).uploads.cancel, upload)
    except UploadRefused as refused:
        raise _refusal(refused) from refused
    return JsonResponse(cancelled.as_object())


async def _upload(request: Request) -> Upload:
    upload_id: Any = request.path_params["upload_id"]
    upload = await run_in_threadpool(server_state(request).uploads.find, upload_id)
    if upload is None:
        raise not_found("upload", upload_id, "upload_id")
    return upload


def _part_ids(body: Mapping[str, Any]) -> list[str]:
    value = body.get("part_ids")
    if value is None:
        raise bad_request("Missing required parameter: 'part_ids'.", "part_ids", "missing_required_parameter")
    if not isinstance(value, list) or not all(isinstance(part_id, str) for part_id in value):
        raise bad_request("'part_ids' must be a list of strings.", "part_ids", "invalid_type")
    return value


def _md5(body: Mapping[str, Any]) -> str | None:
    value = body.get("md5")
    if value is None:
        return None
    if not isinstance(value, str) or not _MD5.fullmatch(value):
        raise bad_request("'md5' must be 32 hexadecimal digits.", "md5", "invalid_value")
    return value


def _refusal(refused: UploadRefused) -> ApiError:
    return bad_request(refused.message, refused.param, refused.code)


ROUTES: Final = [
    Route("/v1/uploads", create, methods=["POST"]),
    Route("/v1/uploads/{upload_id}/parts", add_part, methods=["POST"]),
    Route("/v1/uploads/{upload_id}/complete", complete, methods=["POST"]),
    Route("/v1/uploads/{upload_id}/cancel", cancel, methods=["POST"]),
]
