"""The throughput of a single Redis: the write of a step, as a ratio to GET, by redis-benchmark.

    python -m benchmarks.redis_limit

Uses a separate server on a free port, append-only as in compose.yaml (fsync every second). A step
writes with a script that compares the version and sets the record, here of a session with 100
iterations.
"""

import subprocess
import tempfile
from pathlib import Path

from benchmarks.servers import redis

REQUESTS = 100_000
RECORD = "x" * 2_000
PUT = (
    "local at = redis.call('HGET', KEYS[1], 'version') "
    "if at == ARGV[1] then return 0 end "
    "redis.call('HINCRBY', KEYS[1], 'version', 1) "
    "redis.call('HSET', KEYS[1], 'data', ARGV[2]) "
    "redis.call('PEXPIRE', KEYS[1], 1000000) return 1"
)
PUT_ARGUMENTS = ("eval", PUT, "1", "put:__rand_int__", "never", RECORD)
GET_ARGUMENTS = ("get", "get:__rand_int__")


def rate(port: int, *command: str) -> float:
    """Requests per second of one command, from 32 connections."""
    options = f"-p {port} -q --csv -c 32 -n {REQUESTS} -r 10000".split()
    done = subprocess.run(
        ["redis-benchmark", *options, *command], capture_output=True, text=True, check=True
    )
    return float(done.stdout.splitlines()[-1].rsplit('","', 7)[1].strip('"'))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, redis(Path(folder)) as port:
        gets, puts = rate(port, *GET_ARGUMENTS), rate(port, *PUT_ARGUMENTS)
    print(f"Redis: {puts:.0f} writes of a session per second, {puts / gets:.2f} of {gets:.0f} GETs")


if __name__ == "__main__":
    main()
