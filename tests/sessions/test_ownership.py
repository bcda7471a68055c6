"""Whose session it is, and for how long: over every kind of store."""

import asyncio
import hashlib

import pytest

from app.sessions.codec import CorruptRecord, decode
from app.sessions.service import NotFound, Press, Session, Sessions
from app.sessions.stores.base import Store, StoreUnavailable
from tests.support.session_changes import DECK, key_of, step


async def test_a_session_begins_at_version_1_with_a_key(sessions: Sessions) -> None:
    """Creating a session gives an id of 128 bits, a key of 256 bits, and the simulation."""
    session = await sessions.create(DECK)
    assert (session.version, session.simulation) == (1, DECK)
    assert (len(session.id), len(key_of(session))) == (22, 43)
    assert key_of(session) not in repr(session)


async def test_no_two_sessions_share_an_id_or_a_key(sessions: Sessions) -> None:
    """Ids and keys are random."""
    created = [await sessions.create(DECK) for _ in range(50)]
    assert len({s.id for s in created} | {key_of(s) for s in created}) == 100


async def test_its_owner_gets_it(sessions: Sessions, session: Session) -> None:
    """With its key a session is read as it stands, and the key is not repeated."""
    got = await sessions.get(session.id, key_of(session))
    assert got == Session(session.id, 1, DECK)


async def test_the_key_is_not_stored(sessions: Sessions, session: Session, store: Store) -> None:
    """Only the SHA-256 of the key is kept."""
    record = await store.get(session.id)
    assert record is not None
    key = key_of(session).encode()
    assert key not in record.data
    assert decode(record.data).key_hash == hashlib.sha256(key).digest()


@pytest.mark.parametrize("key", ["", "x", "é", "\udcff", "\0", "A" * 43, "A" * 100_000])
async def test_to_anyone_else_it_does_not_exist(
    sessions: Sessions, session: Session, key: str
) -> None:
    """Whatever key is tried, reading, changing and deleting say that there is no such session."""
    with pytest.raises(NotFound):
        await sessions.get(session.id, key)
    with pytest.raises(NotFound):
        await sessions.change(session.id, key, step)
    with pytest.raises(NotFound):
        await sessions.change(session.id, key, step, Press(version=99))
    with pytest.raises(NotFound):
        await sessions.delete(session.id, key)
    assert await sessions.get(session.id, key_of(session)) == Session(session.id, 1, DECK)


async def test_a_key_opens_its_own_session_alone(sessions: Sessions, session: Session) -> None:
    """The owner of one session is a stranger to another."""
    another = await sessions.create(DECK)
    with pytest.raises(NotFound):
        await sessions.get(session.id, key_of(another))
    with pytest.raises(NotFound):
        await sessions.change(another.id, key_of(session), step)


@pytest.mark.parametrize(
    "id", ["", "x", "A" * 22, "é" * 22, "\udcff" * 22, "../../etc", "A" * 9999]
)
async def test_an_id_that_is_none_is_not_found(sessions: Sessions, id: str) -> None:
    """Whatever is tried as an id, there is no such session."""
    for attempt in (
        sessions.get(id, "key"),
        sessions.change(id, "key", step),
        sessions.delete(id, "key"),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_a_deleted_session_is_gone(sessions: Sessions) -> None:
    """After its owner has deleted a session it is found no more."""
    session = await sessions.create(DECK)
    await sessions.delete(session.id, key_of(session))
    for attempt in (
        sessions.get(session.id, key_of(session)),
        sessions.change(session.id, key_of(session), step),
        sessions.delete(session.id, key_of(session)),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_an_expired_session_is_gone(store: Store) -> None:
    """A session that was not changed for its time is found no more."""
    sessions = Sessions(store, 0.05)
    session = await sessions.create(DECK)
    await asyncio.sleep(0.08)
    with pytest.raises(NotFound):
        await sessions.get(session.id, key_of(session))


async def test_a_change_keeps_it_for_longer(store: Store) -> None:
    """A session lives for its whole time after each change."""
    short, long = Sessions(store, 0.4), Sessions(store, 60)
    session = await short.create(DECK)
    await long.change(session.id, key_of(session), step)
    await asyncio.sleep(0.45)
    assert (await long.get(session.id, key_of(session))).version == 2


# When the store is in trouble.


async def test_a_damaged_session_says_so(
    sessions: Sessions, session: Session, store: Store
) -> None:
    """A session that cannot be made sense of is neither shown nor changed."""
    record = await store.get(session.id)
    assert record is not None
    await store.replace(session.id, 1, record.data[:-9], 60)
    for attempt in (
        sessions.get(session.id, key_of(session)),
        sessions.change(session.id, key_of(session), step),
        sessions.delete(session.id, key_of(session)),
    ):
        with pytest.raises(CorruptRecord):
            await attempt
    assert await store.get(session.id) is not None


async def test_a_store_that_is_away_says_so(
    sessions: Sessions, session: Session, store: Store
) -> None:
    """While the store is away nothing is acknowledged."""
    await store.close()
    for attempt in (
        sessions.create(DECK),
        sessions.get(session.id, key_of(session)),
        sessions.change(session.id, key_of(session), step),
        sessions.delete(session.id, key_of(session)),
    ):
        with pytest.raises(StoreUnavailable):
            await attempt


async def test_a_store_that_takes_no_id_is_not_believed(
    sessions: Sessions, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session is given out only when it has been kept."""

    async def taken(*_: object) -> bool:
        return False

    monkeypatch.setattr(store, "create", taken)
    with pytest.raises(NotFound):
        await sessions.create(DECK)
