"""What every request passes, as plain ASGI: a few microseconds each.

They never read a body ahead, and never hold an answer back.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.errors import METHODS, Problem

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
BODY_LIMIT = 64 * 1024  # bytes


class Outermost:
    """Puts the security headers on every answer, and makes one where the app failed.

    Starlette's own last resort lies outside of all middleware, so it would answer without them.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = [(name.lower().encode(), text.encode()) for name, text in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*self.headers, *_cached(message["headers"])]
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except ClientDisconnect:
            return  # nobody is there to be answered, and nothing went wrong here
        except Exception:
            if not started:
                failed = Problem(500, "The server made a mistake.").response()
                await failed(scope, receive, send_with_headers)
            raise  # to the server's log


def _cached(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer; what does not say how long it may be kept, may not be."""
    if any(name == b"cache-control" for name, _ in headers):
        return headers
    return [*headers, (b"cache-control", b"no-store")]


class Counted:
    """Counts the answers by (method, route's template, status) into a counter."""

    def __init__(self, app: ASGIApp, counts: Counter[tuple[str, str, int]]) -> None:
        self.app = app
        self.counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        method = scope["method"] if scope["method"] in METHODS else "other"

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                template = getattr(scope.get("route"), "path", "none")
                self.counts[method, template, message["status"]] += 1
            await send(message)

        await self.app(scope, receive, send_and_count)


class SameOrigin:
    """Refuses changes that another site makes a browser ask for (403).

    Browsers say where a request comes from: in Sec-Fetch-Site, or, on plain http, only in Origin.
    What says neither is not a browser, and carries no cookie of one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        unsafe = scope["type"] == "http" and scope["method"] not in SAFE
        if unsafe and cross_site(Headers(scope=scope)):
            refusal = Problem(403, "A change cannot be asked for from another site.").response()
            return await refusal(scope, receive, send)
        await self.app(scope, receive, send)


def cross_site(headers: Headers) -> bool:
    """Whether the headers say that a request comes from another origin than it goes to."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and _host(origin) != _host(headers.get("host", ""))


def _host(origin: str) -> str:
    """host:port of an Origin or a Host.

    The scheme does not count, nor a default port: a proxy that ends TLS changes both.
    """
    host = origin.rpartition("://")[2].lower()
    return host.removesuffix(":80").removesuffix(":443")


class Limited:
    """Refuses bodies over the limit (413): at once by their stated length, else as they come.

    What does not come within `patience` seconds is refused (408), and the connection closed; 0 is
    to wait for ever.
    """

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT, patience: float = 0) -> None:
        self.app = app
        self.limit = limit
        self.patience = patience or None
        self.detail = f"The body is limited to {limit:,} bytes."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            return await self.app(scope, receive, send)
        stated = Headers(scope=scope).get("content-length", "")
        if stated.isdecimal() and int(stated[:20]) > self.limit:
            refusal = Problem(413, self.detail).response()
            return await refusal(scope, receive, send)
        received, complete = 0, False
        until: float | None = None

        async def receive_counted() -> Message:
            nonlocal received, complete, until
            if complete or not self.patience:
                message = await receive()  # after its body, a request may wait for its end
            else:
                until = until or asyncio.get_running_loop().time() + self.patience
                message = await _in_time(receive, until)
                complete = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > self.limit:
                # Raised where the body is read, and answered like any other refusal.
                raise HTTPException(413, self.detail)
            return message

        await self.app(scope, receive_counted, send)


async def _in_time(receive: Receive, until: float) -> Message:
    try:
        async with asyncio.timeout_at(until):
            return await receive()
    except TimeoutError:
        close = {"Connection": "close"}
        raise HTTPException(408, "The body did not come in time.", headers=close) from None
