"""The limits on connections that uvicorn lacks, for `python -m app`.

docs/decisions/057 names the gaps. Each connection has one timer that checks it now and then, so a
request costs no more time.
"""

import asyncio

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from app.settings import Settings
from app.web.http.joined_writes import JoinedWrites
from app.web.http.problems import Problem

_DETAILS = {
    400: "The request could not be read.",
    408: "The request did not arrive in time.",
    431: "The request headers are too large.",
}
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Connection": "close"}


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 protocol with limits.

    The headers of a request must arrive within `request_seconds`, and its body within as many
    again. `BodyLimitMiddleware` answers a slow body sooner, but only if the app reads it. A client
    that does not read its response for so long is disconnected.
    """

    settings: Settings

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.transport = JoinedWrites(transport, self.loop)
        self._received = 0  # bytes of the current request
        self._receiving_since: float | None = self.loop.time()
        self._blocked_since: float | None = None  # the client does not read
        self._timer: asyncio.TimerHandle | None = None
        self._running: RequestResponseCycle | None = None
        if 0 < self.settings.connections < len(self.connections):
            transport.abort()
        elif self.settings.request_seconds:
            self._timer = self.loop.call_later(self.settings.request_seconds, self._check)

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
        if self._received > self.settings.header_bytes and self._in_headers():
            self._reject(431)

    def on_headers_complete(self) -> None:
        # The bytes may include a part of the body, so count the headers exactly.
        if self._received > self.settings.header_bytes:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > self.settings.header_bytes:
                self._reject(431)
                raise ValueError(_DETAILS[431])  # stops the parser
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
        now, seconds = self.loop.time(), self.settings.request_seconds
        if self._blocked_since is not None and now - self._blocked_since >= seconds:
            return self.transport.abort()
        end = now + seconds
        if self._receiving_since is not None:
            end = self._receiving_since + seconds * (1 if self._in_headers() else 2)
            if now >= end:
                return self._reject(408) if self._received else self.transport.close()
        self._timer = self.loop.call_later(end - now, self._check)

    def _reject(self, status: int) -> None:
        """Answer with an error, unless a response has started, and close the connection."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            response = Problem(status, _DETAILS[status], headers=_HEADERS).response()
            lines = b"".join(b"%b: %b\r\n" % header for header in response.raw_headers)
            self.transport.write(STATUS_LINE[status] + lines + b"\r\n" + bytes(response.body))
        self.transport.close()
