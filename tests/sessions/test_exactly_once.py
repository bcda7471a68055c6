"""Every change is made exactly once, whatever is lost and however often it is repeated."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from itertools import count, cycle
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sessions.codec import MOST_CHANGES
from app.sessions.service import (
    REPEATABLE,
    Change,
    Conflict,
    PreconditionFailed,
    Press,
    Session,
    Sessions,
)
from app.sessions.stores.base import AnswerLost, Record, Store, StoreUnavailable, open_store
from app.simulation.simulation import Simulation
from tests.support.lossy import AFTER, BEFORE, LATER, LossyStore, LossyWire, random_fate
from tests.support.redis_server import RedisServer
from tests.support.session_changes import DECK, key_of, slowly, stay, step

LOST = int(os.environ.get("BACKSTEP_LOST_ANSWERS", "300"))  # in each of the tests that lose many


# One repetition at a time.


async def test_a_repeated_change_is_made_once(
    sessions: Sessions, elsewhere: Sessions, session: Session
) -> None:
    """Whoever repeats it, wherever, gets the session as it is now."""
    id, key = session.id, key_of(session)
    made = await sessions.change(id, key, step, Press("a.1"))
    assert made.changes[-1] == "a.1"
    later = await elsewhere.change(id, key, step, Press("a.2"))
    for where in (sessions, elsewhere) * 2:
        assert await where.change(id, key, step, Press("a.1")) == later
    assert later.simulation == DECK.step(by="unit", count=2)


async def test_a_repetition_at_the_same_time_is_made_once(
    sessions: Sessions, elsewhere: Sessions, session: Session
) -> None:
    """A change that is sent again before the first one is answered is one change."""
    same = [
        where.change(session.id, key_of(session), slowly(3), Press("a.1"))
        for where in (sessions, elsewhere) * 4
    ]
    made = await asyncio.gather(*same)
    assert {each.version for each in made} == {2}
    assert (await sessions.get(session.id, key_of(session))).simulation == DECK.step("unit", 3)


async def test_the_last_sixteen_are_remembered(sessions: Sessions, session: Session) -> None:
    """The ids of the last 16 changes are kept; one that is older is a new change."""
    id, key = session.id, key_of(session)
    for number in range(MOST_CHANGES):
        await sessions.change(id, key, step, Press(f"a.{number}"))
    full = await sessions.get(id, key)
    assert full.changes == tuple(f"a.{number}" for number in range(MOST_CHANGES))
    assert await sessions.change(id, key, step, Press("a.0")) == full
    await sessions.change(id, key, step, Press("a.16"))
    again = await sessions.change(id, key, step, Press("a.0"))
    assert again.version == full.version + 2
    assert again.changes[-2:] == ("a.16", "a.0")


async def test_a_repetition_needs_no_condition(sessions: Sessions, session: Session) -> None:
    """A change that was made is done, although the session is at another version by now."""
    id, key = session.id, key_of(session)
    for _ in range(2):
        made = await sessions.change(id, key, step, Press("a.1", version=1))
        assert made.version == 2
    with pytest.raises(PreconditionFailed):
        await sessions.change(id, key, step, Press("a.2", version=1))


async def test_what_keeps_no_id(sessions: Sessions, session: Session) -> None:
    """A change that may be repeated keeps no id, and neither does one that changes nothing."""
    id, key = session.id, key_of(session)
    assert len(session.changes) == 1  # to be created is a change
    for change, press in ((step, REPEATABLE), (step, REPEATABLE), (stay, Press("a.1"))):
        changed = await sessions.change(id, key, change, press)
        assert changed.changes == session.changes
    assert changed.simulation == DECK.step(by="unit", count=2)
    assert (await sessions.change(id, key, step, Press("a.1"))).changes[-1] == "a.1"


async def test_a_change_without_an_id_gets_one(sessions: Sessions, session: Session) -> None:
    """The server names a change that nobody has named."""
    for _ in range(3):
        session_now = await sessions.change(session.id, key_of(session), step)
    assert len(set(session_now.changes)) == 4


# Outdated pages.

STALE = [  # what the page shows, the session's changes, and whether a press on page "p" is stale
    ("", (), False),
    ("", ("p.1", "p.2"), False),  # an example page, whose first presses these are
    ("", ("q.1",), True),
    ("q.1", ("q.1",), False),
    ("q.1", ("q.1", "p.1", "p.2"), False),
    ("q.1", ("q.1", "p.1", "q.2"), True),
    ("q.2", ("q.1", "p.1", "q.2"), False),
    ("gone", tuple(f"p.{number}" for number in range(16)), False),
    ("gone", ("q.1", *(f"p.{number}" for number in range(15))), True),
    (None, ("q.1",), False),
]


@pytest.mark.parametrize(("after", "changes", "stale"), STALE)
def test_a_press_on_an_outdated_page(
    after: str | None, changes: tuple[str, ...], stale: bool
) -> None:
    """A press is stale if others than its page have made a change that the page does not show."""
    press = Press("p.9", after)
    if not stale:
        return press.check(1, changes)
    with pytest.raises(PreconditionFailed):
        press.check(1, changes)


async def test_an_outdated_page_elsewhere(
    sessions: Sessions, elsewhere: Sessions, session: Session
) -> None:
    """A stale press changes nothing, whoever has made the change that it does not know."""
    id, key = session.id, key_of(session)
    [shown] = session.changes
    await sessions.change(id, key, step, Press("p.1", shown))
    other = await elsewhere.change(id, key, step, Press("q.1", "p.1"))
    for where in (sessions, elsewhere):
        with pytest.raises(PreconditionFailed):
            await where.change(id, key, step, Press("p.2", "p.1"))
    assert await sessions.get(id, key) == other
    assert (await sessions.change(id, key, step, Press("p.3", "q.1"))).version == 4


# Lost answers.


@pytest.mark.parametrize("fate", [BEFORE, AFTER, LATER])
async def test_a_lost_answer_is_looked_up(
    store: Store, sessions: Sessions, session: Session, fate: str
) -> None:
    """The service finds its own id, or makes the change again: nobody notices."""
    fates = iter([fate])
    lossy = Sessions(LossyStore(store, lambda: next(fates, "")), 60)
    changed = await lossy.change(session.id, key_of(session), step, Press("a.1"))
    await asyncio.sleep(0.05)  # the late one is refused
    assert changed == Session(session.id, 2, step(DECK))
    assert await sessions.get(session.id, key_of(session)) == changed
    assert not list(fates)


@pytest.mark.parametrize("fate", [BEFORE, AFTER])
async def test_an_outcome_that_stays_unknown(
    store: Store,
    sessions: Sessions,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    fate: str,
) -> None:
    """If the session cannot be read either, that is said; to repeat the change makes it once."""

    lossy, reads = LossyStore(store, lambda: fate), count()

    async def once(id: str) -> Record | None:
        if next(reads):
            raise StoreUnavailable
        return await store.get(id)

    monkeypatch.setattr(lossy, "get", once)
    with pytest.raises(AnswerLost):
        await Sessions(lossy, 60).change(session.id, key_of(session), step, Press("a.1"))
    changed = await sessions.change(session.id, key_of(session), step, Press("a.1"))
    assert changed == Session(session.id, 2, step(DECK))


async def test_a_store_that_hangs_is_not_waited_for_twice(
    store: Store, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a lost answer, reading the session takes a tenth of a second at most."""
    lossy = LossyStore(store, lambda: BEFORE)
    where = Sessions(lossy, 60)
    get, reads = lossy.get, count()

    async def hang(id: str) -> Record | None:
        await asyncio.sleep(60 * next(reads))
        return await get(id)

    monkeypatch.setattr(lossy, "get", hang)
    async with asyncio.timeout(5):
        with pytest.raises(AnswerLost):
            await where.change(session.id, key_of(session), step)


async def write(where: Sessions, session: Session, name: str, done: Callable[[], bool]) -> int:
    """Take steps until it is enough, each as often as it takes; return how many."""
    made, waiting = 0, False
    while waiting or not done():
        press, waiting = Press(f"{name}.{made}"), True
        with suppress(Conflict, StoreUnavailable):
            changed = await where.change(session.id, key_of(session), step, press)
            assert press.id in changed.changes
            made, waiting = made + 1, False
        await asyncio.sleep(0)
    return made


async def both_write(lossy: Sessions, other: Sessions, losses: LossyStore | LossyWire) -> None:
    """Let two writers change a session until enough answers were lost; each change counts once."""
    session = await other.create(DECK)

    def done() -> bool:
        return losses.lost >= LOST

    one, two = write(lossy, session, "a", done), write(other, session, "b", done)
    steps = sum(await asyncio.gather(one, two))
    last = await other.get(session.id, key_of(session))
    iteration, cursor = divmod(steps - 1, len(DECK.steps))
    print(f"{losses.lost} answers lost, {steps} changes made")
    assert (last.simulation.iteration, last.simulation.cursor) == (iteration, cursor + 1)
    assert last.version == 1 + steps


async def test_many_lost_answers(store: Store, elsewhere: Sessions) -> None:
    """Of a store that loses half of its answers, with a second writer of the same session."""
    lossy = LossyStore(store, random_fate(Random(7)))
    await both_write(Sessions(lossy, 60), elsewhere, lossy)
    await asyncio.gather(*lossy.late)


@pytest.fixture
async def wire(server: RedisServer) -> AsyncIterator[LossyWire]:
    """Lay a wire before a Redis that loses half of the answers to changes."""
    random = Random(8)
    async with LossyWire(server.port, lambda: random.choice(("", BEFORE, AFTER))).laid() as wire:
        yield wire


async def test_many_lost_answers_of_redis(server: RedisServer, wire: LossyWire) -> None:
    """The same over a wire that breaks, before Redis has got a change or after it has made it."""
    lossy, direct = await open_store(wire.address), await open_store(server.url)
    await both_write(Sessions(lossy, 60), Sessions(direct, 60), wire)
    await lossy.close()
    await direct.close()


# Against a model.


class Memory:
    """A store that keeps records in memory."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}

    async def create(self, id: str, data: bytes, ttl: float) -> bool:
        self.records[id] = Record(1, data)
        return True

    async def get(self, id: str) -> Record | None:
        return self.records.get(id)

    async def replace(self, id: str, version: int, data: bytes, ttl: float) -> bool:
        await asyncio.sleep(0)
        if self.records[id].version != version:
            return False
        self.records[id] = Record(version + 1, data)
        return True

    async def touch(self, ids: Sequence[str], ttl: float) -> int:
        return sum(id in self.records for id in ids)

    async def delete(self, id: str) -> bool:
        return self.records.pop(id, None) is not None

    async def sweep(self) -> int:
        return 0

    async def count(self) -> int:
        return len(self.records)

    async def check(self) -> None:
        """Nothing can be wrong."""

    async def close(self) -> None:
        """Nothing is open."""


def adds(number: int) -> Change:
    """Return the change that counts in digit `number`, to base 4, of the first bias."""

    def change(simulation: Simulation) -> Simulation:
        old = simulation.reading()["bias/0"]
        return simulation.edit_parameter("bias/0", old + 4.0**number)

    return change


FATES = st.lists(st.sampled_from(("", BEFORE, AFTER, LATER)), min_size=1, max_size=12)
# For each writer its presses, each with the number of times that it is sent.
WRITERS = st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=5), min_size=1, max_size=3)


@settings(max_examples=300, deadline=None)
@given(WRITERS, st.lists(FATES, min_size=3, max_size=3), st.booleans())
def test_any_interleaving(writers: list[list[int]], fates: list[list[str]], apart: bool) -> None:
    """Whatever is lost and repeated, an acknowledged change was made once, and none twice."""

    async def run() -> None:
        memory, numbers, acknowledged = Memory(), count(), set[int]()
        stores = [LossyStore(memory, cycle(fate).__next__) for fate in fates]
        processes = [Sessions(store, 60) for store in stores]
        session = await processes[0].create(DECK.edit(biases=((0.0,), (0.0,))))
        key = key_of(session)

        async def write(presses: list[int], where: Sessions) -> None:
            for times in presses:
                number = next(numbers)
                for _ in range(times):
                    with suppress(StoreUnavailable, Conflict):
                        await where.change(session.id, key, adds(number), Press(f"w.{number}"))
                        acknowledged.add(number)

        await asyncio.gather(*map(write, writers, processes if apart else processes[:1] * 3))
        for store in stores:
            await asyncio.gather(*store.late)
        last = await Sessions(memory, 60).get(session.id, key)
        counted = int(last.simulation.reading()["bias/0"])
        made = [counted // 4**number % 4 for number in range(next(numbers))]
        assert max(made) <= 1
        assert all(made[number] for number in acknowledged)
        assert last.version == 1 + sum(made)

    asyncio.run(run())
