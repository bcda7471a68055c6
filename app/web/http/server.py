"""Limits that uvicorn lacks: the size of the headers, slow requests and the number of connections.

httptools accepts headers of any size, and uvicorn waits forever for the rest of a request. Each
connection has one timer that checks it now and then, so a request costs no more time.
"""

import asyncio
import logging

from starlette.responses import Response
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from app.settings import Settings
from app.web.http.problems import Problem

log = logging.getLogger(__name__)


class HeadersTooLarge(Exception):
    """The headers of a request exceed the limit."""


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 protocol with limits."""

    # Within which the headers of a request must arrive, and its body within as many again
    # (`BodyLimitMiddleware` answers a slow body sooner); and after which a client that does not
    # read its response is disconnected. 0: no limit.
    seconds: float
    header_bytes: int  # of the request line and headers
    most: int  # connections at once. 0: no limit

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._received = 0  # bytes of the current request
        self._receiving_since: float | None = self.loop.time()
        self._blocked_since: float | None = None  # the client does not read
        self._timer: asyncio.TimerHandle | None = None
        self._running: RequestResponseCycle | None = None
        if self.most and len(self.connections) > self.most:
            transport.abort()
        elif self.seconds:
            self._timer = self.loop.call_later(self.seconds, self._check)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        # Of several pipelined requests uvicorn tells only the last one about the disconnect; the
        # running one would write to a closed connection.
        if self._running is not None:
            self._running.disconnected = True
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._receiving_since is None:
            self._receiving_since = self.loop.time()
        self._received += len(data)
        super().data_received(data)
        if self._received > self.header_bytes and self._in_headers():
            self._reject(431)

    def on_headers_complete(self) -> None:
        # The bytes may include a part of the body, so count the headers exactly.
        if self._received > self.header_bytes:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > self.header_bytes:
                self._reject(431)
                raise HeadersTooLarge  # stops the parser
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_message_complete(self) -> None:
        self._received = 0
        self._receiving_since = None
        super().on_message_complete()

    def pause_writing(self) -> None:
        self._blocked_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._blocked_since = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        self._reject(400)

    def _in_headers(self) -> bool:
        return self.scope is None or "path" not in self.scope

    def _check(self) -> None:
        """Close the connection if the client is too slow; else check again later."""
        now = self.loop.time()
        if self._blocked_since is not None and now - self._blocked_since >= self.seconds:
            return self.transport.abort()
        end = now + self.seconds
        if self._receiving_since is not None:
            end = self._receiving_since + self.seconds * (1 if self._in_headers() else 2)
            if now >= end:
                return self._reject(408) if self._received else self.transport.close()
        self._timer = self.loop.call_later(end - now, self._check)

    def _reject(self, status: int) -> None:
        """Answer with an error, unless a response has started, and close the connection."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_response(status))
        self.transport.close()


_DETAILS = {
    400: "The request could not be read.",
    408: "The request did not arrive in time.",
    431: "The request headers are too large.",
}


def _response(status: int) -> bytes:
    response: Response = Problem(status, _DETAILS[status]).response()
    headers = [
        *response.raw_headers,
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    lines = b"".join(b"%b: %b\r\n" % header for header in headers)
    return STATUS_LINE[status] + lines + b"\r\n" + bytes(response.body)


def protocol(settings: Settings) -> type[LimitedProtocol]:
    """Return the protocol class with the limits in the settings."""
    limits = {
        "seconds": settings.request_seconds,
        "header_bytes": settings.header_bytes,
        "most": settings.connections,
    }
    return type("LimitedProtocol", (LimitedProtocol,), limits)
