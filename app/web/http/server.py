"""What the server itself refuses, before there is a request: the parts of uvicorn that have no limit.

httptools takes a head of any size, and uvicorn waits for ever for a request to come whole. Each
connection has one timer that looks at it now and then, so that a request costs nothing more.
"""

import asyncio
import logging
import sys

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

ROOM_FOR_FILES = 65_536  # open at once, where the system allows so many


class HeadTooLarge(Exception):
    """The head of a request is larger than it may be."""


class LimitedProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, with an end to what a client may keep it waiting for.

    Attributes:
        seconds: in which the head of a request has to come, and its body in as many again (a slow
            body is answered sooner, by `Limited`); and for which an answer may lie untaken.
        header_bytes: the largest head.
        most: connections at once.
    """

    seconds: float
    header_bytes: int
    most: int

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection; one too many is closed at once."""
        super().connection_made(transport)
        self._received = 0  # bytes of the request that is coming
        self._coming: float | None = self.loop.time()  # since when
        self._untaken: float | None = None  # since when an answer lies there
        self._timer: asyncio.TimerHandle | None = None
        self._at_work: RequestResponseCycle | None = None
        if self.most and len(self.connections) > self.most:
            transport.abort()
        elif self.seconds:
            self._timer = self.loop.call_later(self.seconds, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        # uvicorn tells the last of several requests on the line that nobody is there any more, and
        # lets the one at work write to a connection that is closed.
        if self._at_work is not None:
            self._at_work.disconnected = True
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._coming is None:
            self._coming = self.loop.time()
        self._received += len(data)
        super().data_received(data)
        if self._received > self.header_bytes and self._in_head():
            self._refuse(431)

    def on_headers_complete(self) -> None:
        # The body may have come with it: only then is it worth to count the head alone.
        if self._received > self.header_bytes:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > self.header_bytes:
                self._refuse(431)
                raise HeadTooLarge  # so that it goes no further
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._at_work = cycle
        super()._start_asgi_task(cycle, app)

    def on_message_complete(self) -> None:
        self._received = 0
        self._coming = None
        super().on_message_complete()

    def pause_writing(self) -> None:
        self._untaken = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._untaken = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """What cannot be read."""
        self._refuse(400)

    def _in_head(self) -> bool:
        return self.scope is None or "path" not in self.scope

    def _look(self) -> None:
        """Ends a connection that has kept the server waiting for too long."""
        now = self.loop.time()
        if self._untaken is not None and now - self._untaken >= self.seconds:
            return self.transport.abort()
        end = now + self.seconds
        if self._coming is not None:
            end = self._coming + self.seconds * (1 if self._in_head() else 2)
            if now >= end:
                return self._refuse(408) if self._received else self.transport.close()
        self._timer = self.loop.call_later(end - now, self._look)

    def _refuse(self, status: int) -> None:
        """Says why, where no answer is under way, and closes the connection."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_refusal(status))
        self.transport.close()


_DETAILS = {
    400: "The request could not be read.",
    408: "The request did not come whole in time.",
    431: "The head of the request is too large.",
}


def _refusal(status: int) -> bytes:
    answer: Response = Problem(status, _DETAILS[status]).response()
    headers = [
        *answer.raw_headers,
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    lines = b"".join(b"%b: %b\r\n" % header for header in headers)
    return STATUS_LINE[status] + lines + b"\r\n" + bytes(answer.body)


def protocol(settings: Settings) -> type[LimitedProtocol]:
    """The protocol with the limits that are set."""
    limits = {
        "seconds": settings.request_seconds,
        "header_bytes": settings.header_bytes,
        "most": settings.connections,
    }
    return type("LimitedProtocol", (LimitedProtocol,), limits)


def make_room_for_connections() -> None:
    """Raises the number of files that this process may open: 1,024 is less than a lecture hall."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ROOM_FOR_FILES if hard == resource.RLIM_INFINITY else min(hard, ROOM_FOR_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
