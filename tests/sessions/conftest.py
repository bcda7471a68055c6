"""Every store under one roof, and sessions in it: a new kind is one more parameter here."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.sessions.service import Session, Sessions
from app.sessions.stores.base import Store, open_store
from tests.support.clock import Clock
from tests.support.redis_server import FOR_GOOD, RedisServer, redis_server
from tests.support.session_changes import DECK


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis that the tests share."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """Start a Redis that one test may do anything to, and that keeps what it acknowledges."""
    with redis_server(tmp_path, *FOR_GOOD) as server:
        yield server


@pytest.fixture(params=["sqlite", "redis"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty store, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/folder/sessions.db"
    redis: RedisServer = request.getfixturevalue("redis")
    assert redis.ask("FLUSHALL") == "+OK"
    return redis.url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """Open the store."""
    opened = await open_store(store_url)
    yield opened
    await opened.close()


@pytest.fixture
async def other(store: Store, store_url: str) -> AsyncIterator[Store]:
    """Open the same store once more, as another process would."""
    opened = await open_store(store_url)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> Clock:
    """Return a clock that tests can set."""
    return Clock()


@pytest.fixture
def sessions(store: Store) -> Sessions:
    """Return the sessions of a store."""
    return Sessions(store, 60)


@pytest.fixture
def elsewhere(other: Store) -> Sessions:
    """Return the same sessions, as another process has them."""
    return Sessions(other, 60)


@pytest.fixture
async def session(sessions: Sessions) -> Session:
    """Begin a session of the deck's network."""
    return await sessions.create(DECK)
