"""The time of a jump to another iteration after a long training, over HTTP.

    python -m benchmarks.travel [--iterations 100000]

The deck's network is trained, and then jumps to iteration 1, to the last one, and to some in
between, each time from the far end, so that no checkpoint is near. Each jump is timed from the
request to the end of the response, including the store and the state as JSON. The same follows for
the largest network, which has fewer checkpoints because they take more space.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.servers import backstep

MOST = 100  # milliseconds
PLACES = 16  # jumps in between
DECK: dict[str, Any] = {"preset": "deck"}
LARGEST: dict[str, Any] = {"layers": [8, 8, 8, 8, 8], "seed": 7}


class Trained:
    """A trained session."""

    def __init__(self, client: httpx.Client, begin: dict[str, Any], iterations: int) -> None:
        created = client.post("/api/sessions", json=begin).raise_for_status().json()
        self.client = client
        self.path = f"/api/sessions/{created['id']}"
        self.headers = {"Authorization": f"Bearer {created['key']}"}
        self.post("/train", iterations=iterations)

    def post(self, move: str, **body: int) -> Any:
        answer = self.client.post(self.path + move, json=body, headers=self.headers)
        return answer.raise_for_status().json()

    def jump(self, iteration: int) -> float:
        """Jumps to an iteration; returns the milliseconds."""
        started = time.perf_counter()
        state = self.post("/seek", iteration=iteration, cursor=1)
        milliseconds = (time.perf_counter() - started) * 1000
        assert state["iteration"] == iteration
        return milliseconds


def measured(client: httpx.Client, name: str, begin: dict[str, Any], iterations: int) -> None:
    """Measures one network and prints its row."""
    session, last = Trained(client, begin, iterations), iterations - 1
    first_ms, last_ms = session.jump(1), session.jump(last)
    between = []
    for place in range(1, PLACES + 1):
        session.jump(1 if place % 2 else last)
        between.append(session.jump(place * last // (PLACES + 1)))
    print(
        f"{name}, {iterations} iterations trained: jump to iteration 1 {first_ms:.1f} ms, "
        f"to {last} {last_ms:.1f} ms (at most {MOST} ms); to {PLACES} places between "
        f"{statistics.median(between):.1f} ms (median), {max(between):.1f} ms (slowest)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--iterations", type=int, default=100_000)
    iterations = parser.parse_args().iterations
    with (
        tempfile.TemporaryDirectory() as folder,
        backstep(Path(folder)) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        measured(client, "3-4-2", DECK, iterations)
        measured(client, "8-8-8-8-8", LARGEST, iterations)


if __name__ == "__main__":
    main()
