"""The routes below `/n/{id}`, which name the network that they are about."""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from app.view.rendering.urls import base_of

PREFIX = base_of("")
FOUND = "backstep.route"  # in a scope: the route that fits


def under_network(routes: Iterable[BaseRoute]) -> list[Route]:
    """Return these routes as routes of a network, but for the first page."""
    return [
        Route(base_of("{id}") + route.path, route.endpoint, methods=route.methods)
        for route in routes
        if isinstance(route, Route) and route.path != "/"
    ]


class NetworkRoutes(BaseRoute):
    """All of these routes in one, which a request for anything else passes at little cost."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = list(routes)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            return Match.NONE, {}
        partial: tuple[Match, Scope] = Match.NONE, {}
        for route in self.routes:
            match, found = route.matches(scope)
            if match is not Match.NONE:
                if match is Match.FULL:
                    return match, {**found, FOUND: route}
                partial = match, {**found, FOUND: route}
        return partial

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        route: Route = scope[FOUND]
        scope["route"] = route  # whose path metrics and logs name
        await route.handle(scope, receive, send)
