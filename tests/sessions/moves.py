"""What the tests do to sessions."""

import asyncio
from collections.abc import Callable, Iterator

from app.backprop.presets import PRESETS
from app.backprop.simulation import Simulation
from app.sessions.service import Session

DECK = PRESETS["deck"].simulation


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
