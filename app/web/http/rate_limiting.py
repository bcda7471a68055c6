"""Rate limits by client address."""

from functools import lru_cache
from ipaddress import IPv4Address, ip_address

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.sessions.rate_limits import RateLimitExceeded
from app.sessions.service import Change, Claim, Press, Session
from app.simulation.simulation import Simulation
from app.web.http.middleware import FREE
from app.web.http.problems import answer

PREFIX = 64  # bits of an IPv6 address that name a network; its client chooses the others


class RateLimitMiddleware:
    """Rejects requests of a client that has sent too many (429).

    `Sessions` limits the requests to a single session.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(FREE):
            try:
                await scope["app"].state.rate_limits.client.spend(client_of(scope))
            except RateLimitExceeded as error:
                response = await answer(Request(scope), error)
                return await response(scope, receive, send)
        await self.app(scope, receive, send)


async def create_session(
    request: Request,
    simulation: Simulation,
    change: Change | None = None,
    press: Press | None = None,
    claim: Claim | None = None,
) -> Session:
    """Create a session, with a first change if given, as `Sessions.create` does.

    Raises:
        RateLimitExceeded: the client has created too many.
        CapacityReached: the server has.
    """
    state = request.app.state
    await state.rate_limits.begun.spend(client_of(request.scope))
    session: Session = await state.sessions.create(simulation, change, press, claim)
    return session


def client_of(scope: Scope) -> str:
    """Return the network that a request comes from.

    If it came through a trusted proxy, uvicorn has put the forwarded address in the scope.
    """
    client = scope.get("client")
    return client_network(client[0]) if client else "local"  # a Unix socket has no address


@lru_cache(maxsize=4096)
def client_network(host: str) -> str:
    """Return an IPv4 address as it is and the network of an IPv6 address."""
    try:
        address = ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return f"{int(address) >> 128 - PREFIX:x}/{PREFIX}"
