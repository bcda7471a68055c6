"""A Redis of the tests' own, on free ports of this machine, started and ended by its process id.

BACKSTEP_TEST_REDIS names another program that is to be one: `valkey-server`.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.server import free_port

PROGRAM = os.environ.get("BACKSTEP_TEST_REDIS") or "redis-server"
START = 30  # seconds that a busy machine may take for a start
FOR_NOTHING = ("--save", "", "--appendonly", "no")
FOR_GOOD = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")


@dataclass
class RedisServer:
    """A Redis that can be killed and started again: on the same port, with the same folder."""

    folder: Path
    options: tuple[str, ...] = FOR_NOTHING
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its first database, as a setting has it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        program = shutil.which(PROGRAM)
        if program is None:
            pytest.fail(f"{PROGRAM} is missing: apt-get install redis-server", pytrace=False)
        place = ("--port", f"{self.port}", "--bind", "127.0.0.1", "--dir", f"{self.folder}")
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                [program, *self.options, *place, "--hz", "100"], stdout=log, stderr=log
            )
        self.wait_for("PING", "+PONG")

    def kill(self) -> None:
        """Kill it with SIGKILL, if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def ask(self, command: str) -> str:
        """The answer to a command, as it is sent: its first 64 KiB."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=START) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(65536).decode().strip()

    def order(self, command: str) -> None:
        """Ask for what must be done."""
        answer = self.ask(command)
        assert answer == "+OK", f"{command}: {answer}"

    def wait_for(self, command: str, answer: str) -> None:
        """Ask until the answer is, or has in it, the one expected."""
        latest = time.monotonic() + START
        while time.monotonic() < latest and self.process and self.process.poll() is None:
            with suppress(OSError):
                if answer in self.ask(command):
                    return
            time.sleep(0.02)
        log = (self.folder / "redis.log").read_text()
        self.kill()
        pytest.fail(f"Redis does not answer {answer} to {command}:\n{log}")


@contextmanager
def redis_server(folder: Path, *options: str) -> Iterator[RedisServer]:
    """A running Redis that keeps its files in the folder."""
    server = RedisServer(folder, options or FOR_NOTHING)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def monitored_redis(folder: Path) -> Iterator[tuple[RedisServer, RedisServer, str]]:
    """A primary, its replica, and the URL of a sentinel that promotes the replica when needed."""
    with ExitStack() as stack:

        def started(name: str, *options: str) -> RedisServer:
            (folder / name).mkdir()
            return stack.enter_context(redis_server(folder / name, *options))

        primary = started("primary")
        replica = started("replica", *FOR_NOTHING, "--replicaof", "127.0.0.1", f"{primary.port}")
        replica.wait_for("INFO replication", "master_link_status:up")
        settings = folder / "sentinel.conf"
        settings.write_text(
            f"sentinel monitor backstep 127.0.0.1 {primary.port} 1\n"
            "sentinel down-after-milliseconds backstep 300\n"
        )
        sentinel = started("sentinel", f"{settings}", "--sentinel")
        sentinel.wait_for("SENTINEL MASTERS", "num-slaves\r\n$1\r\n1")
        yield primary, replica, f"redis+sentinel://127.0.0.1:{sentinel.port}/backstep"
