"""The networks of an owner: kept in every store, found again, and never anybody else's."""

import asyncio
from secrets import token_urlsafe

import pytest

from app.sessions.capacity import Capacity, CapacityReached
from app.sessions.codec import MOST_OWNERS, CorruptRecord, NewerFormat
from app.sessions.owner_codec import (
    MOST_NETWORKS,
    MOST_REMOVED,
    Entry,
    OwnerKey,
    OwnerRecord,
    TooManyNetworks,
    decode_owner,
    encode_owner,
)
from app.sessions.owners import BEGINNING, Owners
from app.sessions.service import (
    NotFound,
    Press,
    Session,
    Sessions,
    Taken,
    TooManyOwners,
    new_id,
)
from app.sessions.stores.base import AnswerLost, Store, StoreUnavailable
from tests.support.clock import Clock
from tests.support.session_changes import DECK, key_of, step

DAY = 86_400
TTL = 30 * DAY


@pytest.fixture
def clock() -> Clock:
    """Return a clock of these days: a record begins with a visit long ago."""
    return Clock(1_800_000_000.0)


@pytest.fixture
def owners(store: Store, sessions: Sessions, clock: Clock) -> Owners:
    return Owners(store, sessions, TTL, clock=clock)


@pytest.fixture
def owner() -> OwnerKey:
    return OwnerKey(token_urlsafe(32))


async def begin(owners: Owners, sessions: Sessions, owner: OwnerKey, page: str = "") -> Session:
    """Begin a network, with a step."""
    id = owner.network(page or token_urlsafe(8))
    return await sessions.create(DECK, step, claim=owners.claim(owner, id))


async def listed(owners: Owners, owner: OwnerKey) -> set[str]:
    return {each.id for each in (await owners.list(owner)).networks}


# The record.


def test_a_record_comes_back() -> None:
    """An owner's record is what it was, as bytes of its own kind."""
    entries = tuple(Entry(new_id(), number) for number in range(MOST_NETWORKS))
    record = OwnerRecord(entries, (new_id(),), 120, 1_800_000_000)
    data = encode_owner(record)
    assert decode_owner(data) == record
    assert len(data) < 6_000


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\0\0\0\0", b"\0" * 40])
def test_other_bytes_are_refused(data: bytes) -> None:
    """Neither damaged bytes nor a session are taken for an owner's record."""
    with pytest.raises(CorruptRecord):
        decode_owner(data)


def test_every_damaged_byte_is_noticed() -> None:
    """A record with one byte changed is refused; of a newer format it says so."""
    data = encode_owner(OwnerRecord((Entry(new_id(), 1),), (), 1, 5))
    for index in range(len(data)):
        changed = data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]
        with pytest.raises(CorruptRecord):
            decode_owner(changed)
    with pytest.raises(NewerFormat, match="unknown format 9"):
        decode_owner(b"\x09" + data[1:])


def test_ids_follow_from_the_key() -> None:
    """The same key and page give the same ids of 128 bits, and others give others."""
    one, other = OwnerKey("a" * 43), OwnerKey("b" * 43)
    ids = [one.network("p"), one.network("q"), other.network("p"), one.id[6:], other.id[6:]]
    assert len(set(ids)) == 5
    assert {len(id) for id in ids} == {22}
    assert one.network("p") == OwnerKey("a" * 43).network("p")
    assert one.id.startswith("owner:")
    assert "a" * 43 not in repr(one)


# Networks.


async def test_each_network_has_its_place(
    owners: Owners, sessions: Sessions, owner: OwnerKey
) -> None:
    """All networks of an owner are listed, numbered, and opened by the one key."""
    assert await listed(owners, owner) == set()
    made = [await begin(owners, sessions, owner) for _ in range(5)]
    assert [each.number for each in made] == [1, 2, 3, 4, 5]
    assert await listed(owners, owner) == {each.id for each in made}
    for each in made:
        assert (await sessions.change(each.id, owner.key, step)).version == 2
    last = await owners.last(owner)
    assert last is not None
    assert last.id == made[-1].id
    await owners.visit(owner, made[1].id)
    last = await owners.last(owner)
    assert last is not None
    assert last.id == made[1].id
    stranger = OwnerKey(token_urlsafe(32))
    assert await owners.last(stranger) is None
    assert await listed(owners, stranger) == set()
    for call in (owners.remove, owners.take_back):
        with pytest.raises(NotFound):
            await call(stranger, made[0].id)


async def test_quick_presses_meet(
    owners: Owners, sessions: Sessions, elsewhere: Sessions, owner: OwnerKey
) -> None:
    """Of two presses that begin one network at the same time, one begins it."""
    claims = [owners.claim(owner, owner.network("page")) for _ in range(8)]
    workers = [(sessions, elsewhere)[index % 2] for index in range(8)]
    made = await asyncio.gather(
        *(
            each.create(DECK, step, claim=claim)
            for each, claim in zip(workers, claims, strict=True)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Session) for each in made) == 1
    assert sum(isinstance(each, Taken) for each in made) == 7
    assert len(await listed(owners, owner)) == 1


async def test_two_processes_note_all(
    store: Store, other: Store, sessions: Sessions, elsewhere: Sessions, owner: OwnerKey
) -> None:
    """What two processes note at the same time is all noted."""
    pairs = [(Owners(store, sessions, TTL), sessions), (Owners(other, elsewhere, TTL), elsewhere)]
    made = await asyncio.gather(*(begin(*pairs[index % 2], owner) for index in range(12)))
    assert await listed(pairs[0][0], owner) == {each.id for each in made}
    assert sorted(each.number for each in made) == list(range(1, 13))


async def test_a_crash_before_the_network(
    owners: Owners, sessions: Sessions, owner: OwnerKey, clock: Clock, store: Store
) -> None:
    """An entry whose network was never written opens nothing, and is dropped when it is met; but not
    while it may still be written."""
    made = await begin(owners, sessions, owner)
    await owners.claim(owner, owner.network("lost")).note()  # and the process is killed
    for _ in range(2):
        assert await listed(owners, owner) == {made.id}
        last = await owners.last(owner)
        assert last is not None
        assert last.id == made.id
        record = await store.get(owner.id)
        assert record is not None
        assert len(decode_owner(record.data).entries) == 2 - (clock.now > 1_800_000_000)
        clock.now += BEGINNING + 1


async def test_at_most_100(owners: Owners, sessions: Sessions, owner: OwnerKey) -> None:
    """The 101st network is refused, nothing is written, and there is room once one is deleted."""
    first = await begin(owners, sessions, owner)
    for index in range(MOST_NETWORKS - 1):
        await owners.claim(owner, owner.network(f"page {index}")).note()
    with pytest.raises(TooManyNetworks):
        await begin(owners, sessions, owner, "one more")
    with pytest.raises(NotFound):
        await sessions.get(owner.network("one more"), owner.key)
    api = await sessions.create(DECK)
    with pytest.raises(TooManyNetworks):
        await owners.join(owner, api.id, key_of(api))
    await owners.remove(owner, first.id)
    await begin(owners, sessions, owner, "one more")
    with pytest.raises(TooManyNetworks):
        await owners.take_back(owner, first.id)


async def test_a_network_is_deleted_and_taken_back(
    owners: Owners, sessions: Sessions, owner: OwnerKey
) -> None:
    """Deleted, it is found by nobody; taken back, it is as it was."""
    one, two = [await begin(owners, sessions, owner) for _ in range(2)]
    await owners.remove(owner, one.id)
    found = await owners.list(owner)
    assert [each.id for each in found.networks] == [two.id]
    assert [each.id for each in found.removed] == [one.id]
    for attempt in (sessions.get(one.id, owner.key), sessions.change(one.id, owner.key, step)):
        with pytest.raises(NotFound):
            await attempt
    with pytest.raises(NotFound):
        await sessions.create(DECK, claim=owners.claim(owner, one.id))
    await owners.take_back(owner, one.id)
    assert (await sessions.get(one.id, owner.key)).simulation == one.simulation
    assert await listed(owners, owner) == {one.id, two.id}
    assert not (await owners.list(owner)).removed
    for _ in range(MOST_REMOVED + 3):
        await owners.remove(owner, (await begin(owners, sessions, owner)).id)
    assert len((await owners.list(owner)).removed) == MOST_REMOVED


async def test_a_deleted_one_goes_for_good(store: Store, owner: OwnerKey) -> None:
    """After its time it is gone."""
    sessions = Sessions(store, 60)
    owners = Owners(store, sessions, 0.3)
    made = await begin(owners, sessions, owner)
    await owners.remove(owner, made.id)
    await asyncio.sleep(0.35)
    with pytest.raises(NotFound):
        await owners.take_back(owner, made.id)


async def test_a_network_with_a_key_of_its_own(
    owners: Owners, sessions: Sessions, owner: OwnerKey
) -> None:
    """It joins a list by id and key, and then opens with both keys; with others it does not."""
    api = await sessions.create(DECK)
    for id, key in ((api.id, owner.key), (new_id(), key_of(api)), (owner.id, owner.key)):
        with pytest.raises(NotFound):
            await owners.join(owner, id, key)
    assert await listed(owners, owner) == set()
    for _ in range(2):
        await owners.join(owner, api.id, key_of(api))
    assert await listed(owners, owner) == {api.id}
    for key in (owner.key, key_of(api)):
        await sessions.change(api.id, key, step)
    friends = [OwnerKey(token_urlsafe(32)) for _ in range(MOST_OWNERS)]
    for friend in friends[:-1]:
        await owners.join(friend, api.id, key_of(api))
    with pytest.raises(TooManyOwners):
        await owners.join(friends[-1], api.id, key_of(api))
    assert (await sessions.get(api.id, friends[0].key)).version > 1


# How long they are kept.


async def test_a_visit_keeps_all_networks(store: Store, owner: OwnerKey, clock: Clock) -> None:
    """A visit restarts the time of every network of the owner, and of the record."""
    sessions = Sessions(store, 0.6)
    owners = Owners(store, sessions, 0.6, clock=clock)
    made = {(await begin(owners, sessions, owner)).id for _ in range(3)}
    for _ in range(4):
        await asyncio.sleep(0.3)
        clock.now += 1
        await owners.visit(owner)
    assert await listed(owners, owner) == made
    await asyncio.sleep(0.65)
    assert await listed(owners, owner) == set()


async def test_once_a_day(
    owners: Owners, sessions: Sessions, owner: OwnerKey, clock: Clock
) -> None:
    """Only the first visit of a day writes anything, and tells that it did."""
    made = await begin(owners, sessions, owner)
    assert await owners.visit(owner, made.id)
    assert not await owners.visit(owner, made.id)
    clock.now += DAY - 1
    assert not await owners.visit(owner, made.id)
    clock.now += 1
    assert await owners.visit(owner, made.id)
    assert not await owners.visit(OwnerKey(token_urlsafe(32)))  # there is nothing to keep


# Owners of the version before, trouble, and limits.


async def test_an_owner_from_before_there_were_lists(
    owners: Owners, sessions: Sessions, store: Store
) -> None:
    """A key of one session is that of an owner, whose first entry is the session."""
    old = await sessions.create(DECK)
    owner = OwnerKey(key_of(old), old.id)
    last = await owners.last(owner)
    assert last is not None
    assert last.id == old.id
    assert await store.get(owner.id) is None
    await asyncio.gather(owners.visit(owner, old.id), owners.visit(owner, old.id))  # two tabs
    assert await store.get(owner.id) is not None
    made = await begin(owners, sessions, OwnerKey(owner.key))
    assert await listed(owners, OwnerKey(owner.key)) == {old.id, made.id}
    gone = OwnerKey(token_urlsafe(32), new_id())
    assert await owners.last(gone) is None


async def test_a_damaged_list_begins_anew(
    owners: Owners, sessions: Sessions, owner: OwnerKey, store: Store
) -> None:
    """Its networks are still at their addresses, and return to the list when they are opened."""
    made = await begin(owners, sessions, owner)
    record = await store.get(owner.id)
    assert record is not None
    assert await store.replace(owner.id, record.version, record.data[:-1], TTL)
    assert await listed(owners, owner) == set()
    await owners.visit(owner, made.id)
    assert await listed(owners, owner) == {made.id}


async def test_a_damaged_network_stays_in_the_list(
    owners: Owners, sessions: Sessions, owner: OwnerKey, store: Store
) -> None:
    """It is shown as one that cannot be read, and can be taken out."""
    one, two = [await begin(owners, sessions, owner) for _ in range(2)]
    record = await store.get(two.id)
    assert record is not None
    assert await store.replace(two.id, record.version, b"\x63" + record.data[1:], TTL)
    found = {each.id: each for each in (await owners.list(owner)).networks}
    assert found[two.id].session is None
    assert isinstance(found[two.id].reason, NewerFormat)
    last = await owners.last(owner)
    assert last is not None
    assert last.id == one.id
    await owners.remove(owner, two.id)
    assert await listed(owners, owner) == {one.id}


async def test_a_full_server_begins_no_list(store: Store, owner: OwnerKey) -> None:
    """A new owner's record counts as a session does."""
    capacity = Capacity(store, 1)
    sessions = Sessions(store, 60, capacity)
    with pytest.raises(CapacityReached):
        await begin(Owners(store, sessions, TTL, capacity), sessions, owner)
    assert await store.count() == 0


@pytest.mark.parametrize("lost", ["the list", "the network"])
@pytest.mark.parametrize(
    ("error", "made"), [(StoreUnavailable, False), (AnswerLost, False), (AnswerLost, True)]
)
async def test_the_store_fails_on_the_way(
    owners: Owners,
    sessions: Sessions,
    owner: OwnerKey,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    lost: str,
    error: type[StoreUnavailable],
    made: bool,
) -> None:
    """Whichever of the two writes fails, and whether it was made, the same press again begins one
    network, which is in the list."""
    create = store.create
    claimed, press = owners.claim(owner, owner.network("page")), Press("page.1")

    async def failing(id: str, data: bytes, ttl: float) -> bool:
        if (id == owner.id) == (lost == "the list"):
            if made:
                assert await create(id, data, ttl)
            raise error("the disk is full")
        return await create(id, data, ttl)

    with monkeypatch.context() as patch:
        patch.setattr(store, "create", failing)
        with pytest.raises(error):
            await sessions.create(DECK, step, press, claimed)
    session = await sessions.create(DECK, step, press, claimed)
    assert (session.version, session.number) == (1, 1)
    assert await listed(owners, owner) == {session.id}
    assert (await sessions.get(session.id, owner.key)).simulation.cursor == 1
