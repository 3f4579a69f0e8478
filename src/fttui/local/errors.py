"""Errors as OpenAI shapes them: ``{"error": {"message", "type", "param", "code"}}``."""

from __future__ import annotations

import logging
import sqlite3
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from fttui.core.errors import FttuiError
from fttui.core.text import one_line
from fttui.local.disk_full import HINT, is_disk_full
from fttui.local.responses import JsonResponse

log = logging.getLogger(__name__)

_NAME_SHOWN: Final = 200
_AFTER_S: Final = "5"
"""Seconds until one who was refused for want of room is to try again."""
_NEVER_AGAIN: Final = (409, 507)
"""The SDK tries these again by itself, as it does all of 409 and from 500 on; they stay as they are."""


class ApiError(Exception):
    """A refusal that the client is told.

    Attributes:
        status: The HTTP status.
        message: What is wrong, as a sentence.
        param: The parameter that is to blame, if one is.
        code: OpenAI's word for it, for programs.
        kind: OpenAI's ``type``.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code
        self.kind = kind

    def body(self) -> dict[str, object]:
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}

    def response(self) -> Response:
        headers = {"x-should-retry": "false"} if self.status in _NEVER_AGAIN else {}
        if self.status == 429:
            headers["retry-after"] = _AFTER_S
        if self.status == 408:  # the rest of the request may come yet; nobody waits for it
            headers["connection"] = "close"
        return JsonResponse(self.body(), status_code=self.status, headers=headers)


def bad_request(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    return ApiError(400, message, param=param, code=code)


def not_found(kind: str, name: object, param: str = "id") -> ApiError:
    """No such file, job or model."""
    name = one_line(str(name), _NAME_SHOWN)
    if kind == "model":
        return ApiError(
            404, f"The model `{name}` does not exist on this server.", param="model", code="model_not_found"
        )
    return ApiError(404, f"No such {kind}: {name}", param=param)


def unavailable(message: str) -> ApiError:
    """The model cannot answer now; the SDK tries such a request again by itself."""
    return ApiError(503, message, code="model_not_ready", kind="server_error")


def disk_refused(error: OSError, what: str) -> ApiError:
    """``what`` ("The file") cannot be stored: the disk is full, or something else is wrong with it."""
    if is_disk_full(error):
        message = f"{what} cannot be stored: the disk of the local server is full. {HINT}"
        return ApiError(507, message, code="disk_full", kind="server_error")
    log.error("%s could not be stored: %s", what, error)
    reason = error.strerror or type(error).__name__
    return ApiError(500, f"{what} cannot be stored: {reason}.", code="disk_error", kind="server_error")


async def on_api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error.response()


def _not_here(path: str) -> str:
    """What to use instead of a part of OpenAI's that this server has not; nothing for other paths."""
    if path.startswith("/v1/responses"):
        return "The local server has no Responses API: use /v1/chat/completions."
    if path.startswith(("/v1/embeddings", "/v1/batches", "/v1/images", "/v1/audio", "/v1/moderations")):
        return (
            f"The local server has no {path}: it has files, fine-tuning jobs, models, chat completions and completions."
        )
    return ""


async def on_http_error(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no such path, wrong method, malformed form) in OpenAI's shape."""
    assert isinstance(error, HTTPException)
    message = error.detail
    if error.status_code in (404, 405):
        message = (
            _not_here(request.url.path) or f"Invalid URL ({request.method} {one_line(request.url.path, _NAME_SHOWN)})"
        )
    return ApiError(error.status_code, message).response()


async def on_fttui_error(_request: Request, error: Exception) -> Response:
    log.error("A request failed: %s", error)
    return ApiError(500, str(error), kind="server_error").response()


async def on_database_error(_request: Request, error: Exception) -> Response:
    """SQLite says no: the disk is full, or another program holds the database."""
    log.error("The database failed: %s", error)
    said = str(error)
    if "locked" in said:
        message = "Another program is holding the local server's database; try again."
        return ApiError(503, message, code="database_locked", kind="server_error").response()
    is_full = is_disk_full(error)
    advice = f" Its disk is full. {HINT}" if is_full else ""
    message = f"The local server's database cannot be used: {said}.{advice}"
    return ApiError(507 if is_full else 500, message, code="database_error", kind="server_error").response()


async def on_disk_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, OSError)
    return disk_refused(error, "What was sent").response()


async def on_client_gone(_request: Request, _error: Exception) -> Response:
    """The client left before its request had arrived; nobody reads this."""
    return ApiError(400, "The request ended too early.").response()


async def on_any_error(_request: Request, error: Exception) -> Response:
    """A defect of ours: the details go to the log (starlette logs the traceback), a sentence to the client."""
    message = f"The local server failed on this request ({type(error).__name__}); its log has the details."
    return ApiError(500, message, kind="server_error").response()


HANDLERS = {
    ApiError: on_api_error,
    HTTPException: on_http_error,
    FttuiError: on_fttui_error,
    sqlite3.Error: on_database_error,
    OSError: on_disk_error,
    ClientDisconnect: on_client_gone,
    Exception: on_any_error,
}
