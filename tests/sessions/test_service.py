"""Whose session it is, and that no change to it is ever lost: over every kind of store."""

import asyncio
import gc
import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from app.backprop.network import Invalid
from app.backprop.presets import PRESETS
from app.backprop.simulation import Simulation
from app.sessions.codec import CorruptRecord, decode
from app.sessions.service import (
    ATTEMPTS,
    Change,
    Conflict,
    NotFound,
    PreconditionFailed,
    Session,
    Sessions,
)
from app.sessions.store import Store, StoreUnavailable

DECK = PRESETS["deck"].simulation


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


def key_of(session: Session) -> str:
    """Return the key that a session was created with."""
    assert session.key is not None
    return session.key


def step(simulation: Simulation) -> Simulation:
    """Take one calculation."""
    return simulation.step(by="unit")


def slowly(steps: int) -> Callable[[Simulation], Iterator[Simulation]]:
    """Take as many calculations, letting others go on after each."""

    def change(simulation: Simulation) -> Iterator[Simulation]:
        for _ in range(steps):
            simulation = step(simulation)
            yield simulation

    return change


def stay(simulation: Simulation) -> Simulation:
    """Change nothing."""
    return simulation


async def soon(condition: asyncio.Future[object] | asyncio.Task[Session]) -> None:
    """Give everybody a few turns; the condition must not have come about by then."""
    for _ in range(5):
        await asyncio.sleep(0)
    assert not condition.done()


# Whose it is.


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
        await sessions.change(session.id, key, step, version=99)
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
    short, long = Sessions(store, 0.05), Sessions(store, 60)
    session = await short.create(DECK)
    await long.change(session.id, key_of(session), step)
    await asyncio.sleep(0.08)
    assert (await long.get(session.id, key_of(session))).version == 2


# Changing it.


async def test_a_change_is_kept_as_the_next_version(sessions: Sessions, session: Session) -> None:
    """What a change returns is the session from then on."""
    changed = await sessions.change(session.id, key_of(session), step)
    assert changed == Session(session.id, 2, step(DECK))
    assert await sessions.get(session.id, key_of(session)) == changed


async def test_a_change_in_slices_is_one_version(sessions: Sessions, session: Session) -> None:
    """Of a change that comes in slices the last one counts."""
    changed = await sessions.change(session.id, key_of(session), lambda s: s.training(5_000))
    assert changed == Session(session.id, 2, DECK.train(5_000))
    assert await sessions.get(session.id, key_of(session)) == changed


@pytest.mark.parametrize(
    "change",
    [stay, lambda s: iter([]), lambda s: iter([s, s])],
    ids=["itself", "no slices", "slices"],
)
async def test_what_changes_nothing_is_not_written(
    sessions: Sessions,
    session: Session,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    change: Change,
) -> None:
    """A change that returns the simulation that it was given keeps the version and writes nothing."""
    monkeypatch.setattr(store, "replace", None)
    unchanged = await sessions.change(session.id, key_of(session), change)
    assert unchanged == Session(session.id, 1, DECK)


async def test_a_version_makes_a_change_conditional(sessions: Sessions, session: Session) -> None:
    """A change meant for one version is made to that version alone."""
    id, key = session.id, key_of(session)
    assert (await sessions.change(id, key, step, version=1)).version == 2
    for other in (1, 3, 0, -1):
        with pytest.raises(PreconditionFailed):
            await sessions.change(id, key, step, version=other)
    with pytest.raises(PreconditionFailed):
        await sessions.change(id, key, stay, version=1)
    assert await sessions.get(id, key) == Session(id, 2, step(DECK))


async def test_of_many_conditional_changes_one_is_made(
    sessions: Sessions, elsewhere: Sessions, session: Session
) -> None:
    """Of all who change one version at the same time, wherever, one succeeds."""
    attempts = [
        where.change(session.id, key_of(session), slowly(2), version=1)
        for where in (sessions, elsewhere) * 5
    ]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert sorted(type(o).__name__ for o in outcomes) == ["PreconditionFailed"] * 9 + ["Session"]
    assert (await sessions.get(session.id, key_of(session))).version == 2


async def test_a_change_that_fails_changes_nothing(sessions: Sessions, session: Session) -> None:
    """What a change raises comes through, at once or after some slices, and nothing is kept."""

    def midway(simulation: Simulation) -> Iterator[Simulation]:
        yield step(simulation)
        raise Invalid("learning_rate", "too far")

    def at_once(simulation: Simulation) -> Simulation:
        return simulation.step(by="mile")

    for change in (midway, at_once):
        with pytest.raises(Invalid):
            await sessions.change(session.id, key_of(session), change)
    assert await sessions.get(session.id, key_of(session)) == Session(session.id, 1, DECK)
    assert (await sessions.change(session.id, key_of(session), slowly(3))).version == 2


async def test_a_change_that_is_called_off_changes_nothing(
    sessions: Sessions, session: Session
) -> None:
    """A change cancelled midway keeps nothing, and the next one need not wait for it."""
    changing = asyncio.create_task(sessions.change(session.id, key_of(session), slowly(1_000)))
    await soon(changing)
    changing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await changing
    del changing
    changed = await sessions.change(session.id, key_of(session), slowly(2))
    assert changed == Session(session.id, 2, step(step(DECK)))


# Changing it at the same time.


async def test_concurrent_changes_are_all_made(sessions: Sessions, session: Session) -> None:
    """Of 300 steps at once, some of them slow, none is lost, and each has a version of its own."""
    changes = [slowly(1) if number % 3 else step for number in range(300)]
    made = await asyncio.gather(
        *(sessions.change(session.id, key_of(session), change) for change in changes)
    )
    assert sorted(s.version for s in made) == list(range(2, 302))
    last = await sessions.get(session.id, key_of(session))
    assert last == Session(session.id, 301, DECK.step(by="unit", count=300))


async def test_two_processes_lose_no_change(
    sessions: Sessions, elsewhere: Sessions, session: Session
) -> None:
    """Two processes that change one session at once make every change that they acknowledge."""

    async def steps(where: Sessions, slices: int) -> None:
        made = 0
        while made < 60:
            with suppress(Conflict):  # nothing was done: again
                await where.change(session.id, key_of(session), slowly(slices))
                made += 1

    tabs = [(sessions, 1), (elsewhere, 1), (sessions, 2), (elsewhere, 3)]
    await asyncio.gather(*(steps(where, slices) for where, slices in tabs))
    last = await elsewhere.get(session.id, key_of(session))
    taken = DECK.step(by="unit", count=60 * (1 + 1 + 2 + 3))
    assert last == Session(session.id, 1 + 4 * 60, taken)


async def test_a_change_overtaken_is_made_to_what_came_before_it(
    sessions: Sessions, elsewhere: Sessions, session: Session
) -> None:
    """A slow change that another process overtakes is made again, to the newer simulation."""
    given: list[int] = []

    def training(simulation: Simulation) -> Iterator[Simulation]:
        given.append(simulation.cursor)
        yield from slowly(20)(simulation)

    slow = asyncio.create_task(sessions.change(session.id, key_of(session), training))
    await soon(slow)
    assert (await elsewhere.change(session.id, key_of(session), step)).version == 2
    assert await slow == Session(session.id, 3, DECK.step(by="unit", count=21))
    assert given == [0, 1]


async def test_a_conditional_change_overtaken_is_not_made(
    sessions: Sessions, elsewhere: Sessions, session: Session
) -> None:
    """A slow change meant for one version is refused when another process overtakes it."""
    slow = asyncio.create_task(sessions.change(session.id, key_of(session), slowly(20), version=1))
    await soon(slow)
    await elsewhere.change(session.id, key_of(session), step)
    with pytest.raises(PreconditionFailed):
        await slow


async def test_a_session_deleted_during_a_change_stays_deleted(
    sessions: Sessions, elsewhere: Sessions
) -> None:
    """A change does not bring back a session that was deleted meanwhile."""
    session = await sessions.create(DECK)
    slow = asyncio.create_task(sessions.change(session.id, key_of(session), slowly(20)))
    await soon(slow)
    await elsewhere.delete(session.id, key_of(session))
    with pytest.raises(NotFound):
        await slow


async def test_a_change_always_overtaken_gives_up(
    sessions: Sessions, session: Session, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change that is overtaken at every attempt says so in the end, and nothing was done."""
    attempts = 0

    async def overtaken(*_: object) -> bool:
        nonlocal attempts
        attempts += 1
        return False

    monkeypatch.setattr(store, "replace", overtaken)
    with pytest.raises(Conflict):
        await sessions.change(session.id, key_of(session), step)
    assert attempts == ATTEMPTS
    assert await sessions.get(session.id, key_of(session)) == Session(session.id, 1, DECK)


# Not in each other's way.


async def test_a_long_training_holds_up_nobody_else(sessions: Sessions, session: Session) -> None:
    """While one session trains, another takes a step between any two of its slices."""
    training = asyncio.create_task(
        sessions.change(session.id, key_of(session), lambda s: s.training(20_000))
    )
    other = await sessions.create(DECK)
    steps = 0
    while not training.done():
        await sessions.change(other.id, key_of(other), step)
        steps += 1
        await asyncio.sleep(0)
    assert steps > 50
    assert (await training).simulation == DECK.train(20_000)


async def test_many_trainings_hold_up_others_no_longer_than_one(sessions: Sessions) -> None:
    """Of all trainings under way, one makes one slice between two turns of everybody else."""
    slices, most = 0, 0

    def training(simulation: Simulation) -> Iterator[Simulation]:
        nonlocal slices
        for slice_ in slowly(20)(simulation):
            slices += 1
            yield slice_

    created = [await sessions.create(DECK) for _ in range(10)]
    trainings = asyncio.gather(*(sessions.change(s.id, key_of(s), training) for s in created))
    while not trainings.done():
        slices = 0
        await asyncio.sleep(0)
        most = max(most, slices)
    assert most == 1
    assert {s.simulation.cursor for s in await trainings} == {20}


async def test_an_owner_waits_for_a_change_and_a_stranger_does_not(
    sessions: Sessions, session: Session
) -> None:
    """Waiting for somebody's change would tell a stranger that there is such a session."""
    id, key = session.id, key_of(session)
    slow = asyncio.create_task(sessions.change(id, key, slowly(100)))
    await soon(slow)
    with pytest.raises(NotFound):
        await sessions.change(id, "another key", step)
    assert not slow.done()
    assert (await sessions.get(id, key)).version == 1
    assert (await sessions.change(id, key, step)).version == 3
    assert slow.done()
    assert (await slow).version == 2


async def test_nothing_is_kept_of_a_session_at_rest(sessions: Sessions, session: Session) -> None:
    """A lock is there while a change is made or waits, and no longer."""
    changing = [
        asyncio.create_task(sessions.change(session.id, key_of(session), slowly(5)))
        for _ in range(3)
    ]
    await asyncio.sleep(0)
    assert len(sessions._turns) == 1
    await asyncio.gather(*changing)
    changing.clear()
    gc.collect()
    assert len(sessions._turns) == 0


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
    with pytest.raises(StoreUnavailable):
        await sessions.create(DECK)
