"""A shortcut to the routes of the page, past the layers of FastAPI that they do not need."""

from collections.abc import Mapping, Sequence

from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send


class FastRoutes:
    """Passes a request for one of `routes` directly to it, with the app's exception handlers.

    FastAPI's own layers and the routes before it would take a twentieth of a step's time. All
    other requests, such as one with another method of the same path, go to the app as usual.
    """

    def __init__(
        self,
        app: ASGIApp,
        routes: Sequence[Route],
        handlers: Mapping[type[Exception] | int, ExceptionHandler],
    ) -> None:
        self.app = app
        self.routes = {
            (method, route.path): route for route in routes for method in route.methods or ()
        }
        self.with_handlers = ExceptionMiddleware(_handle, handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_http = scope["type"] == "http"
        route = self.routes.get((scope["method"], scope["path"])) if is_http else None
        if route is None:
            return await self.app(scope, receive, send)
        scope["route"], scope["endpoint"] = route, route.endpoint
        await self.with_handlers(scope, receive, send)


async def _handle(scope: Scope, receive: Receive, send: Send) -> None:
    await scope["route"].app(scope, receive, send)
