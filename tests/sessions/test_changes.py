"""What becomes of a change, one at a time: over every kind of store."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from app.backprop.errors import Invalid
from app.sessions.capacity import Capacity
from app.sessions.service import (
    Change,
    NotFound,
    Outcome,
    PreconditionFailed,
    Press,
    Session,
    Sessions,
)
from app.sessions.stores.base import Store
from app.simulation.simulation import Simulation
from tests.support.session_changes import DECK, key_of, slowly, soon, stay, step


async def test_a_change_is_kept_as_the_next_version(sessions: Sessions, session: Session) -> None:
    """What a change returns is the session from then on."""
    changed = await sessions.change(session.id, key_of(session), step)
    assert changed == Session(session.id, 2, step(DECK))
    assert await sessions.get(session.id, key_of(session)) == changed


async def test_a_refused_first_change_takes_no_room(store: Store) -> None:
    """A session that was never created does not count towards the limit."""
    sessions = Sessions(store, 60.0, Capacity(store, await store.count() + 1))
    with pytest.raises(Invalid):
        await sessions.create(
            DECK, lambda simulation: simulation.edit(hyperparameters={"momentum": 2.0})
        )
    created = await sessions.create(DECK, step)
    assert created.simulation == step(DECK)


async def test_a_change_in_slices_is_one_version(sessions: Sessions, session: Session) -> None:
    """Of a change that comes in slices the last one counts."""
    changed = await sessions.change(session.id, key_of(session), lambda s: s.train_in_slices(5_000))
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
    """A change that returns the simulation that it was given keeps the version and writes nothing.

    It is asked for once, and the session is still the one that is remembered.
    """
    monkeypatch.setattr(store, "replace", None)
    given: list[Simulation] = []

    def counted(simulation: Simulation) -> Outcome:
        given.append(simulation)
        return change(simulation)

    for _ in range(2):
        unchanged = await sessions.change(session.id, key_of(session), counted)
        assert unchanged == Session(session.id, 1, DECK)
    first, second = given
    assert first is second


async def test_a_version_makes_a_change_conditional(sessions: Sessions, session: Session) -> None:
    """A change meant for one version is made to that version alone."""
    id, key = session.id, key_of(session)
    assert (await sessions.change(id, key, step, Press(version=1))).version == 2
    for other in (1, 3, 0, -1):
        with pytest.raises(PreconditionFailed):
            await sessions.change(id, key, step, Press(version=other))
    with pytest.raises(PreconditionFailed):
        await sessions.change(id, key, stay, Press(version=1))
    assert await sessions.get(id, key) == Session(id, 2, step(DECK))


async def test_of_many_conditional_changes_one_is_made(
    sessions: Sessions, elsewhere: Sessions, session: Session
) -> None:
    """Of all who change one version at the same time, wherever, one succeeds."""
    attempts = [
        where.change(session.id, key_of(session), slowly(2), Press(version=1))
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


# What a process remembers of a session, and another process has changed since.


def refuse_until(cursor: int) -> Callable[[Simulation], Simulation]:
    """Take a calculation, but only from that moment on."""

    def change(simulation: Simulation) -> Simulation:
        if simulation.cursor < cursor:
            raise Invalid("cursor", "too early")
        return step(simulation)

    return change


async def test_what_is_remembered_is_not_what_counts(
    sessions: Sessions, elsewhere: Sessions, session: Session
) -> None:
    """Each of two processes goes on from what the other has written last."""
    id, key = session.id, key_of(session)
    for version in range(2, 22):
        where = (sessions, elsewhere)[version // 2 % 2]
        assert (await where.change(id, key, step)).version == version
    assert await sessions.get(id, key) == Session(id, 21, DECK.step(by="unit", count=20))


async def test_nothing_is_refused_for_what_is_no_longer_so(
    sessions: Sessions, elsewhere: Sessions, session: Session
) -> None:
    """A change that another process has made possible since is made, in slices too."""
    id, key = session.id, key_of(session)
    assert (await sessions.change(id, key, step)).version == 2
    assert (await elsewhere.change(id, key, step)).version == 3
    assert (await sessions.change(id, key, refuse_until(2))).version == 4
    assert (await elsewhere.change(id, key, step)).version == 5
    slices = await sessions.change(id, key, lambda s: iter([refuse_until(4)(s)]))
    assert slices == Session(id, 6, DECK.step(by="unit", count=5))


async def test_what_still_stands_in_its_way_is_said(
    sessions: Sessions, elsewhere: Sessions, session: Session
) -> None:
    """A change that is refused of the newest moment, too, is refused."""
    id, key = session.id, key_of(session)
    await sessions.change(id, key, step)
    await elsewhere.change(id, key, step)
    with pytest.raises(Invalid):
        await sessions.change(id, key, refuse_until(3))
    assert (await sessions.get(id, key)).version == 3


async def test_a_version_elsewhere_counts(
    sessions: Sessions, elsewhere: Sessions, session: Session
) -> None:
    """A change meant for a version that another process has left is refused, remembered or not."""
    id, key = session.id, key_of(session)
    await sessions.change(id, key, step)
    await elsewhere.change(id, key, step)
    with pytest.raises(PreconditionFailed):
        await sessions.change(id, key, step, Press(version=2))
    assert (await sessions.change(id, key, step, Press(version=3))).version == 4


@pytest.mark.parametrize("change", [step, stay, refuse_until(99)], ids=["step", "stay", "refuse"])
async def test_what_is_remembered_of_a_session_that_is_gone(
    store: Store, elsewhere: Sessions, change: Change
) -> None:
    """A session that another process has deleted, or that has expired, is gone here as well."""
    long, short = Sessions(store, 60), Sessions(store, 0.05)
    for where in (long, short):
        session = await long.create(DECK)
        id, key = session.id, key_of(session)
        await where.change(id, key, step)
        if where is long:
            await elsewhere.delete(id, key)
        else:
            await asyncio.sleep(0.08)
        with pytest.raises(NotFound):
            await where.change(id, key, change)
