"""Real faults of a real file under the real server: what it says, what it keeps, how it recovers.

The disk is a tmpfs of its own, a file is made unwritable by its immutable flag. Where mounting or
the flag is not allowed (both are root's), the tests that need it are skipped.
"""

import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from app.sessions.stores.base import Record, StoreUnavailable
from app.sessions.stores.sqlite import SQLiteStore
from tests.support.owner import Owner, client_of, replayed
from tests.support.server import AppServer, on_file, stored

DISK = 2_000_000  # bytes
WAL_HEADER, FRAME = 32, 24 + 4096  # bytes


def run_as_root(*command: str | Path) -> None:
    """Run what may be root's alone; skip the test where it is not allowed."""
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or error
        pytest.skip(f"not allowed here: {' '.join(map(str, command))}: {said}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a small file system."""
    folder = tmp_path / "disk"
    folder.mkdir()
    run_as_root("mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder)
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[AppServer]:
    """Start a server on a file."""
    with on_file(tmp_path) as server:
        yield server


@pytest.fixture
def on_disk(disk: Path, server: AppServer) -> AppServer:
    """Let the server keep its sessions on that disk, and its log elsewhere."""
    server.kill()
    server.settings["BACKSTEP_STORE_URL"] = f"sqlite:///{disk}/backstep.db"
    server.start()
    return server


@pytest.fixture
async def client(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of whichever server the test has."""
    name = "on_disk" if "on_disk" in request.fixturenames else "server"
    running: AppServer = request.getfixturevalue(name)
    async with client_of(running.url) as opened:
        yield opened


@pytest.fixture
async def owner(client: httpx.AsyncClient) -> Owner:
    """Begin a session, and take a few steps in it."""
    owner = Owner()
    await owner.begin(client)
    for _ in range(5):
        await owner.step(client)
    return owner


@contextmanager
def filled(disk: Path, but: int = 0) -> Iterator[None]:
    """Leave no room on the disk, or so many bytes."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    os.truncate(ballast, ballast.stat().st_size - but)
    yield
    ballast.unlink()


@contextmanager
def immutable(*files: Path) -> Iterator[None]:
    """Let nobody write these files, not even who has them open."""
    try:
        run_as_root("chattr", "+i", *files)
        yield
    finally:
        subprocess.run(["chattr", "-i", *files], check=False, capture_output=True)


async def refused(client: httpx.AsyncClient, owner: Owner) -> None:
    """Hold that a step is refused as it should be, that the server says that it is not ready, and
    that what was acknowledged is readable."""
    url, headers = f"/api/sessions/{owner.id}/step", owner.authorization
    for answer in (
        await client.post(url, json={"by": "unit"}, headers=headers),
        await client.post("/api/sessions", json={"preset": "deck"}),
        await client.get("/readyz"),
    ):
        assert answer.status_code == 503, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["status"] == 503
    await whole(client, owner)


async def whole(client: httpx.AsyncClient, owner: Owner) -> None:
    """Hold that the session stands where it was last acknowledged, and is right."""
    latest = owner.acknowledged[-1]
    assert await owner.state(client) == replayed(owner.id, latest - 1)


async def recovered(client: httpx.AsyncClient, owner: Owner) -> None:
    """Hold that all is well again, and that the session goes on from where it stood."""
    assert (await client.get("/readyz")).status_code == 200
    before = owner.acknowledged[-1]
    await owner.step(client)
    assert owner.acknowledged[-1] == before + 1
    await whole(client, owner)


async def test_a_full_disk(
    disk: Path, on_disk: AppServer, client: httpx.AsyncClient, owner: Owner
) -> None:
    """Steps are refused while the disk is full, also by a server that is started on it, and are
    taken when there is room again."""
    with filled(disk):
        await refused(client, owner)
        on_disk.kill()
        on_disk.start(until="/healthz")
        async with client_of(on_disk.url) as another:
            await refused(another, owner)
    async with client_of(on_disk.url) as another:
        await recovered(another, owner)


async def test_my_networks_on_a_disk_that_fills_up(
    disk: Path, on_disk: AppServer, client: httpx.AsyncClient
) -> None:
    """With any room that is left a network is begun and listed, or refused in a plain sentence and not
    listed: no half of one is seen, and there is none after a restart."""
    htmx = {"HX-Request": "true"}

    async def begin(page: str) -> httpx.Response:
        # The first press of a page: of the large example, whose record is longer than a list.
        return await client.post("/step?preset=class-notes", headers=htmx | {"Press": f"{page}.1~"})

    async def listed(client: httpx.AsyncClient) -> set[str]:
        networks = (await client.get("/api/networks")).json()["networks"]
        for each in networks:
            assert (await client.get(f"/n/{each['id']}")).status_code == 200
        return {each["id"] for each in networks}

    begun, refused = {(await begin("first")).headers["HX-Replace-Url"][3:]}, 0
    [first] = begun
    for room in range(0, 72_000, 4096):
        with filled(disk, but=room):
            answer = await begin(f"p{room}")
            if answer.status_code == 200:
                begun.add(answer.headers["HX-Replace-Url"][3:])
            else:
                refused += 1
                assert answer.status_code == 503
            assert await listed(client) == begun
    assert refused
    assert len(begun) > 1
    with filled(disk):
        asked = {"Accept": "text/html"}
        for path in (
            f"/n/{first}/duplicate",
            f"/n/{first}/delete",
            f"/n/{first}/name",
            "/step?preset=xor",
        ):
            answer = await client.post(path, data={"name": "new"}, headers=asked)
            assert answer.status_code == 503
            assert "Please try again" in answer.text
        assert (await client.get("/networks")).status_code == 200
        on_disk.kill()
        on_disk.start(until="/healthz")
        assert await listed(client) == begun
    assert (await client.post(f"/n/{first}/duplicate")).status_code == 303
    assert len(await listed(client)) == len(begun) + 1
    assert "new" not in (await client.get("/networks")).text.split()


async def test_a_disk_with_hardly_any_room(tmp_path: Path, disk: Path) -> None:
    """The check fails where a small record might still fit, but a long one does not."""
    store = SQLiteStore(disk / "sessions.db")
    assert await store.create("a", b"one", 100)
    with filled(disk, but=30_000):
        assert await store.create("b", b"small", 100)
        with pytest.raises(StoreUnavailable, match="full"):
            await store.create("c", bytes(50_000), 100)
        with pytest.raises(StoreUnavailable, match="full"):
            await store.check()
        assert await store.get("b") == Record(1, b"small")
    await store.check()
    await store.close()


async def test_a_file_that_turns_read_only(
    server: AppServer, client: httpx.AsyncClient, owner: Owner
) -> None:
    """Steps are refused while the files cannot be written, and are taken when they can."""
    with immutable(server.folder / "backstep.db", server.folder / "backstep.db-wal"):
        await refused(client, owner)
    await recovered(client, owner)


async def test_a_file_that_was_read_only_at_the_start(tmp_path: Path) -> None:
    """A file that could be opened only for reading is read, and is written once that is allowed."""
    path = tmp_path / "sessions.db"
    store = SQLiteStore(path)
    assert await store.create("a", b"one", 100)
    await store.close()
    with immutable(path):
        store = SQLiteStore(path)
        for write in (store.replace("a", 1, b"two", 100), store.delete("a"), store.check()):
            with pytest.raises(StoreUnavailable, match="readonly"):
                await write
        assert await store.get("a") == Record(1, b"one")
    with suppress(StoreUnavailable):
        await store.check()  # the first write notices that it may
    await store.check()
    assert await store.replace("a", 1, b"two", 100)
    await store.close()


async def test_a_read_only_folder_at_the_start(tmp_path: Path, disk: Path) -> None:
    """Where nothing can be written at all the server does not start, and says which file it is."""
    store = SQLiteStore(disk / "backstep.db")
    await store.create("a", b"one", 100)
    await store.close()
    run_as_root("mount", "-o", "remount,ro", disk)
    unable = AppServer(tmp_path, stored(f"sqlite:///{disk}/backstep.db"))
    with pytest.raises(pytest.fail.Exception, match=r"cannot open .*/disk/backstep\.db"):
        unable.start()
    run_as_root("mount", "-o", "remount,rw", disk)
    store = SQLiteStore(disk / "backstep.db")
    assert await store.get("a") == Record(1, b"one")
    await store.close()


async def test_a_file_locked_by_another_process(
    server: AppServer, client: httpx.AsyncClient, owner: Owner
) -> None:
    """Steps are refused while somebody else holds the file, and are taken when it is let go of."""
    holder = sqlite3.connect(server.folder / "backstep.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    await refused(client, owner)
    holder.execute("ROLLBACK")
    holder.close()
    await recovered(client, owner)


async def test_a_truncated_wal(server: AppServer, client: httpx.AsyncClient, owner: Owner) -> None:
    """Of a WAL cut off in the middle of a page all before is there, whole, and nothing after."""
    wal = server.folder / "backstep.db-wal"
    until = wal.stat().st_size
    kept = owner.acknowledged[-1]
    for _ in range(5):
        await owner.step(client)
    server.kill()
    assert wal.stat().st_size > until + FRAME
    os.truncate(wal, until + FRAME // 2)
    server.start()
    async with client_of(server.url) as another:
        state = await owner.state(another)
        assert kept <= state["version"] < owner.acknowledged[-1]
        assert state == replayed(owner.id, state["version"] - 1)
        assert (await another.get("/readyz")).status_code == 200
        await owner.step(another)
        assert owner.acknowledged[-1] == state["version"] + 1


async def test_a_corrupted_row(server: AppServer, client: httpx.AsyncClient, owner: Owner) -> None:
    """A session with a wrong bit says that it is damaged, is not shown, and harms no other."""
    other = Owner()
    await other.begin(client)
    connection = sqlite3.connect(server.folder / "backstep.db", isolation_level=None)
    (data,) = connection.execute("SELECT data FROM sessions WHERE id = ?", (owner.id,)).fetchone()
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 1
    # The version goes on, as if another process had written it: this one reads it anew.
    connection.execute(
        "UPDATE sessions SET data = ?, version = version + 1 WHERE id = ?", (damaged, owner.id)
    )
    url = f"/api/sessions/{owner.id}"
    for answer in (
        await client.get(url, headers=owner.authorization),
        await client.post(f"{url}/step", json={"by": "unit"}, headers=owner.authorization),
    ):
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert "damaged" in answer.json()["detail"]
    assert (await client.get("/readyz")).status_code == 200
    await other.step(client)
    await whole(client, other)

    connection.execute(
        "UPDATE sessions SET data = ?, version = version + 1 WHERE id = ?", (data, owner.id)
    )
    connection.close()
    await owner.step(client)
    assert (await owner.state(client))["cursor"] == 6
