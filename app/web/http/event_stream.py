"""Server-sent events that many clients get alike.

An event is compressed once, however many get it. Each is a block of its own that ends at a byte, so
that the blocks of a stream can begin anywhere, and none is held back (RFC 1951, 3.2.4).
"""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import cached_property

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.web.http.compression import accepts_gzip

RETRY = b"retry: 1000\n"  # milliseconds until a client that lost the stream connects again
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept-Encoding, Accept-Language, Cookie"),
    (b"x-accel-buffering", b"no"),  # proxies must not buffer the events
]


def _deflated(part: bytes) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(part) + compressor.flush(zlib.Z_FULL_FLUSH)


class Event:
    """An event as it is sent."""

    def __init__(self, data: bytes, name: str = "", id: str = "") -> None:
        """`data` is one line."""
        lines = [
            b"event: %b\n" % name.encode() if name else b"",
            b"id: %b\n" % id.encode() if id else b"",
        ]
        self.plain = b"".join((*lines, b"data: ", data, b"\n\n"))

    @classmethod
    def comment(cls) -> "Event":
        """What nobody heeds, and keeps a stream alive."""
        return _COMMENT

    @cached_property
    def deflated(self) -> bytes:
        return _deflated(self.plain)


_COMMENT = Event(b"")
_COMMENT.plain = b":\n\n"


class EventStream(Response):
    """Sends events until there are no more, or the client is gone.

    Starlette's StreamingResponse would take twice as much memory for each client.
    """

    def __init__(self, events: AsyncIterator[Event]) -> None:
        super().__init__()
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_compressed = accepts_gzip(scope)
        headers = [*HEADERS, (b"content-encoding", b"gzip")] if is_compressed else HEADERS
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        sending = asyncio.create_task(self._send(send, is_compressed))
        try:  # what is sent last also ends the waiting
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending

    async def _send(self, send: Send, is_compressed: bool) -> None:
        begin = GZIP_HEAD + _deflated(RETRY) if is_compressed else RETRY
        await send(_part(begin))
        async for event in self._events:
            await send(_part(event.deflated if is_compressed else event.plain))
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _part(body: bytes) -> dict[str, object]:
    return {"type": "http.response.body", "body": body, "more_body": True}
