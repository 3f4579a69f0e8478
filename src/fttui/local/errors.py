"""Errors as OpenAI shapes them: ``{"error": {"message", "type", "param", "code"}}``."""

from __future__ import annotations

import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from fttui.core.errors import FttuiError
from fttui.local.responses import JsonResponse

log = logging.getLogger(__name__)


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
        return JsonResponse(self.body(), status_code=self.status)


def bad_request(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    return ApiError(400, message, param=param, code=code)


def not_found(kind: str, name: object, param: str = "id") -> ApiError:
    """No such file, job or model."""
    if kind == "model":
        return ApiError(
            404, f"The model `{name}` does not exist on this server.", param="model", code="model_not_found"
        )
    return ApiError(404, f"No such {kind}: {name}", param=param)


def unavailable(message: str) -> ApiError:
    """The model cannot answer now; the SDK tries such a request again by itself."""
    return ApiError(503, message, code="model_not_ready", kind="server_error")


async def on_api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error.response()


async def on_http_error(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no such path, wrong method, malformed form) in OpenAI's shape."""
    assert isinstance(error, HTTPException)
    message = error.detail
    if error.status_code in (404, 405):
        message = f"Invalid URL ({request.method} {request.url.path})"
    return ApiError(error.status_code, message).response()


async def on_fttui_error(_request: Request, error: Exception) -> Response:
    log.error("A request failed: %s", error)
    return ApiError(500, str(error), kind="server_error").response()


async def on_any_error(_request: Request, error: Exception) -> Response:
    """A defect of ours: the details go to the log (starlette logs the traceback), a sentence to the client."""
    message = f"The local server failed on this request ({type(error).__name__}); its log has the details."
    return ApiError(500, message, kind="server_error").response()


HANDLERS = {
    ApiError: on_api_error,
    HTTPException: on_http_error,
    FttuiError: on_fttui_error,
    Exception: on_any_error,
}
