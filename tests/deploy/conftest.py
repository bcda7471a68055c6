"""Two processes behind a proxy, on one Redis that keeps whatever it acknowledges: as deployed."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.settings import ROOT
from tests.support.app_server import START, AppServer
from tests.support.redis_server import FOR_GOOD, RedisServer, free_port, redis_server

CONFIGURATION = ROOT / "deploy" / "nginx.conf"
REPLACED = {
    "listen 8080;": "listen 127.0.0.1:{port};",
    "server backstep:8000 max_fails": "{servers} max_fails",
}


@dataclass
class Proxy:
    """An nginx with the project's own configuration, but for the addresses."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        """Wait until it listens."""
        latest = time.monotonic() + START
        while time.monotonic() < latest and self.process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.02)
        pytest.fail(f"nginx does not start:\n{(self.folder / 'nginx.log').read_text()}")


@dataclass
class Fleet:
    """All that runs."""

    redis: RedisServer
    servers: tuple[AppServer, AppServer]
    proxy: Proxy

    @property
    def url(self) -> str:
        """Where visitors go."""
        return self.proxy.url


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """Start a Redis that keeps what it acknowledges."""
    with redis_server(tmp_path, *FOR_GOOD) as server:
        yield server


@pytest.fixture
def servers(tmp_path: Path, redis: RedisServer) -> Iterator[tuple[AppServer, AppServer]]:
    """Start two servers on it."""
    servers = AppServer(tmp_path, redis.url), AppServer(tmp_path, redis.url)
    try:
        for server in servers:
            server.start()
        yield servers
    finally:
        for server in servers:
            server.kill()
    logs = [path.read_text() for path in tmp_path.glob("server-*.log")]
    assert not [log for log in logs if "Traceback" in log], "\n".join(logs)


@pytest.fixture
def proxy(tmp_path: Path, servers: tuple[AppServer, AppServer]) -> Iterator[Proxy]:
    """Start nginx before them, as whoever runs the tests."""
    port, configuration = free_port(), tmp_path / "nginx.conf"
    configuration.write_text(_filled(port, servers))
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, "nginx is missing: apt-get install nginx"
    options = ["-e", "stderr", "-p", f"{tmp_path}", "-c", f"{configuration}", "-g", "daemon off;"]
    with (tmp_path / "nginx.log").open("wb") as log:
        process = subprocess.Popen([found, *options], stdout=log, stderr=log)
    proxy = Proxy(tmp_path, port, process)
    try:
        proxy.wait()
        yield proxy
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def fleet(redis: RedisServer, servers: tuple[AppServer, AppServer], proxy: Proxy) -> Fleet:
    """Return all of it, at work."""
    return Fleet(redis, servers, proxy)


def _filled(port: int, servers: tuple[AppServer, AppServer]) -> str:
    """The configuration as it is, with the addresses of this test."""
    text = CONFIGURATION.read_text()
    lines = " max_fails=1 fail_timeout=1s;\n".join(f"server 127.0.0.1:{s.port}" for s in servers)
    for usual, ours in REPLACED.items():
        assert text.count(usual) == 1, usual
        text = text.replace(usual, ours.format(port=port, servers=lines))
    return text
