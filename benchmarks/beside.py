"""How a long training slows down others: 20,000 iterations of XOR, while 50 sessions step.

    python -m benchmarks.beside

Fifty sessions step all the time, each on its own keep-alive connection with a short pause between
two requests, in a separate process. Their median step is measured without and with the training, in
turns. The training is XOR (2-2-1, four examples), requested by the API again and again, so that one
is always under way.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.servers import backstep
from benchmarks.step import Opened, answered, begin, request

OTHERS = 50
PAUSE = 0.1  # seconds between two steps of a session: about 500 steps per second in all
SECONDS = 4.0
ROUNDS = 3
ITERATIONS = 20_000
MOST = 2.0  # times the median without training

XOR = {
    "network": {
        "layers": [2, 2, 1],
        "bias": "per_unit",
        "weights": [[[0.5, -0.4], [0.3, 0.8]], [[0.6], [-0.7]]],
        "biases": [[0.1, -0.1], [0.05]],
    },
    "examples": [
        {"inputs": [a, b], "targets": [float(a != b)]} for a in (0.0, 1.0) for b in (0.0, 1.0)
    ],
    "learning_rate": 0.5,
}


async def presser(port: int, message: bytes, delay: float, until: float) -> list[float]:
    """Steps until a time; returns the seconds of each step."""
    times: list[float] = []
    await asyncio.sleep(delay)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    while time.monotonic() < until:
        started = time.monotonic()
        writer.write(message)
        head, _ = await answered(reader)
        assert head.startswith(b"HTTP/1.1 200"), head
        times.append(time.monotonic() - started)
        await asyncio.sleep(PAUSE)
    writer.close()
    return times


async def pressing(port: int, networks: list[Opened]) -> float:
    """The median step of all sessions, in milliseconds."""
    until = time.monotonic() + SECONDS
    every = PAUSE / len(networks)
    times = await asyncio.gather(
        *(
            presser(port, request(Opened(*each)), i * every, until)
            for i, each in enumerate(networks)
        )
    )
    return 1000 * statistics.median(each for those in times for each in those)


def generate() -> None:
    """The process that steps: reads its parameters from stdin, writes the median to stdout."""
    order = json.load(sys.stdin)
    print(asyncio.run(pressing(order["port"], order["networks"])))


def median(port: int, networks: list[Opened]) -> float:
    """The median step in milliseconds, measured by a separate process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.beside", "--generate"],
        input=json.dumps({"port": port, "networks": networks}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)


class Trainer(threading.Thread):
    """Trains XOR until `enough` is set; `seconds` has the duration of each training."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.connection = HTTPConnection("127.0.0.1", port)
        created = self._ask("POST", "/api/sessions", XOR)
        self.path, self.key = f"/api/sessions/{created['id']}", created["key"]
        self.enough = threading.Event()
        self.seconds: list[float] = []

    def run(self) -> None:
        while not self.enough.is_set():
            self._ask("POST", f"{self.path}/reset", None)
            # A new rate each time: the same training would only move along the stored branch.
            rate = 0.5 + len(self.seconds) / 1000
            self._ask("PATCH", self.path, {"learning_rate": rate})
            started = time.monotonic()
            state = self._ask("POST", f"{self.path}/train", {"iterations": ITERATIONS})
            self.seconds.append(time.monotonic() - started)
            assert state["iteration"] == ITERATIONS - 1

    def _ask(self, method: str, path: str, body: object) -> dict[str, str | int]:
        headers = {"Content-Type": "application/json"}
        if path != "/api/sessions":
            headers["Authorization"] = f"Bearer {self.key}"
        self.connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = self.connection.getresponse()
        content: dict[str, str | int] = json.loads(answer.read())
        assert answer.status in (200, 201), content
        return content


def main() -> None:
    if "--generate" in sys.argv:
        return generate()
    with tempfile.TemporaryDirectory() as name, backstep(Path(name)) as port:
        networks = [begin(port) for _ in range(OTHERS)]
        median(port, networks)
        alone, beside, seconds = [], [], []
        for _ in range(ROUNDS):
            alone.append(median(port, networks))
            trainer = Trainer(port)
            trainer.start()
            beside.append(median(port, networks))
            trainer.enough.set()
            trainer.join()
            seconds += trainer.seconds
    without, with_training = statistics.median(alone), statistics.median(beside)
    print(
        f"{OTHERS} others step beside {ITERATIONS} iterations of XOR: median step {without:.2f} ms "
        f"alone, {with_training:.2f} ms beside: {with_training / without:.2f}x (at most {MOST:.0f}x); "
        f"a training takes {statistics.median(seconds):.2f} s"
    )
    return None


if __name__ == "__main__":
    main()
