"""What legitimate steps cost while others keep the server busy with nothing.

    python -m benchmarks.slow

One server (`python -m app` with its defaults) and one student who presses and presses. In turns: alone, and beside 500 idle connections, half-open ones that are
opened anew as the server ends them, bodies and heads that come a letter at a time, and heads that
are too large. All on 127.0.0.1, for half a minute.
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
from benchmarks.step import answered, begin, request

ROUNDS = 5
PRESSES = 200  # of each round and kind
EVERY = 0.005  # seconds between two presses
COMING = 2.0  # seconds until all of the others are there
IDLE = 500
HALF_OPEN = 50
DRIPPING = 50
OVERSIZE = 2  # clients, each again and again
PAUSE = 0.2  # seconds between what they do
MOST = 2.0  # times the p99 without them
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
    """Asks once, and stays."""
    writer.write(b"GET /healthz" + HOST + b"\r\n")
    while await reader.read(4096):
        pass


async def half_open(reader: Reader, writer: Writer) -> None:
    """Begins, and never ends."""
    writer.write(random.choice(HALVES))
    while await reader.read(4096):
        pass


async def dripping(reader: Reader, writer: Writer) -> None:
    """A letter now and then."""
    writer.write(random.choice(HALVES[2:]))
    while not reader.at_eof() and not writer.is_closing():
        await asyncio.sleep(PAUSE)
        writer.write(b"x")
        await writer.drain()


async def oversize(reader: Reader, writer: Writer) -> None:
    """A head of 100 kB, every fifth of a second."""
    writer.write(b"GET /" + HOST + b"X-Large: " + b"x" * 100_000 + b"\r\n\r\n")
    while await reader.read(4096):
        pass
    await asyncio.sleep(PAUSE)


async def again_and_again(port: int, abuse: Abuse) -> None:
    """One client of a kind, that comes back when the server has hung up."""
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await abuse(reader, writer)
            finally:
                writer.close()
        await asyncio.sleep(PAUSE)


async def pressed(port: int, cookie: str) -> list[float]:
    """How long each press of one student takes, in seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    message, times = request(cookie), []
    for _ in range(PRESSES):
        begun = time.perf_counter()
        writer.write(message)
        head = await answered(reader)
        assert head.startswith(b"HTTP/1.1 200"), head
        times.append(time.perf_counter() - begun)
        await asyncio.sleep(EVERY)
    writer.close()
    return times


async def measure(port: int) -> tuple[list[float], list[float]]:
    """The times alone and beside the others, by turns."""
    cookie = await asyncio.to_thread(begin, port)
    await pressed(port, cookie)  # warm
    alone: list[float] = []
    beside: list[float] = []
    for _ in range(ROUNDS):
        alone += await pressed(port, cookie)
        # In a process of its own, so that the times are the server's.
        others = get_context("spawn").Process(target=crowd, args=(port,), daemon=True)
        others.start()
        await asyncio.sleep(COMING)
        beside += await pressed(port, cookie)
        others.terminate()
        await asyncio.to_thread(others.join)
        await asyncio.sleep(PAUSE)
    return alone, beside


def crowd(port: int) -> None:
    """All of the others, until the process is ended."""

    async def all_of_them() -> None:
        kinds: list[Abuse] = [idle] * IDLE
        kinds += [half_open] * HALF_OPEN + [dripping] * DRIPPING + [oversize] * OVERSIZE
        await asyncio.gather(*(again_and_again(port, kind) for kind in kinds))

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
