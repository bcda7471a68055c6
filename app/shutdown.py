"""Shutdown: announce it, stop accepting connections, finish the open requests, exit."""

import signal
import time
from threading import Event
from types import FrameType

import uvicorn


class Server(uvicorn.Server):
    """Uvicorn with an optional delay between a signal and closing the port.

    After the signal, `/readyz` responds with 503 and every connection ends with its next response.
    The port stays open for `drain` seconds, so that a load balancer can send new requests
    elsewhere. The process exits with 0, whereas uvicorn would end it by the signal.
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
            self.closes_at = 0.0  # a second signal ends the delay
        elif sig == signal.SIGINT:
            self.force_exit = True

    async def on_tick(self, counter: int) -> bool:
        if self.closes_at is not None and time.monotonic() >= self.closes_at:
            self.should_exit = True
        return await super().on_tick(counter)
