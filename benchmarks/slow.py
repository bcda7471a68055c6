"""The latency of ordinary steps while misbehaving clients hold connections.

    python -m benchmarks.slow

One server (`python -m app` with its default settings) and one student who steps all the time. In
turns: alone, and together with 500 idle connections, half-open ones that are reopened whenever the
server closes them, bodies and headers that arrive one byte at a time, and headers that are too
large. All on 127.0.0.1, for half a minute.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

from benchmarks.servers import backstep
from benchmarks.step import Opened, answered, begin, request

ROUNDS = 5
PRESSES = 200  # steps in each part of a round
EVERY = 0.005  # seconds between two steps
COMING = 2.0  # seconds until all other clients are connected
IDLE = 500
HALF_OPEN = 50
DRIPPING = 50
OVERSIZE = 2  # clients, which repeat all the time
PAUSE = 0.2  # seconds between two actions of such a client
MOST = 2.0  # times the p99 without the other clients
HOST = b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HALVES = (
    b"",
    b"POST /step",
    b"POST /step" + HOST + b"X-More: ",
    b"POST /edit" + HOST + b"Content-Length: 60\r\n\r\nweight",
)
Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Abuse = Callable[[Reader, Writer], Coroutine[None, None, None]]


async def idle(reader: Reader, writer: Writer) -> None:
    """Sends one request and keeps the connection open."""
    writer.write(b"GET /healthz" + HOST + b"\r\n")
    while await reader.read(4096):
        pass


async def half_open(reader: Reader, writer: Writer) -> None:
    """Sends the beginning of a request."""
    writer.write(random.choice(HALVES))
    while await reader.read(4096):
        pass


async def dripping(reader: Reader, writer: Writer) -> None:
    """Sends a request one byte at a time."""
    writer.write(random.choice(HALVES[2:]))
    while not reader.at_eof() and not writer.is_closing():
        await asyncio.sleep(PAUSE)
        writer.write(b"x")
        await writer.drain()


async def oversize(reader: Reader, writer: Writer) -> None:
    """Sends a header of 100 kB."""
    writer.write(b"GET /" + HOST + b"X-Large: " + b"x" * 100_000 + b"\r\n\r\n")
    while await reader.read(4096):
        pass
    await asyncio.sleep(PAUSE)


async def repeat(port: int, abuse: Abuse) -> None:
    """A client that reconnects whenever the server closes its connection."""
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await abuse(reader, writer)
            finally:
                writer.close()
        await asyncio.sleep(PAUSE)


async def pressed(port: int, network: Opened) -> list[float]:
    """The seconds of each step of one student."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    message, times = request(network), []
    for _ in range(PRESSES):
        started = time.perf_counter()
        writer.write(message)
        head, _ = await answered(reader)
        assert head.startswith(b"HTTP/1.1 200"), head
        times.append(time.perf_counter() - started)
        await asyncio.sleep(EVERY)
    writer.close()
    return times


async def measure(port: int) -> tuple[list[float], list[float]]:
    """The times without and with the other clients, in turns."""
    network = await asyncio.to_thread(begin, port)
    await pressed(port, network)  # warm
    alone: list[float] = []
    beside: list[float] = []
    for _ in range(ROUNDS):
        alone += await pressed(port, network)
        # In a separate process, so that only the server affects the times.
        others = get_context("spawn").Process(target=crowd, args=(port,), daemon=True)
        others.start()
        await asyncio.sleep(COMING)
        beside += await pressed(port, network)
        others.terminate()
        await asyncio.to_thread(others.join)
        await asyncio.sleep(PAUSE)
    return alone, beside


def crowd(port: int) -> None:
    """All other clients, until the process is terminated."""

    async def all_of_them() -> None:
        kinds: list[Abuse] = [idle] * IDLE
        kinds += [half_open] * HALF_OPEN + [dripping] * DRIPPING + [oversize] * OVERSIZE
        await asyncio.gather(*(repeat(port, kind) for kind in kinds))

    asyncio.run(all_of_them())


def p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, backstep(Path(folder)) as port:
        alone, beside = asyncio.run(measure(port))
    ratio = p99(beside) / p99(alone)
    print(
        f"{len(alone)} presses each; beside {IDLE} idle, {HALF_OPEN} half-open, {DRIPPING} dripping"
    )
    print(
        f"median: alone {statistics.median(alone) * 1e3:.2f} ms, "
        f"beside {statistics.median(beside) * 1e3:.2f} ms"
    )
    print(
        f"p99: alone {p99(alone) * 1e3:.2f} ms, beside {p99(beside) * 1e3:.2f} ms: "
        f"{ratio:.2f}x (at most {MOST}x)"
    )


if __name__ == "__main__":
    main()
