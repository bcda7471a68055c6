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
        command = [program, "--port", f"{self.port}", "--bind", "127.0.0.1", "--hz", "100"]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--dir", f"{self.folder}", *self.options], stdout=log, stderr=log
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


KEYS_OF = "backstep:session:"  # what a session's key begins with
NODES = 3
SLOTS = 16_384


@dataclass
class RedisCluster:
    """A cluster of masters, each with as many slots as the others."""

    nodes: list[RedisServer]

    @property
    def url(self) -> str:
        """All of its nodes, as a setting has them."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def ask(self, command: str) -> str:
        """The answer of every node, which must be the same."""
        [answer] = {node.ask(command) for node in self.nodes}
        return answer

    def order(self, command: str) -> None:
        """Ask every node for what must be done."""
        for node in self.nodes:
            node.order(command)

    def holder(self, key: str) -> RedisServer:
        """The node that has the key's slot."""
        [holder] = [n for n in self.nodes if not n.ask(f"EXISTS {key}").startswith("-MOVED")]
        return holder

    def slot(self, key: str) -> int:
        """The slot that a key falls into."""
        return int(self.ask(f"CLUSTER KEYSLOT {key}")[1:])

    @contextmanager
    def moving(self, key: str) -> Iterator[RedisServer]:
        """Let the key's slot be on its way to another node, which is given, and afterwards there."""
        slot, source = self.slot(key), self.holder(key)
        target = next(node for node in self.nodes if node is not source)
        names = {id(node): node.ask("CLUSTER MYID").split()[-1] for node in self.nodes}
        target.order(f"CLUSTER SETSLOT {slot} IMPORTING {names[id(source)]}")
        source.order(f"CLUSTER SETSLOT {slot} MIGRATING {names[id(target)]}")
        yield target
        for name in source.ask(f"CLUSTER GETKEYSINSLOT {slot} 100").split()[2::2]:
            source.order(f"MIGRATE 127.0.0.1 {target.port} {name} 0 5000")
        for node in (target, source, *self.nodes):
            node.order(f"CLUSTER SETSLOT {slot} NODE {names[id(target)]}")


@contextmanager
def redis_cluster(folder: Path) -> Iterator[RedisCluster]:
    """A running cluster, whose slots are all served."""
    nodes: list[RedisServer] = []
    with ExitStack() as stack:
        for number in range(NODES):
            own, bus = folder / f"{number}", free_port()
            own.mkdir()
            options = ("--cluster-enabled", "yes", "--cluster-port", f"{bus}")
            node = stack.enter_context(redis_server(own, *FOR_NOTHING, *options))
            node.order(f"CLUSTER SET-CONFIG-EPOCH {number + 1}")
            ends = [SLOTS * end // NODES for end in (number, number + 1)]
            node.order(f"CLUSTER ADDSLOTSRANGE {ends[0]} {ends[1] - 1}")
            for other in nodes:
                other.order(f"CLUSTER MEET 127.0.0.1 {node.port} {bus}")
            nodes.append(node)
        for node in nodes:
            node.wait_for("CLUSTER INFO", f"cluster_known_nodes:{NODES}")
            node.wait_for("CLUSTER INFO", "cluster_state:ok")
        yield RedisCluster(nodes)
