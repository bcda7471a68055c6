"""The clicker: it pages through the lecture script of a network, and never twice for one press."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.backprop.errors import N_
from app.sessions.codec import Lecture, Stored
from app.sessions.lecture import Pin, Script
from app.sessions.service import (
    ATTEMPTS,
    Conflict,
    NotFound,
    PreconditionFailed,
    Press,
    QuestionOpen,
    Session,
)
from app.sessions.stores.base import AnswerLost
from app.simulation.navigation import go_to_moment
from app.simulation.simulation import Simulation
from app.view.rendering.urls import base_of
from app.web.api.schemas.script_file import script_of as script_of  # for the speaker's window
from app.web.http.preferences import preferences_of
from app.web.http.security import read_cookie
from app.web.pages.browser_session import change_session, named_network, press_of, sessions_in
from app.web.pages.forms.fields import whole_number
from app.web.pages.forms.uploads import read_form
from app.web.pages.page_response import (
    OUTDATED,
    current_page,
    outcome_page,
    page_of,
    page_of_session,
    respond,
)

NEAREST = N_("The network has changed. This is the nearest moment to the one that was pinned.")
FIRST = N_("This is the first moment of the lecture script.")
LAST = N_("This is the last moment of the lecture script.")
GONE = N_("The lecture script has no such moment any more.")
EMPTY = N_("The lecture script is empty. Pin a moment first.")


class ScriptChanged(Exception):
    """Another request has changed the script, or gone to another pin, since it was read."""


@dataclass(slots=True)
class Turn:
    """One press of the clicker, on the script as it was read.

    Attributes:
        pin: which one it goes to, counted from 1: 0 if there is none, None until that is known.
    """

    script: Script
    lecture: Lecture
    pin: int | None = field(default=None, init=False)

    @property
    def last(self) -> int:
        """The pin gone to last; 0 for none."""
        return min(self.lecture.pin, len(self.script))

    def to(self, pin: int, simulation: Simulation) -> Iterator[Simulation]:
        """To a pin; nowhere if there is none of this number."""
        self.pin = pin if 1 <= pin <= len(self.script) else 0
        if self.pin:
            there = self.script[pin - 1]
            yield from go_to_moment(simulation, there.iteration, there.cursor)

    def next(self, simulation: Simulation) -> Iterator[Simulation]:
        """To the pin after the one gone to last, whatever steps were taken since."""
        return self.to(self.last + 1, simulation)

    def previous(self, simulation: Simulation) -> Iterator[Simulation]:
        """Back to the pin gone to last if steps were taken since, else to the one before it."""
        latest = simulation
        for there in self.to(self.last, simulation):
            latest = there
            yield simulation
        if latest.moment != simulation.moment:
            yield latest
        else:
            yield from self.to(self.last - 1, simulation)

    def noted(self, stored: Stored, version: int) -> Stored:
        """Note the pin that was gone to. Raises QuestionOpen, ScriptChanged."""
        lecture = stored.lecture or Lecture()
        if lecture.question:
            raise QuestionOpen
        if (lecture.script, lecture.pin) != (self.lecture.script, self.lecture.pin):
            raise ScriptChanged
        if self.pin in (None, 0, lecture.pin):
            return stored
        return replace(stored, lecture=replace(lecture, pin=self.pin))

    def notice(self, simulation: Simulation, at_end: str) -> str:
        """What to say of the result; `at_end` if the press led nowhere."""
        if self.pin is None:  # it had been made before
            return ""
        if not self.pin:
            return at_end if self.script else EMPTY
        pin = self.script[self.pin - 1]
        return "" if _is_at(simulation, pin) else NEAREST


def _is_at(simulation: Simulation, pin: Pin) -> bool:
    """Whether this is the moment of a pin. An iteration begins where the one before it ends."""
    if not pin.cursor and simulation.finished:
        return pin.iteration == simulation.iteration + 1
    return simulation.moment == (pin.iteration, pin.cursor)


Way = Callable[[Turn, Simulation], Iterator[Simulation]]


async def to_next(request: Request) -> Response:
    """Go to the next pin."""
    return await _go(request, Turn.next, LAST)


async def to_previous(request: Request) -> Response:
    """Go back to the pin gone to last, or to the one before it."""
    return await _go(request, Turn.previous, FIRST)


async def to_pin(request: Request) -> Response:
    """Go to the pin that the field `pin` names, counted from 1."""

    def way(turn: Turn, simulation: Simulation) -> Iterator[Simulation]:
        return turn.to(pin, simulation)

    pin = whole_number("pin", (await read_form(request)).get("pin", ""))
    return await _go(request, way, GONE)


async def _go(request: Request, way: Way, at_end: str) -> Response:
    """Make the move, as one change that can be undone, and show the result."""
    preferences = preferences_of(request)
    press = press_of(request, await read_form(request))
    try:
        session, turn = await _turned(request, way, press, preferences.language)
    except PreconditionFailed:
        page_state = replace(await current_page(request, press), notice=OUTDATED)
        return await page_of(request, page_state, preferences, 409)
    except AnswerLost as error:
        return outcome_page(request, press, error)
    page_state = page_of_session(session)
    if notice := turn.notice(session.simulation, at_end):
        return await page_of(request, replace(page_state, notice=notice), preferences)
    return await respond(request, page_state, preferences)


async def _turned(request: Request, way: Way, press: Press, language: str) -> tuple[Session, Turn]:
    """Go to a pin. A change of the script at the same time is heeded.

    Raises what `Sessions.change` raises.
    """
    cookie = read_cookie(request)
    if cookie is None:
        raise NotFound
    for _attempt in range(ATTEMPTS):
        session = await sessions_in(request).get(named_network(request), cookie.key)
        turn = Turn(script_of(session, language), session.lecture or Lecture())

        def change(simulation: Simulation, turn: Turn = turn) -> Iterator[Simulation]:
            return way(turn, simulation)

        timed = request.app.state.metrics.timing("script", change)
        try:
            return await change_session(request, timed, press, turn.noted), turn
        except ScriptChanged:
            continue
    raise Conflict


network_routes: list[Route] = [
    Route(base_of("{id}/script/next"), to_next, methods=["POST"]),
    Route(base_of("{id}/script/previous"), to_previous, methods=["POST"]),
    Route(base_of("{id}/script/go"), to_pin, methods=["POST"]),
]
routes: list[Route] = []
