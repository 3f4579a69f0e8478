"""The ASGI application: the routes behind the guard."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware

from fttui.local import routes_chat, routes_files, routes_jobs, routes_models, routes_server
from fttui.local.errors import HANDLERS
from fttui.local.guard import Activity, Guard
from fttui.local.state import ServerParts


def build_app(parts: ServerParts, *, token: str, activity: Activity) -> Starlette:
    """The application over ``parts``, for who knows ``token``."""
    app = Starlette(
        routes=[
            *routes_files.ROUTES,
            *routes_jobs.ROUTES,
            *routes_models.ROUTES,
            *routes_chat.ROUTES,
            *routes_server.ROUTES,
        ],
        middleware=[Middleware(Guard, token=token, activity=activity)],
        exception_handlers=dict(HANDLERS),
    )
    app.state.parts = parts
    return app
