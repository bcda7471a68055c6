"""The servers to measure: Backstep, a bare ASGI app on the same uvicorn, and the peers."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.environments import python_of

STARTS_WITHIN = 20.0  # seconds

_pids: dict[int, int] = {}  # process ids of the servers, by port


def resident(port: int) -> int:
    """Resident memory in bytes of the server on a port and the processes that it started."""
    return sum(_resident(pid) for pid in _family(_pids[port]))


def _resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from _family(int(child))


def free_port() -> int:
    """A free port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listening(port: int) -> bool:
    """Whether a process listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def backstep(folder: Path, store: str | None = None) -> Iterator[int]:
    """Runs `python -m app` on a store, by default an SQLite file in a folder; yields its port."""
    # Benchmarks exceed the rate limits. High limits are still counted, as part of the cost of a
    # request.
    limits = ("CLIENT_REQUESTS", "SESSION_REQUESTS", "CLIENT_SESSIONS", "MOST_SESSIONS")
    settings = {
        "BACKSTEP_STORE_URL": store or f"sqlite:///{folder / 'backstep.db'}",
        "BACKSTEP_SECRET": "only for benchmarks",
        **{f"BACKSTEP_{name}": "1000000000" for name in limits},
    }
    with _server([sys.executable, "-m", "app"], settings) as port:
        yield port


@contextmanager
def bare(size: int) -> Iterator[int]:
    """Runs the bare ASGI app, with responses of a given size; yields its port."""
    command = [sys.executable, "-m", "benchmarks.bare_server"]
    with _server(command, {"BARE_SIZE": str(size)}) as port:
        yield port


@contextmanager
def redis(folder: Path) -> Iterator[int]:
    """Runs a Redis in a folder, append-only as in compose.yaml (fsync every second); yields its port."""
    port = free_port()
    command = f"redis-server --port {port} --bind 127.0.0.1 --dir {folder} --appendonly yes --save"
    with _running([*command.split(), ""], os.environ, port):
        yield port


@contextmanager
def peer(name: str) -> Iterator[int]:
    """Runs the small Backstep in another framework, in its own environment; yields its port.

    Raises:
        NotInstalledError: if the environment cannot be created.
    """
    python, port = str(python_of(name)), free_port()
    settings = {"PYTHONPATH": str(Path.cwd())}
    with _server([python, "-m", *_peer_command(name, port)], settings, port):
        yield port


def _peer_command(name: str, port: int) -> list[str]:
    """The command that the framework documents for production."""
    if name == "streamlit":
        options = (
            f"--server.address 127.0.0.1 --server.port {port} --server.headless true "
            "--server.fileWatcherType none --browser.gatherUsageStats false"
        )
        return ["streamlit", "run", "benchmarks/peers/streamlit_app.py", *options.split()]
    if name == "dash":
        options = f"--bind 127.0.0.1:{port} --workers 1 --threads 4 --keep-alive 60"
        return ["gunicorn", *options.split(), "benchmarks.peers.dash_app:server"]
    return [f"benchmarks.peers.{name}_app"]


@contextmanager
def _server(command: list[str], settings: dict[str, str], port: int | None = None) -> Iterator[int]:
    port = port or free_port()
    environment = {**os.environ, **settings, "HOST": "127.0.0.1", "PORT": str(port)}
    with _running(command, environment, port):
        yield port


@contextmanager
def _running(command: list[str], environment: Mapping[str, str], port: int) -> Iterator[None]:
    """Runs a process, from when it listens on the port until the end of the block."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _pids[port] = process.pid
    try:
        _wait(port, process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        if listening(port):
            return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")
