"""The address of a store picks its kind."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.sessions.stores.base import open_store
from app.sessions.stores.redis import RedisStore
from app.sessions.stores.sqlite import SQLiteStore


async def test_an_unknown_scheme_is_named_without_the_rest() -> None:
    """The error for an unknown scheme names the scheme, and keeps what may be a password."""
    with pytest.raises(ValueError, match="'mongodb'") as caught:
        await open_store("mongodb://teacher:hunter2@localhost")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["sqlite://data/x.db", "sqlite:///", "sqlite://", "sqlite:///x.db?mode=ro", "sqlite:///x#y"],
)
async def test_a_sqlite_address_of_another_form_is_refused(url: str) -> None:
    """An address with a host, a query or no path does not open some other file."""
    with pytest.raises(ValueError, match="sqlite:///relative/path"):
        await open_store(url)


async def test_three_slashes_are_relative_and_four_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path counts from the working directory; %20 is a space."""
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite:///here/a%20b.db", f"sqlite:///{tmp_path}/there.db"):
        await (await open_store(url)).close()
    assert (tmp_path / "here" / "a b.db").exists()
    assert (tmp_path / "there.db").exists()


def test_a_kind_is_imported_only_when_asked_for(tmp_path: Path) -> None:
    """Importing the protocol imports no kind, and opening SQLite does not import Redis."""
    code = f"""if True:
        import asyncio, sys
        from app.sessions.stores.base import open_store
        assert not {{"sqlite3", "redis", "hiredis"}} & set(sys.modules)
        asyncio.run(open_store("sqlite:///{tmp_path}/x.db"))
        assert not {{"redis", "hiredis"}} & set(sys.modules)
    """
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_the_sqlite_scheme_opens_sqlite(tmp_path: Path) -> None:
    """The scheme sqlite opens the SQLite store."""
    store = await open_store(f"sqlite:///{tmp_path}/x.db")
    assert isinstance(store, SQLiteStore)
    await store.close()


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://localhost:6380/2",
        "redis://teacher:hunter2@redis.example/",
        "redis://[::1]:6379/0",
        "rediss://:hunter2@redis.example:6380/1?ssl_ca_certs=/etc/ca.pem&ssl_check_hostname=false",
        "redis://teacher:a%2Fb@redis-1.example_2:6380",
        "redis+sentinel://one.example/backstep",
        "redis+sentinel://teacher:hunter2@one.example:6380,two.example,[::1]:6381/backstep/2",
        "rediss+sentinel://one.example,two.example/backstep?ssl_ca_certs=/etc/ca.pem",
        "redis+sentinel://one.example/backstep?sentinel_username=a&sentinel_password=hunter2",
    ],
)
async def test_a_redis_address_opens_redis(url: str) -> None:
    """The schemes of one Redis, of sentinels and of TLS open the Redis store, which asks for nothing yet."""
    store = await open_store(url)
    assert isinstance(store, RedisStore)
    await store.close()


@pytest.mark.parametrize(
    "url",
    [
        "redis://",
        "redis:///0",
        "redis://teacher:hunter2@",
        "redis://localhost/sessions",
        "redis://localhost:port/0",
        "redis://teacher:hunter2/x@localhost/0",  # the slash should have been %2F
        "redis://localhost:6379/0#hunter2",
        "redis://localhost/0?ssl_ca_certs=/etc/hunter2.pem",  # of no use without TLS
        "redis://localhost/0?max_connections=8",
        "redis://localhost/0?decode_responses=true",
        "redis://localhost/0?retry_on_timeout=true",
        "redis://localhost/0?sentinel_password=hunter2",  # there is no sentinel
        "redis://one.example,two.example/0",  # are those sentinels?
        "redis://localhost/backstep/0",
        "redis+sentinel://",
        "redis+sentinel://one.example,/backstep",
        "redis+sentinel://one.example/",  # of which service?
        "redis+sentinel://one.example/0",
        "redis+sentinel://teacher:hunter2@one.example,two.example:port/backstep",
        "redis+sentinel://one.example/backstep?ssl_ca_certs=/etc/hunter2.pem",
        "redis+sentinel://one.example/backstep?max_connections=8",
    ],
)
async def test_a_redis_address_of_another_form_is_refused(url: str) -> None:
    """What is not understood is refused at the start, and nothing of it is repeated."""
    with pytest.raises(ValueError, match="expected redis://") as caught:
        await open_store(url)
    assert "hunter2" not in str(caught.value)
