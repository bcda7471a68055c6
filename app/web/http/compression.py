"""Compresses answers with Zstandard, or with gzip for those who do not accept that.

Only an answer that is sent as a whole is compressed. What is sent in parts, above all a stream of
events, passes as it is, and so is never held back.

A browser that has fetched a dictionary says so, and gets what that text leaves of an answer (RFC 9842).
"""

import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from zstandard import DICT_TYPE_RAWCONTENT, ZstdCompressionDict, ZstdCompressor

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
    weights = _weights(accept)
    every = weights.get("*", 0.0)
    return tuple(each for each in CODINGS if weights.get(each.name, every) > 0)


@lru_cache(maxsize=128)
def _weights(accept: str) -> Mapping[str, float]:
    """Return the weights that an `Accept-Encoding` gives to codings."""
    weights: dict[str, float] = {}
    for item in accept.lower().split(","):
        name, _, parameter = item.partition(";")
        key, _, weight = parameter.partition("=")
        try:
            weights[name.strip()] = float(weight) if key.strip() == "q" else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    return weights


def coding_of(scope: Scope) -> Coding | None:
    """Return the best coding that a request accepts."""
    return next(iter(_codings_of(scope)), None)


DICTIONARY = "dcz"  # Zstandard with a dictionary
# Begins such an answer, before the hash of the dictionary.
_MAGIC = b"\x5e\x2a\x4d\x18\x20\x00\x00\x00"
_dictionaries: dict[str, Coding] = {}  # by what a browser says that it has


def add_dictionary(content: bytes) -> None:
    """Compress with this dictionary for whoever has it. It must be the same for all: then it tells nothing."""
    digest = sha256(content).digest()
    dictionary = ZstdCompressionDict(content, dict_type=DICT_TYPE_RAWCONTENT)
    dictionary.precompute_compress(level=3)
    compressor, start = ZstdCompressor(dict_data=dictionary), _MAGIC + digest

    def compress(content: bytes) -> bytes:
        return start + compressor.compress(content)

    _dictionaries[f":{b64encode(digest).decode()}:"] = Coding(DICTIONARY, compress, compress)


def dictionary_of(scope: Scope) -> Coding | None:
    """Return the coding with the dictionary that a browser has, if it is one of ours."""
    headers = headers_of(scope)
    coding = _dictionaries.get(headers.get("available-dictionary", ""))
    if coding is None or not _weights(headers.get("accept-encoding", "")).get(DICTIONARY):
        return None
    return coding


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
        coding = None
        if scope["type"] == "http":
            coding = dictionary_of(scope) or coding_of(scope)
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
        (b"vary", b"Accept-Encoding, Available-Dictionary"),
    ]
