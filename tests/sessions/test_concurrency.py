"""Changes at the same time: none is lost, and none holds up another session."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import suppress

import pytest

from app.sessions.service import (
    ATTEMPTS,
    Conflict,
    NotFound,
    PreconditionFailed,
    Press,
    Session,
    Sessions,
)
from app.sessions.stores.base import Store
from app.simulation.simulation import Simulation
from tests.support.session_changes import DECK, Held, key_of, slowly, step


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
    training = Held()
    slow = asyncio.create_task(sessions.change(session.id, key_of(session), training))
    await training.begun.wait()
    assert (await elsewhere.change(session.id, key_of(session), step)).version == 2
    training.let_go.set()
    assert await slow == Session(session.id, 3, DECK.step(by="unit", count=21))
    assert training.given == [0, 1]


async def test_a_conditional_change_overtaken_is_not_made(
    sessions: Sessions, elsewhere: Sessions, session: Session
) -> None:
    """A slow change meant for one version is refused when another process overtakes it."""
    training = Held()
    slow = asyncio.create_task(
        sessions.change(session.id, key_of(session), training, Press(version=1))
    )
    await training.begun.wait()
    await elsewhere.change(session.id, key_of(session), step)
    training.let_go.set()
    with pytest.raises(PreconditionFailed):
        await slow


async def test_a_session_deleted_during_a_change_stays_deleted(
    sessions: Sessions, elsewhere: Sessions
) -> None:
    """A change does not bring back a session that was deleted meanwhile."""
    session = await sessions.create(DECK)
    training = Held()
    slow = asyncio.create_task(sessions.change(session.id, key_of(session), training))
    await training.begun.wait()
    await elsewhere.delete(session.id, key_of(session))
    training.let_go.set()
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
    """While one session trains, another takes its steps between the slices."""
    training = asyncio.create_task(
        sessions.change(session.id, key_of(session), lambda s: s.train_in_slices(100_000))
    )
    other = await sessions.create(DECK)
    for _ in range(10):
        await sessions.change(other.id, key_of(other), step)
        await asyncio.sleep(0)
    assert not training.done()  # of some 1,000 slices
    assert (await training).simulation == DECK.train(100_000)


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
    training = Held()
    slow = asyncio.create_task(sessions.change(id, key, training))
    await training.begun.wait()
    with pytest.raises(NotFound):
        await sessions.change(id, "another key", step)
    assert not slow.done()
    assert (await sessions.get(id, key)).version == 1
    training.let_go.set()
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
