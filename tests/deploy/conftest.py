"""Two processes behind nginx, on one Redis that keeps what it acknowledges: as deployed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.settings import ROOT
from tests.support.nginx import nginx
from tests.support.redis_server import FOR_GOOD, RedisServer, redis_server
from tests.support.server import AppServer, stored


@dataclass
class Fleet:
    """All that runs; visitors go to the url."""

    redis: RedisServer
    servers: tuple[AppServer, AppServer]
    url: str


@contextmanager
def running(folder: Path) -> Iterator[Fleet]:
    """Redis, two servers on it, and nginx in front of them."""
    with redis_server(folder, *FOR_GOOD) as redis, ThreadPoolExecutor() as pool:
        one, other = AppServer(folder, stored(redis.url)), AppServer(folder, stored(redis.url))
        upstreams = (
            f"server 127.0.0.1:{one.port} max_fails=1 fail_timeout=1s;\n"
            f"server 127.0.0.1:{other.port}"
        )
        replaced = {
            "listen 8080;": "listen 127.0.0.1:{port};",
            "server backstep:8000 max_fails": f"{upstreams} max_fails",
        }
        try:
            list(pool.map(AppServer.start, (one, other)))
            with nginx(folder, ROOT / "deploy" / "nginx.conf", replaced) as url:
                yield Fleet(redis, (one, other), url)
        finally:
            for server in (one, other):
                server.kill()
                assert "Traceback" not in server.err, server.err


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """A fleet that one test may do anything to."""
    with running(tmp_path) as fleet:
        yield fleet


@pytest.fixture(scope="session")
def shared_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A fleet that tests share, and leave running."""
    with running(tmp_path_factory.mktemp("fleet")) as fleet:
        yield fleet
