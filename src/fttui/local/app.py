"""The ASGI application: the routes behind the guard."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.types import ASGIApp

from fttui.local import (
    routes_chat,
    routes_completions,
    routes_files,
    routes_jobs,
    routes_models,
    routes_server,
    routes_uploads,
)
from fttui.local.errors import HANDLERS
from fttui.local.guard import Activity, Guard
from fttui.local.state import ServerParts


def build_app(parts: ServerParts, *, token: str, admits: Callable[[str], bool], activity: Activity) -> ASGIApp:
    """The application over ``parts``, for who knows ``token`` and calls it by a name that it ``admits``."""
    app = Starlette(
        routes=[
            *routes_files.ROUTES,
            *routes_uploads.ROUTES,
            *routes_jobs.ROUTES,
            *routes_models.ROUTES,
            *routes_chat.ROUTES,
            *routes_completions.ROUTES,
            *routes_server.ROUTES,
        ],
        exception_handlers=dict(HANDLERS),
    )
    app.state.parts = parts
    return Guard(app, token=token, admits=admits, activity=activity)
