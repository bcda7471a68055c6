"""Gradient checks, for the API and for the page: on a thread, and one at a time.

Threads at work take turns with the event loop, and each more would make everybody's step wait for
longer. One takes 70 ms for the largest network.
"""

from collections.abc import Callable
from functools import partial

import anyio
from starlette.requests import Request

from app.analysis.gradient_check import GradientCheck, check_gradients
from app.backprop.errors import N_
from app.sessions.service import TooLong
from app.simulation.simulation import Simulation
from app.view.panels.gradient_check import cached_check, is_cached
from app.view.rendering.page_state import Preferences


class CheckTooLong(TooLong):
    """A check took longer than the limit, waiting for its turn included."""

    detail = "The gradient check took too long. Try again later."
    said = N_("The gradient check took too long. Nothing is lost: try again or open another tab.")


async def queued_check(
    request: Request, simulation: Simulation, address: str | None
) -> GradientCheck:
    """The check of one parameter, or of all. Raises CheckTooLong, KeyError."""
    return await _in_turn(request, partial(check_gradients, simulation, address))


async def prepare_check(request: Request, simulation: Simulation, preferences: Preferences) -> None:
    """Make the check that the page is about to show, if it does. Raises CheckTooLong."""
    if preferences.panel == "check" and not is_cached(simulation):
        await _in_turn(request, partial(cached_check, simulation))


async def _in_turn(request: Request, work: Callable[[], GradientCheck]) -> GradientCheck:
    state = request.app.state
    try:
        with anyio.fail_after(state.settings.change_seconds or None):
            return await anyio.to_thread.run_sync(work, limiter=state.checking)
    except TimeoutError:
        raise CheckTooLong from None
