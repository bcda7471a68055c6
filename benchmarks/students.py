"""A lecture: many students who step once a second each.

    python -m benchmarks.students [--students 1000] [--seconds 30] [--redis --processes 2]

The load generator is a separate process with one keep-alive connection per student, on asyncio
streams. Each student steps at a random time within the second, so that the load is even. Times are
measured from the scheduled time to the last byte, so that a server that falls behind cannot hide it.
The same load on the bare ASGI app shows the share of the generator, the kernel and uvicorn.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.servers import backstep, bare, redis
from benchmarks.step import Opened, answered, begin, request, state_in

MOST_P99 = 100  # ms
SIZE = 13_000  # bytes of a bare response: about those of a step
WARM_UP = 18.0  # seconds: a server that has just started makes its first patches for 15 of them
PATIENCE = 10.0  # seconds that a student waits for a response


@dataclass
class Outcome:
    """The result of a load; times in milliseconds."""

    presses: int
    refused: int
    p50: float
    p99: float
    max: float
    generator_cpu: float  # as a share of one core

    def __str__(self) -> str:
        return (
            f"{self.presses} presses, {self.refused} refused, p50 {self.p50:.1f} ms, "
            f"p99 {self.p99:.1f} ms, max {self.max:.0f} ms; generator {self.generator_cpu:.0%} of a core"
        )


async def student(port: int, network: Opened, until: float, times: list[float]) -> int:
    """Steps once a second until a time; returns how many responses were not 200."""
    refused, state = 0, ""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    moment = time.monotonic() + random.random()
    while moment < until:
        await asyncio.sleep(moment - time.monotonic())
        try:
            async with asyncio.timeout(PATIENCE):
                writer.write(request(network, state=state))
                head, body = await answered(reader)
            state = state_in(body)
            refused += not head.startswith(b"HTTP/1.1 200")
        except (OSError, EOFError, TimeoutError):
            refused += 1
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        times.append(time.monotonic() - moment)
        moment += 1
    writer.close()
    return refused


async def hall(ports: list[int], networks: list[Opened], seconds: float) -> Outcome:
    """All students at the same time, spread over the ports."""
    times: list[float] = []
    until = time.monotonic() + seconds
    started, cpu = time.monotonic(), time.process_time()
    students = [
        student(ports[number % len(ports)], Opened(*each), until, times)
        for number, each in enumerate(networks)
    ]
    refused = sum(await asyncio.gather(*students))
    cost = (time.process_time() - cpu) / (time.monotonic() - started)
    ordered = sorted(1000 * each for each in times)

    def at(part: float) -> float:
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    return Outcome(len(times), refused, at(0.5), at(0.99), ordered[-1], cost)


def generate() -> None:
    """The generator process: reads its parameters from stdin, writes the outcome to stdout."""
    import uvloop

    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    order = json.load(sys.stdin)
    outcome = uvloop.run(hall(order["ports"], order["networks"], order["seconds"]))
    print(json.dumps(asdict(outcome)))


def press(ports: list[int], networks: list[Opened], seconds: float) -> Outcome:
    """Runs the generator process and returns its outcome."""
    order = json.dumps({"ports": ports, "networks": networks, "seconds": seconds})
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.students", "--generate"],
        input=order,
        capture_output=True,
        text=True,
        check=True,
    )
    return Outcome(**json.loads(done.stdout))


def measured(students: int, seconds: float, on_redis: bool, processes: int) -> Outcome:
    """Measures students on a number of server processes, on SQLite or on one Redis."""
    if not on_redis and processes > 1:
        raise SystemExit("SQLite is for one process: --redis")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, store = Path(name), None
        if on_redis:
            os.environ.setdefault("BACKSTEP_SECRET", "the same in every process")
            store = f"redis://127.0.0.1:{stack.enter_context(redis(folder))}"
        ports = [stack.enter_context(backstep(folder, store)) for _ in range(processes)]
        networks = [begin(ports[0]) for _ in range(students)]
        press(ports, networks[: students // 4], WARM_UP)
        return press(ports, networks, seconds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--students", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--generate", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.generate:
        return generate()
    outcome = measured(asked.students, asked.seconds, asked.redis, asked.processes)
    where = f"{asked.processes} on one Redis" if asked.redis else "one process on SQLite"
    print(f"{asked.students} students, {where}: {outcome} (p99 at most {MOST_P99} ms)")
    if asked.redis:
        return None
    with bare(SIZE) as port:
        print(f"bare ASGI: {press([port], [Opened()] * asked.students, min(asked.seconds, 10))}")


if __name__ == "__main__":
    main()
