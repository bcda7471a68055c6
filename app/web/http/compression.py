"""Compresses answers with Zstandard, or with gzip for those who do not accept that.

Only an answer that is sent as a whole is compressed. What is sent in parts, above all a stream of
events, passes as it is, and so is never held back.
"""

import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from zstandard import ZstdCompressor

from app.web.http.headers import headers_of

SMALLEST = 500  # bytes: less fits into the same packet anyway
GZIP_NAME = "gzip"
GZIP = 31  # the window of zlib, with a header of gzip
# Without a body of its own, or a part of one. A new session's body has its key: no attacker may
# conclude anything from its length (BREACH).
UNSUITABLE = frozenset((201, 204, 206, 304))

Headers = list[tuple[bytes, bytes]]


class Coding(NamedTuple):
    """A way to compress: quickly for one answer, thoroughly for a file that is sent many times."""

    name: str
    quickly: Callable[[bytes], bytes]
    thoroughly: Callable[[bytes], bytes]


def _gzip(content: bytes, level: int) -> bytes:
    compressor = zlib.compressobj(level, zlib.DEFLATED, GZIP)
    return compressor.compress(content) + compressor.flush()


# The better one first. Browsers accept Zstandard over https only.
CODINGS = (
    Coding("zstd", ZstdCompressor(level=3).compress, ZstdCompressor(level=9).compress),
    Coding(GZIP_NAME, lambda content: _gzip(content, 1), lambda content: _gzip(content, 9)),
)


@lru_cache(maxsize=128)  # browsers send a handful of texts
def accepted_codings(accept: str) -> tuple[Coding, ...]:
    """Return the codings that an `Accept-Encoding` allows (RFC 9110, 12.5.3), the best one first."""
    weights: dict[str, float] = {}
    for item in accept.lower().split(","):
        name, _, parameter = item.partition(";")
        key, _, weight = parameter.partition("=")
        try:
            weights[name.strip()] = float(weight) if key.strip() == "q" else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    every = weights.get("*", 0.0)
    return tuple(each for each in CODINGS if weights.get(each.name, every) > 0)


def coding_of(scope: Scope) -> Coding | None:
    """Return the best coding that a request accepts."""
    return next(iter(_codings_of(scope)), None)


def compress_on_thread(scope: Scope, content: bytes) -> tuple[bytes, dict[str, str]]:
    """Compress a large answer beside the event loop; return it with the headers that say so."""
    coding = coding_of(scope)
    if coding is None:
        return content, {}
    # A compressor of Zstandard must not be used by two threads at once: this one is used by no other.
    compress = ZstdCompressor(level=3).compress if coding is CODINGS[0] else coding.quickly
    return compress(content), {"Content-Encoding": coding.name}


def accepts_gzip(scope: Scope) -> bool:
    return any(coding.name == GZIP_NAME for coding in _codings_of(scope))


def _codings_of(scope: Scope) -> tuple[Coding, ...]:
    return accepted_codings(headers_of(scope).get("accept-encoding", ""))


class CompressionMiddleware:
    """Compresses texts that the app sends as a whole."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        coding = coding_of(scope) if scope["type"] == "http" else None
        if coding is None:
            return await self.app(scope, receive, send)
        start: Message | None = None  # until its body says whether it is compressed

        async def send_compressed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_suitable(message):
                start = message
                return
            if start is not None:
                body = message.get("body", b"")
                if len(body) >= SMALLEST and not message.get("more_body"):
                    message["body"] = body = coding.quickly(body)
                    start["headers"] = _encoded(start["headers"], coding, len(body))
                begun, start = start, None
                await send(begun)
            await send(message)

        await self.app(scope, receive, send_compressed)


def _is_suitable(start: Message) -> bool:
    """Whether the body that follows is a text, and not compressed yet."""
    if start["status"] in UNSUITABLE:
        return False
    media_type = b""
    for name, value in start["headers"]:
        if name == b"content-encoding":
            return False
        if name == b"content-type":
            media_type = value.partition(b";")[0]
    if media_type == b"text/event-stream":
        return False
    return media_type.startswith(b"text/") or media_type.endswith((b"json", b"xml"))


def _encoded(headers: Headers, coding: Coding, length: int) -> Headers:
    return [
        *(each for each in headers if each[0] != b"content-length"),
        (b"content-length", str(length).encode()),
        (b"content-encoding", coding.name.encode()),
        (b"vary", b"Accept-Encoding"),
    ]
