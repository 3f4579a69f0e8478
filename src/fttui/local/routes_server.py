"""What is not of OpenAI's protocol: how the server does, and stopping it. Outside ``/v1``, under the same token."""

from __future__ import annotations

import os
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fttui.local.responses import JsonResponse
from fttui.local.state import server_state


async def status(request: Request) -> Response:
    """``state`` is ``preparing``, ``ready`` once the base model can answer, or ``failed``; ``message`` says more."""
    host = server_state(request).host
    return JsonResponse({"pid": os.getpid(), "state": host.state, "message": host.message})


async def stop(request: Request) -> Response:
    """Stop the server after this answer."""
    return JsonResponse({"stopping": True}, background=BackgroundTask(server_state(request).stop))


ROUTES: Final = [
    Route("/fttui/status", status, methods=["GET"]),
    Route("/fttui/stop", stop, methods=["POST"]),
]
