"""What the tests do to sessions."""

import asyncio
from collections.abc import Callable, Iterator

from app.examples.presets import PRESETS
from app.sessions.service import Session
from app.simulation.simulation import Simulation

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


class Held:
    """A long change, 20 calculations, that does not come to its end before it is let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.let_go = asyncio.Event()
        self.given: list[int] = []

    def __call__(self, simulation: Simulation) -> Iterator[Simulation]:
        """Make it; remember the cursor at which it was to begin."""
        self.given.append(simulation.cursor)
        self.begun.set()
        while not self.let_go.is_set():
            yield simulation
        yield from slowly(20)(simulation)


def stay(simulation: Simulation) -> Simulation:
    """Change nothing."""
    return simulation


async def soon(condition: asyncio.Future[object] | asyncio.Task[Session]) -> None:
    """Give everybody a few turns; the condition must not have come about by then."""
    for _ in range(5):
        await asyncio.sleep(0)
    assert not condition.done()
