"""The app as a whole: what happens between its start and its stop."""

import asyncio
from pathlib import Path

from app.main import create_app, sweep_forever
from app.sessions.stores.base import StoreUnavailable
from app.settings import Settings


def test_making_an_app_touches_nothing(tmp_path: Path) -> None:
    """Files are opened when the app starts, not when it is made."""
    create_app(Settings(store_url=f"sqlite:///{tmp_path}/data/backstep.db"))
    assert not list(tmp_path.iterdir())


async def test_sweeping_goes_on_when_the_store_is_away() -> None:
    """A sweep that fails is tried again at the next turn."""
    turns = asyncio.Queue[None]()

    class Away:
        async def sweep(self) -> int:
            turns.put_nowait(None)
            raise StoreUnavailable

    task = asyncio.create_task(sweep_forever(Away(), 0.001))  # type: ignore[arg-type]
    for _ in range(3):
        await asyncio.wait_for(turns.get(), 5)
    task.cancel()
