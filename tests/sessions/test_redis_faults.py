"""When Redis is away, will not, or hangs, and when its answers never come."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.sessions import rate_limits, service
from app.sessions.service import Sessions
from app.sessions.stores import redis
from app.sessions.stores.base import AnswerLost, Record, StoreUnavailable, open_store
from app.sessions.stores.redis import CONNECTIONS, RedisStore
from tests.support.redis_server import RedisServer
from tests.support.session_changes import DECK, key_of

GUARD = 20  # seconds, after which a test that waits for Redis gives up


@pytest.fixture
async def store(server: RedisServer) -> AsyncIterator[RedisStore]:
    """Open a store there."""
    store = RedisStore(server.url)
    yield store
    await store.close()


@asynccontextmanager
async def hung(server: RedisServer) -> AsyncIterator[None]:
    """Stop Redis where it is: it accepts connections and commands, and answers nothing."""
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)


async def fill(store: RedisStore) -> None:
    """Open as many connections as there may be, and leave them idle."""
    await asyncio.gather(*(store.get("a") for _ in range(10 * CONNECTIONS)))


def attempts(store: RedisStore) -> list[asyncio.Future[object]]:
    """Everything that can be asked of a store, at once."""
    asked = (
        store.create("b", b"", 1_000),
        store.get("a"),
        store.replace("a", 1, b"two", 1_000),
        store.delete("a"),
        store.count(),
        store.check(),
    )
    return [asyncio.ensure_future(each) for each in asked]


async def test_a_redis_that_is_away_is_used_again_when_it_is_back(
    store: RedisStore, server: RedisServer
) -> None:
    """While Redis is dead everything says so, and changes nothing; then all goes on at once,
    over connections that were idle meanwhile, with everything that was acknowledged."""
    await store.create("a", b"one", 1_000)
    await fill(store)
    server.kill()
    for attempt in attempts(store):  # over connections that are still thought to be good
        with pytest.raises(StoreUnavailable):
            await attempt
    for attempt in attempts(store):
        with pytest.raises(StoreUnavailable):
            await attempt
    server.start()
    assert await store.get("a") == Record(1, b"one")
    await fill(store)
    assert await store.replace("a", 1, b"two", 1_000)
    await store.check()


async def test_a_store_opens_while_redis_is_away(tmp_path: Path) -> None:
    """A server may start before its Redis does."""
    server = RedisServer(tmp_path)
    store = await open_store(server.url)
    with pytest.raises(StoreUnavailable):
        await store.check()
    server.start()
    await store.check()
    await store.close()
    server.kill()


def test_whoever_asks_is_told_within_a_second() -> None:
    """The longest that a request can wait for Redis: to be counted, for the session, and to learn
    what has become of a change."""
    assert rate_limits.ANSWER + redis.ANSWER + service.AGAIN < 1


async def test_a_redis_that_hangs_is_not_waited_for(store: RedisStore, server: RedisServer) -> None:
    """While Redis answers nothing, everything says so, and whoever queues behind those who found
    that out need not find it out anew; nothing is used up by that."""
    await store.create("a", b"one", 1_000)
    server.ask("CONFIG RESETSTAT")
    async with hung(server):
        for attempt in attempts(store):
            with pytest.raises(StoreUnavailable):
                await attempt
        many = (store.get("a") for _ in range(4 * CONNECTIONS))
        answers = await asyncio.gather(*many, return_exceptions=True)
        assert {type(answer) for answer in answers} == {StoreUnavailable}
    await store.check()
    calls = server.ask("INFO commandstats").partition("cmdstat_hmget:calls=")[2].partition(",")[0]
    assert int(calls or 0) <= 1 + CONNECTIONS
    await fill(store)


async def test_a_redis_that_has_vanished_is_not_waited_for() -> None:
    """Where connecting leads nowhere, as to a host that is gone, everything says so."""
    with socket.socket() as nobody, socket.socket() as queued:
        nobody.bind(("127.0.0.1", 0))
        nobody.listen(0)
        queued.connect(nobody.getsockname())  # the queue is full: who comes now gets no answer
        store = RedisStore(f"redis://127.0.0.1:{nobody.getsockname()[1]}/0")
        async with asyncio.timeout(GUARD):
            for attempt in attempts(store):
                with pytest.raises(StoreUnavailable, match=r"does not answer|failed those"):
                    await attempt
            many = (store.get("a") for _ in range(4 * CONNECTIONS))
            answers = await asyncio.gather(*many, return_exceptions=True)
        assert {type(answer) for answer in answers} == {StoreUnavailable}
        await store.close()


@pytest.mark.parametrize(
    "setting", ["maxmemory 1", "min-replicas-to-write 1"], ids=["full", "too few replicas"]
)
async def test_a_redis_that_refuses_has_changed_nothing(
    store: RedisStore, server: RedisServer, setting: str
) -> None:
    """Where Redis takes no writes they fail, and so does the check; what is there is readable."""
    await store.create("a", b"one", 1_000)
    was = server.ask(f"CONFIG GET {setting.split()[0]}").split()[-1]
    assert server.ask(f"CONFIG SET {setting}") == "+OK"
    for write in (store.create("b", b"", 9), store.replace("a", 1, b"two", 9), store.check()):
        with pytest.raises(StoreUnavailable, match="refuses") as refused:
            await write
        assert not isinstance(refused.value, AnswerLost)
    assert await store.get("a") == Record(1, b"one")
    server.ask(f"CONFIG SET {setting.split()[0]} {was}")
    await store.check()
    assert await store.replace("a", 1, b"two", 1_000)


async def test_a_wrong_password_is_not_repeated(server: RedisServer) -> None:
    """Whoever is not let in is told so, without the password; with the right one all is well."""
    assert server.ask("CONFIG SET requirepass correct") == "+OK"
    store = RedisStore(server.url.replace("//", "//:hunter2@"))
    with pytest.raises(StoreUnavailable) as refused:
        await store.check()
    assert "hunter2" not in str(refused.value)
    await store.close()
    store = RedisStore(server.url.replace("//", "//:correct@"))
    await store.check()
    await store.close()


# Answers that never come.


async def test_a_change_whose_answer_is_late_may_be_made_yet(
    store: RedisStore, server: RedisServer
) -> None:
    """A change that a hanging Redis has got is made when it goes on: whoever asked was told that
    it may, and asking for it again makes it no second time."""
    await store.create("a", b"one", 1_000)
    async with hung(server):
        with pytest.raises(AnswerLost):
            await store.replace("a", 1, b"two", 1_000)
    async with asyncio.timeout(GUARD):
        while await store.get("a") == Record(1, b"one"):
            pass
    assert not await store.replace("a", 1, b"two", 1_000)
    assert await store.get("a") == Record(2, b"two")


@asynccontextmanager
async def cut_wire(server: RedisServer, at: bytes, times: int) -> AsyncIterator[str]:
    """Put a wire before Redis, which breaks so many times when the answer to a command comes; give
    its address."""
    left = times

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal left
        there, back = await asyncio.open_connection("127.0.0.1", server.port)
        while sent := await reader.read(65536):
            back.write(sent)
            answer = await there.read(65536)
            if at in sent and left:
                left -= 1
                break
            writer.write(answer)
        back.close()
        writer.close()

    async with await asyncio.start_server(carry, "127.0.0.1", 0) as wire:
        yield f"redis://127.0.0.1:{wire.sockets[0].getsockname()[1]}/0"


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("change", ["create", "replace", "delete"])
async def test_a_change_whose_answer_is_lost_is_sent_once_more(
    store: RedisStore, server: RedisServer, change: str, times: int
) -> None:
    """Where the connection breaks after the change it is made once: sent again, it finds another
    version than it expects."""
    if change != "create":
        await store.create("a", b"one", 1_000)
    async with cut_wire(server, b"DEL" if change == "delete" else b"EVAL", times) as url:
        wired = RedisStore(url)
        server.ask("CONFIG RESETSTAT")
        changes = {
            "create": lambda: wired.create("a", b"new", 1_000),
            "replace": lambda: wired.replace("a", 1, b"new", 1_000),
            "delete": lambda: wired.delete("a"),
        }
        if times == 1:
            assert not await changes[change]()
        else:
            with pytest.raises(AnswerLost):
                await changes[change]()
        command = "del" if change == "delete" else "eval"
        assert f"cmdstat_{command}:calls=2," in server.ask("INFO commandstats")
        made = {"create": Record(1, b"new"), "replace": Record(2, b"new"), "delete": None}
        assert await wired.get("a") == made[change]
        await wired.close()


async def test_a_session_is_created_and_deleted_though_answers_are_lost(
    server: RedisServer,
) -> None:
    """What the store has made at its first attempt is known at the second."""
    async with cut_wire(server, b"EVAL", 1) as url:
        wired = RedisStore(url)
        session = await Sessions(wired, 60).create(DECK)
        await wired.close()
    async with cut_wire(server, b"DEL", 1) as url:
        wired = RedisStore(url)
        await Sessions(wired, 60).delete(session.id, key_of(session))
        assert await wired.count() == 0
        await wired.close()


async def test_a_read_whose_answer_is_lost_has_changed_nothing(
    store: RedisStore, server: RedisServer
) -> None:
    """A read is sent once more. Only of a change is it said that it may have been made."""
    async with cut_wire(server, b"HMGET", 3) as url:
        wired = RedisStore(url)
        with pytest.raises(StoreUnavailable) as refused:
            await wired.get("a")
        assert not isinstance(refused.value, AnswerLost)
        assert await wired.get("a") is None
        await wired.close()
