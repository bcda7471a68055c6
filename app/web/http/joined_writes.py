"""A connection that sends the head of an answer together with its body.

uvicorn writes the two one after the other, and uvloop sends each at once: as a packet of its own, by a
call of the system of its own, for which the client wakes up twice.
"""

import asyncio

Data = bytes | bytearray | memoryview


class JoinedWrites(asyncio.Transport):
    """A transport that holds a write back until the next one, for one turn of the event loop at most."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport, self._loop = transport, loop
        self._held: Data = b""

    def write(self, data: Data) -> None:
        if self._held:
            joined, self._held = b"".join((self._held, data)), b""
            self._transport.write(joined)
        else:
            self._held = data
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)
