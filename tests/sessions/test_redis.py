"""What is particular to Redis: its keys, its faults, and answers that never come."""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.sessions import redis as module
from app.sessions.redis import RedisStore
from app.sessions.store import AnswerLost, Record, StoreUnavailable, open_store
from tests.redis_server import FOR_GOOD, FOR_NOTHING, RedisServer, free_port, redis_server

KEY = "backstep:session:a"
GUARD = 20  # seconds, after which a test that waits for Redis gives up


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """Start a Redis that one test may do anything to, and that keeps what it acknowledges."""
    with redis_server(tmp_path, *FOR_GOOD) as server:
        yield server


@pytest.fixture
async def store(server: RedisServer) -> AsyncIterator[RedisStore]:
    """Open a store there."""
    store = RedisStore.open(server.url)
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
    await asyncio.gather(*(store.get("a") for _ in range(10 * module.CONNECTIONS)))


# Its keys.


async def test_a_record_is_one_key_that_redis_drops(store: RedisStore, server: RedisServer) -> None:
    """A session is a hash under a prefix, with an expiry that each write sets anew."""
    await store.create("a", b"one", 1_000)
    assert server.ask("KEYS *").split() == ["*1", f"${len(KEY)}", KEY]
    assert server.ask(f"TYPE {KEY}") == "+hash"
    assert 900_000 < int(server.ask(f"PTTL {KEY}")[1:]) <= 1_000_000
    await store.replace("a", 1, b"two", 0.5)
    assert 0 < int(server.ask(f"PTTL {KEY}")[1:]) <= 500


async def test_the_count_is_a_number_that_redis_knows(
    store: RedisStore, server: RedisServer
) -> None:
    """Counting does not look at each key, however many there are."""
    for number in range(50):
        await store.create(f"{number}", b"", 1_000)
    server.ask("CONFIG RESETSTAT")
    assert await store.count() == 50
    asked = server.ask("INFO commandstats")
    assert "cmdstat_dbsize:calls=1," in asked
    assert "cmdstat_scan" not in asked
    assert "cmdstat_keys" not in asked


async def test_a_script_that_redis_does_not_know_is_sent_whole(
    store: RedisStore, server: RedisServer
) -> None:
    """Whenever Redis has forgotten the script, the change is made all the same, and once."""
    assert await store.create("a", b"one", 1_000)
    for version in (1, 2):
        assert server.ask("SCRIPT FLUSH") == "+OK"
        assert not await store.replace("a", 9, b"lost", 1_000)
        assert await store.replace("a", version, b"next", 1_000)
    assert await store.get("a") == Record(3, b"next")


async def test_a_key_of_another_kind_is_left_alone(store: RedisStore, server: RedisServer) -> None:
    """Where a session's key holds what is no session, that is said, and nothing written."""
    server.ask(f"SET {KEY} something")
    for attempt in (store.get("a"), store.create("a", b"", 9), store.replace("a", 1, b"", 9)):
        with pytest.raises(StoreUnavailable, match="WRONGTYPE"):
            await attempt
    assert server.ask(f"GET {KEY}") == "$9\r\nsomething"


# A burst.


async def test_a_burst_waits_for_its_turn(store: RedisStore, server: RedisServer) -> None:
    """Far more requests at once than connections are all answered."""
    await store.create("a", b"one", 1_000)
    records = await asyncio.gather(*(store.get("a") for _ in range(10 * module.CONNECTIONS)))
    assert records == [Record(1, b"one")] * (10 * module.CONNECTIONS)
    clients = server.ask("INFO clients").split("connected_clients:")[1].split()[0]
    assert int(clients) <= module.CONNECTIONS + 1  # and the one that asks


# When it is away, or will not, or hangs.


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
        with pytest.raises(StoreUnavailable) as refused:
            await attempt
        assert not isinstance(refused.value, AnswerLost)
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
    """The longest that one question to Redis can take."""
    assert module.TURN + module.ANSWER < 1


async def test_a_redis_that_hangs_is_not_waited_for(store: RedisStore, server: RedisServer) -> None:
    """While Redis answers nothing, everything says so; nothing is used up by that."""
    await store.create("a", b"one", 1_000)
    async with hung(server):
        for attempt in attempts(store):
            with pytest.raises(StoreUnavailable):
                await attempt
        many = (store.get("a") for _ in range(4 * module.CONNECTIONS))
        answers = await asyncio.gather(*many, return_exceptions=True)
        assert {type(answer) for answer in answers} == {StoreUnavailable}
    await store.check()
    await fill(store)


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
    store = RedisStore.open(server.url.replace("//", "//:hunter2@"))
    with pytest.raises(StoreUnavailable) as refused:
        await store.check()
    assert "hunter2" not in str(refused.value)
    await store.close()
    store = RedisStore.open(server.url.replace("//", "//:correct@"))
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
async def cut_wire(server: RedisServer, at: bytes) -> AsyncIterator[str]:
    """Put a wire before Redis, which breaks when the answer to a command comes; give its address."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", server.port)
        while sent := await reader.read(65536):
            back.write(sent)
            answer = await there.read(65536)
            if at in sent:
                break
            writer.write(answer)
        back.close()
        writer.close()

    async with await asyncio.start_server(carry, "127.0.0.1", 0) as wire:
        yield f"redis://127.0.0.1:{wire.sockets[0].getsockname()[1]}/0"


@pytest.mark.parametrize("change", ["create", "replace", "delete"])
async def test_a_change_whose_answer_is_lost_is_not_made_twice(
    store: RedisStore, server: RedisServer, change: str
) -> None:
    """Where the connection breaks after the change it is never repeated by itself."""
    await store.create("x", b"", 1_000)  # so that Redis knows the script
    if change != "create":
        await store.create("a", b"one", 1_000)
    async with cut_wire(server, b"DEL" if change == "delete" else b"EVALSHA") as url:
        wired = RedisStore.open(url)
        server.ask("CONFIG RESETSTAT")
        changes = {
            "create": lambda: wired.create("a", b"new", 1_000),
            "replace": lambda: wired.replace("a", 1, b"new", 1_000),
            "delete": lambda: wired.delete("a"),
        }
        with pytest.raises(AnswerLost):
            await changes[change]()
        command = "del" if change == "delete" else "evalsha"
        assert f"cmdstat_{command}:calls=1," in server.ask("INFO commandstats")
        made = {"create": Record(1, b"new"), "replace": Record(2, b"new"), "delete": None}
        assert await wired.get("a") == made[change]
        await wired.close()


async def test_a_read_whose_answer_is_lost_has_changed_nothing(
    store: RedisStore, server: RedisServer
) -> None:
    """Only of a change is it said that it may have been made."""
    async with cut_wire(server, b"HMGET") as url:
        wired = RedisStore.open(url)
        with pytest.raises(StoreUnavailable) as refused:
            await wired.get("a")
        assert not isinstance(refused.value, AnswerLost)
        await wired.close()


# Over TLS.


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Make a certificate for this machine, in a folder with its key."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is missing: apt-get install openssl"
    command = f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split()
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", f"{tmp_path}/key.pem", "-out", f"{tmp_path}/cert.pem"]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return tmp_path / "cert.pem"


async def test_over_tls(certificate: Path, tmp_path: Path) -> None:
    """The scheme rediss speaks TLS, to a server whose certificate is believed and to no other."""
    port = free_port()
    key = f"{tmp_path}/key.pem"
    files = ("--tls-cert-file", f"{certificate}", "--tls-key-file", key)
    options = ("--tls-port", f"{port}", "--tls-auth-clients", "no", *files)
    with redis_server(tmp_path, *FOR_NOTHING, *options) as server:
        url = f"rediss://127.0.0.1:{port}/0"
        stranger = RedisStore.open(url)
        with pytest.raises(StoreUnavailable, match="certificate"):
            await stranger.check()
        await stranger.close()
        store = RedisStore.open(f"{url}?ssl_ca_certs={certificate}")
        assert await store.create("a", b"one", 1_000)
        assert await store.get("a") == Record(1, b"one")
        assert server.ask(f"EXISTS {KEY}") == ":1"
        await store.close()
