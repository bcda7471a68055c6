"""How the server stops: first it says so, then it takes nothing new, then it finishes and is gone."""

import signal
import time
from threading import Event
from types import FrameType

import uvicorn


class Server(uvicorn.Server):
    """Uvicorn, which closes its port a moment after a signal and then waits for what is in flight.

    From the signal on `/readyz` is 503. With `drain`, the port stays open for so many seconds:
    time for a balancer to see it and to send new requests elsewhere, and each connection ends with
    its next answer. Having stopped as it was
    told to, the process ends with 0; uvicorn would end it by the signal.
    """

    def __init__(self, config: uvicorn.Config, stopping: Event, drain: float) -> None:
        super().__init__(config)
        self.stopping = stopping
        self.drain = drain
        self.closes_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.closes_at is None:
            self.stopping.set()
            self.closes_at = time.monotonic() + self.drain
        elif not self.should_exit:
            self.closes_at = 0.0  # asked for twice: at once
        elif sig == signal.SIGINT:
            self.force_exit = True

    async def on_tick(self, counter: int) -> bool:
        if self.closes_at is not None and time.monotonic() >= self.closes_at:
            self.should_exit = True
        return await super().on_tick(counter)
