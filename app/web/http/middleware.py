"""What every request passes, as plain ASGI: a few microseconds each.

They never read a body ahead, and never hold an answer back.
"""

import asyncio
from collections.abc import Callable, Mapping
from logging import DEBUG, INFO, getLogger
from random import Random
from re import compile
from threading import Event
from time import perf_counter
from typing import cast

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn._types import ASGI3Application
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.logs import ACCESS, request_id
from app.web.http.metrics import Metrics
from app.web.http.problems import METHODS, Problem

access = getLogger(ACCESS)

ACCESS_LINE = "%(method)s %(route)s %(status)s %(ms)s ms"
PROBES = ("/healthz", "/readyz", "/metrics")
REQUEST_ID = compile(r"[A-Za-z0-9._=-]{1,64}")
random_bits = Random().getrandbits  # tells requests apart, and guards nothing
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
BODY_LIMIT = 64 * 1024  # bytes


class RequestContextMiddleware:
    """Names each request, puts the headers on its answer, and says what became of it.

    It makes an answer where the app failed: Starlette's own last resort lies outside of all
    middleware, so it would answer without the headers, and uncounted. One layer for all of this,
    because each that looks at the answer costs a step a microsecond or two.
    """

    def __init__(
        self,
        app: ASGIApp,
        headers: Mapping[str, str],
        metrics: Metrics,
        stopping: Event,
        trusted: str = "",
    ) -> None:
        self.app = app
        self.headers = [(name.lower().encode(), text.encode()) for name, text in headers.items()]
        self.metrics = metrics
        self.stopping = stopping
        self.trusts: Callable[[str | None], bool] | None = None
        if trusted:
            # In here and not in the server, which would hide who sent the request to us.
            proxied = ProxyHeadersMiddleware(cast(ASGI3Application, app), trusted)
            self.app, self.trusts = cast(ASGIApp, proxied), proxied.trusted_hosts.__contains__

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun = perf_counter()
        status = 0
        id = self._id(scope)
        request_id.set(id)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                named = (b"x-request-id", id.encode())
                message["headers"] = [*self.headers, named, *_cached(message["headers"])]
                if self.stopping.is_set():  # a connection that is kept would be cut in the end
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except ClientDisconnect:
            return  # nobody is there to be answered, and nothing went wrong here
        except Exception:
            if not status:
                failed = Problem(500, "The server made a mistake.").response()
                await failed(scope, receive, send_with_headers)
            raise  # to the server's log
        finally:
            if status:
                self._tell(scope, status, perf_counter() - begun)

    def _id(self, scope: Scope) -> str:
        """What a trusted proxy calls the request, if that can be a name; else a name of our own."""
        if self.trusts is not None and self.trusts((scope.get("client") or ("",))[0]):
            given = Headers(scope=scope).get("x-request-id", "")
            if REQUEST_ID.fullmatch(given):
                return given
        return f"{random_bits(64):016x}"

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        template = self.metrics.template(scope)
        self.metrics.answered(scope["method"], template, status, seconds)
        # Whoever asks every few seconds whether all is well is only told of when it is not.
        level = DEBUG if template in PROBES and status < 400 else INFO
        if access.isEnabledFor(level):
            method = scope["method"] if scope["method"] in METHODS else "other"
            ms = round(seconds * 1000, 3)
            told = {"method": method, "route": template, "status": status, "ms": ms}
            # As access.log does, but for looking up where in the code it is said: half the cost.
            access.handle(access.makeRecord(ACCESS, level, "", 0, ACCESS_LINE, (told,), None))


def _cached(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer; what does not say how long it may be kept, may not be."""
    if any(name == b"cache-control" for name, _ in headers):
        return headers
    return [*headers, (b"cache-control", b"no-store")]


class SameOriginMiddleware:
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


class BodyLimitMiddleware:
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
        headers = Headers(scope=scope)
        if has_no_body(headers):
            return await self.app(scope, receive, send)  # nothing to wait for
        stated = headers.get("content-length", "")
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


def has_no_body(headers: Headers) -> bool:
    """Whether a request announces no body: HTTP then has none."""
    return headers.get("content-length", "0") in ("", "0") and "transfer-encoding" not in headers


async def _in_time(receive: Receive, until: float) -> Message:
    try:
        async with asyncio.timeout_at(until):
            return await receive()
    except TimeoutError:
        close = {"Connection": "close"}
        raise HTTPException(408, "The body did not come in time.", headers=close) from None
