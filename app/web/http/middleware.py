"""Plain ASGI middleware, a few microseconds each.

None of it reads a body in advance or buffers a response.
"""

import asyncio
from collections.abc import Callable, Mapping
from logging import DEBUG, INFO, getLogger
from random import Random
from re import compile
from threading import Event
from time import perf_counter
from typing import cast
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn._types import ASGI3Application
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.backprop.errors import N_
from app.logs import ACCESS, request_id
from app.view.rendering.urls import EMBED, url
from app.web.http.headers import headers_of
from app.web.http.metrics import Metrics
from app.web.http.problems import METHODS, Problem, respond
from app.web.http.security import OF_DOCUMENTS

access = getLogger(ACCESS)

ACCESS_LINE = "%(method)s %(route)s %(status)s %(ms)s ms"
PROBES = ("/healthz", "/readyz", "/metrics")
FREE = ("/static/", *PROBES)  # of checks: monitoring must always work, and files are public
REQUEST_ID = compile(r"[A-Za-z0-9._=-]{1,64}")
random_bits = Random().getrandbits  # for request ids, which are no secret
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
BODY_LIMIT = 64 * 1024  # bytes
TOO_LARGE = "The request body must be at most 65,536 bytes."  # BODY_LIMIT
TOO_SLOW = N_("The request body did not arrive in time.")
OTHER_HOST = N_("This server is not available under this address.")
OTHER_SITE = N_("Changes from another site are not allowed.")


class RequestContextMiddleware:
    """Gives each request an id, adds headers to its response, logs it and counts it.

    It also answers 500 if the app fails: Starlette's own handler is outside all middleware, so its
    response would lack the headers and would not be counted. This is a single layer because every
    layer that inspects the response costs a step a microsecond or two.
    """

    def __init__(
        self,
        app: ASGIApp,
        headers: Mapping[str, str],
        headers_in_frames: Mapping[str, str],
        metrics: Metrics,
        stopping: Event,
        trusted: str = "",
    ) -> None:
        self.app = app
        self.headers = _encoded(headers)
        self.headers_in_frames = _encoded(headers_in_frames)
        others = {name: text for name, text in headers.items() if name not in OF_DOCUMENTS}
        self.headers_for_scripts = _encoded(others)
        self.metrics = metrics
        self.stopping = stopping
        self.trusts: Callable[[str | None], bool] | None = None
        if trusted:
            # Not in the server, which would hide the address of the proxy.
            proxied = ProxyHeadersMiddleware(cast(ASGI3Application, app), trusted)
            self.app, self.trusts = cast(ASGIApp, proxied), proxied.trusted_hosts.__contains__

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = perf_counter()
        status = 0
        id = self._id(scope)
        request_id.set(id)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                is_read = "hx-request" in headers_of(scope)
                headers = self.headers_for_scripts if is_read else self.headers
                if scope["path"].startswith(EMBED) and not is_read:
                    headers = self.headers_in_frames
                given = _with_cache_control(message["headers"])
                message["headers"] = [*headers, (b"x-request-id", id.encode()), *given]
                if self.stopping.is_set():  # or a kept connection would be cut
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except ClientDisconnect:
            return  # there is no client left to answer
        except Exception:
            if not status:
                failed = Problem(500, "The server encountered an error.").response()
                await failed(scope, receive, send_with_headers)
            raise  # so that the server logs it
        finally:
            if status:
                self._record(scope, status, perf_counter() - started)

    def _id(self, scope: Scope) -> str:
        """Return the request id: a trusted proxy's if it is valid, else a new one."""
        if self.trusts is not None and self.trusts((scope.get("client") or ("",))[0]):
            given = headers_of(scope).get("x-request-id", "")
            if REQUEST_ID.fullmatch(given):
                return given
        return f"{random_bits(64):016x}"

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        template = self.metrics.template(scope)
        self.metrics.record_request(scope["method"], template, status, seconds)
        # Probes come every few seconds: log them only if they fail.
        level = DEBUG if template in PROBES and status < 400 else INFO
        if access.isEnabledFor(level):
            method = scope["method"] if scope["method"] in METHODS else "other"
            ms = round(seconds * 1000, 3)
            values = {"method": method, "route": template, "status": status, "ms": ms}
            # Like access.log, but without looking up the caller: half the cost.
            access.handle(access.makeRecord(ACCESS, level, "", 0, ACCESS_LINE, (values,), None))


class BasePathMiddleware:
    """Takes the path under which the app is served off the path of each request.

    A request without it is served as well: some proxies take it off themselves. Only the probes have
    no place below it, where they would be open to everybody.
    """

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self.app = app
        self.base_path = base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(self.base_path):
            path = scope["path"][len(self.base_path) :]
            if not path:
                query = scope["query_string"].decode("latin-1")
                response = RedirectResponse(url("/") + (query and f"?{query}"), 308)
                return await response(scope, receive, send)
            if path[0] == "/" and path not in PROBES:
                scope["path"] = path
        await self.app(scope, receive, send)


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), text.encode()) for name, text in headers.items()]


def _with_cache_control(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers, with `no-store` unless they say how the response may be cached."""
    if any(name == b"cache-control" for name, _ in headers):
        return headers
    return [*headers, (b"cache-control", b"no-store")]


class OriginMiddleware:
    """Rejects requests for a host that is not allowed (400), and unsafe ones of other sites (403).

    A site can point its own name at this server, so that a browser takes both for one origin; only
    the allowed hosts tell them apart. Probes name any host. Static files are public, and the page
    that says so needs them.

    Browsers name the origin of a request in Sec-Fetch-Site, or, on plain http, only in Origin. A
    client that sends neither is not a browser and has no cookie of one.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: str = "*") -> None:
        self.app = app
        self.any_host = allowed_hosts == "*"
        patterns = [host.strip(" []").lower() for host in allowed_hosts.split(",")]
        self.hosts = frozenset(patterns)
        self.domains = tuple(host[1:] for host in patterns if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        problem = None
        if not (self.any_host or scope["path"].startswith(FREE) or self._allowed(scope)):
            problem = Problem(400, OTHER_HOST)
        elif scope["method"] not in SAFE and cross_site(headers_of(scope)):
            problem = Problem(403, OTHER_SITE)
        if problem is not None:
            response = await respond(Request(scope), problem)
            return await response(scope, receive, send)
        await self.app(scope, receive, send)

    def _allowed(self, scope: Scope) -> bool:
        name, _ = _host("//" + headers_of(scope).get("host", "")) or ("", None)
        return name in self.hosts or name.endswith(self.domains)


def cross_site(headers: Mapping[str, str]) -> bool:
    """Whether a browser sent the request on behalf of another origin."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    if "origin" not in headers:
        return False
    origin = _host(headers["origin"])
    return origin is None or origin != _host("//" + headers.get("host", ""))


def _host(url: str) -> tuple[str, int | None] | None:
    """Return the host and port of a URL that consists of nothing else; None for other texts.

    Scheme and default port are left out: a proxy that terminates TLS changes both.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or "@" in parts.netloc or any(parts[2:]):
        return None
    return host, None if port in (80, 443) else port


class BodyLimitMiddleware:
    """Rejects bodies over BODY_LIMIT (413), by their Content-Length or while they arrive.

    A body that does not arrive within `patience` seconds is answered with 408 and the connection
    is closed. 0 waits forever.
    """

    def __init__(self, app: ASGIApp, patience: float = 0) -> None:
        self.app = app
        self.patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            return await self.app(scope, receive, send)
        headers = headers_of(scope)
        if has_no_body(headers):
            return await self.app(scope, receive, send)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > BODY_LIMIT:
            response = await respond(Request(scope), Problem(413, TOO_LARGE))
            return await response(scope, receive, send)
        received, complete = 0, False
        deadline = asyncio.get_running_loop().time() + self.patience if self.patience else None

        async def receive_bounded() -> Message:
            nonlocal received, complete
            if complete:
                return await receive()  # for as long as the client stays connected
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, TOO_SLOW, headers={"Connection": "close"}) from None
            complete = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > BODY_LIMIT:
                # Raised where the app reads the body, and handled like its other errors.
                raise HTTPException(413, TOO_LARGE)
            return message

        await self.app(scope, receive_bounded, send)


def has_no_body(headers: Mapping[str, str]) -> bool:
    """Whether the headers of a request announce no body."""
    return headers.get("content-length", "0") in ("", "0") and "transfer-encoding" not in headers
