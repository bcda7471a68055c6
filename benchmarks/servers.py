"""Servers under measurement: the real one and the bare one, on the same uvicorn, each a process."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

STARTS_WITHIN = 20.0  # seconds

_pids: dict[int, int] = {}  # of the servers, by port


def resident(port: int) -> int:
    """Bytes of memory that the server on a port holds."""
    lines = Path(f"/proc/{_pids[port]}/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listening(port: int) -> bool:
    """Whether somebody listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def backstep(folder: Path, store: str | None = None) -> Iterator[int]:
    """`python -m app` on a store, or else on a SQLite file in a folder; yields its port."""
    # A benchmark asks as no student does. The limits are counted all the same: they are part of
    # what a request costs.
    limits = ("CLIENT_REQUESTS", "SESSION_REQUESTS", "CLIENT_SESSIONS", "MOST_SESSIONS")
    settings = {
        "BACKSTEP_STORE_URL": store or f"sqlite:///{folder / 'backstep.db'}",
        **{f"BACKSTEP_{name}": "1000000000" for name in limits},
    }
    with _server([sys.executable, "-m", "app"], settings) as port:
        yield port


@contextmanager
def bare(size: int) -> Iterator[int]:
    """A bare ASGI app that answers with so many bytes; yields its port."""
    command = [sys.executable, "-m", "benchmarks.bare_server"]
    with _server(command, {"BARE_SIZE": str(size)}) as port:
        yield port


@contextmanager
def redis(folder: Path) -> Iterator[int]:
    """A Redis in a folder, append-only as compose.yaml has it (fsync each second); yields its port."""
    port = free_port()
    command = f"redis-server --port {port} --bind 127.0.0.1 --dir {folder} --appendonly yes --save"
    with _running([*command.split(), ""], os.environ, port):
        yield port


@contextmanager
def _server(command: list[str], settings: dict[str, str]) -> Iterator[int]:
    port = free_port()
    environment = {**os.environ, **settings, "HOST": "127.0.0.1", "PORT": str(port)}
    with _running(command, environment, port):
        yield port


@contextmanager
def _running(command: list[str], environment: Mapping[str, str], port: int) -> Iterator[None]:
    """A process from the moment that it listens on the port; ended in the end."""
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
