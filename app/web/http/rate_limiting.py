"""Whom a request is counted for, and what is allowed to each."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.sessions.rate_limits import RateLimitExceeded
from app.sessions.service import Change, Session
from app.simulation.simulation import Simulation
from app.web.http.problems import answer

# What watches the server must not be told to wait, and files cost next to nothing.
FREE = ("/static/", "/healthz", "/readyz", "/metrics")
PREFIX = 64  # bits of an IPv6 address that belong to one household


class RateLimitMiddleware:
    """Refuses requests of a client address that has asked too often (429).

    What is asked of one session is counted where sessions are found; see `Sessions`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(FREE):
            try:
                await scope["app"].state.allowances.client.spend(client_of(scope))
            except RateLimitExceeded as error:
                refusal = await answer(Request(scope), error)
                return await refusal(scope, receive, send)
        await self.app(scope, receive, send)


async def create_session(
    request: Request, simulation: Simulation, change: Change | None = None
) -> Session:
    """A new session, for a client that may begin one.

    Raises:
        TooMany: where it has begun too many.
    """
    state = request.app.state
    await state.allowances.begun.spend(client_of(request.scope))
    session: Session = await state.sessions.create(simulation, change)
    return session


def client_of(scope: Scope) -> str:
    """Whom a request comes from, as far as the address tells.

    uvicorn has put a forwarded address in its place, where the proxy is trusted.
    """
    client = scope.get("client")
    return client_network(client[0]) if client else "local"  # a Unix socket has no address


@lru_cache(maxsize=4096)
def client_network(host: str) -> str:
    """An IPv4 address, or the network of an IPv6 address, of which a client has as many as it likes."""
    try:
        address: IPv4Address | IPv6Address | None = ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        if mapped is None:
            return f"{int(address) >> 128 - PREFIX:x}/{PREFIX}"
        address = mapped
    return str(address)
