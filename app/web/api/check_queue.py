"""Gradient checks and other long work, run on a thread, one at a time.

A thread competes with the event loop, so several of them would delay all other requests. A check of
the largest network takes 70 ms.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import anyio
from starlette.requests import Request

from app.analysis.gradient_check import GradientCheck, check_gradients
from app.backprop.errors import N_
from app.sessions.service import TooLong
from app.simulation.simulation import Simulation
from app.view.panels.gradient_check import cached_check, is_cached
from app.view.rendering.page_state import Preferences

T = TypeVar("T")


class CheckTooLong(TooLong):
    """A check, including its time in the queue, exceeded the limit."""

    detail = "The gradient check took too long. Try again later."
    page_message = N_(
        "The gradient check took too long. Nothing was lost. Try again or open another tab."
    )


async def queued_check(
    request: Request, simulation: Simulation, address: str | None
) -> GradientCheck:
    """Check one parameter or, without an address, all. Raises CheckTooLong or KeyError."""
    return await queued(request, partial(check_gradients, simulation, address), CheckTooLong)


async def prepare_check(request: Request, simulation: Simulation, preferences: Preferences) -> None:
    """Run and cache the check if the page shows it. Raises CheckTooLong."""
    if preferences.panel == "check" and not is_cached(simulation):
        await queued(request, partial(cached_check, simulation), CheckTooLong)


async def queued(
    request: Request, work: Callable[[], T], too_long: type[TooLong], *, takes_seconds: bool = False
) -> T:
    """Return the result of `work`, which has a queue of its own if it takes seconds.

    Raises `too_long`.
    """
    state = request.app.state
    limiter = state.writing if takes_seconds else state.checking
    try:
        with anyio.fail_after(state.settings.change_seconds or None):
            return await anyio.to_thread.run_sync(work, limiter=limiter)
    except TimeoutError:
        raise too_long from None
