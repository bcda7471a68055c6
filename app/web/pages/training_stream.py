"""Training on the page, a chunk at a time, with its progress as server-sent events.

A chunk is an ordinary change and is stored at once. So a training can be stopped from any tab or
process without losing what is done, and other visitors get their turn in between. It goes on as long
as a request for the events listens; without JavaScript a button trains the next chunks.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from time import monotonic

from msgspec.json import encode
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.sessions.codec import CorruptRecord
from app.sessions.rate_limits import RateLimitExceeded
from app.sessions.service import REPEATABLE, Conflict, NotFound, Session, TooLong
from app.sessions.stores.base import StoreUnavailable
from app.simulation.simulation import Simulation
from app.simulation.training import continue_training, finished_iterations, is_running
from app.view.rendering.languages import translations
from app.view.rendering.page_state import Preferences
from app.view.screen.training_status import training_message
from app.web.http.middleware import OTHER_SITE, cross_site
from app.web.http.preferences import preferences_of
from app.web.http.problems import Problem
from app.web.pages.browser_session import owner_of, session_of

EVERY = 0.1  # seconds between two events: as often as can be read
WITHOUT_SCRIPT = 1.0  # seconds of chunks for a browser that does not listen to events
RETRY = b"retry: 1000\n\n"  # milliseconds until a browser that lost the events reconnects
ENDINGS = (Conflict, CorruptRecord, NotFound, StoreUnavailable, TooLong, RateLimitExceeded)


async def continue_without_script(request: Request, session: Session) -> Session:
    """Train further chunks for a browser without JavaScript, as long as one waits for a page."""
    if not is_running(session.simulation):
        return session
    key = owner_of(request).key
    until = monotonic() + (0 if "hx-request" in request.headers else WITHOUT_SCRIPT)
    with suppress(*ENDINGS):  # the page shows what is done so far, with a button to continue
        while is_running(session.simulation) and monotonic() < until:
            change = request.app.state.sessions.change
            later = await change(session.id, key, continue_training, REPEATABLE)
            session = replace(later, key=session.key)
    return session


async def events(request: Request) -> Response:
    """Train, and send the progress as server-sent events."""
    if cross_site(request.headers):
        return Problem(403, OTHER_SITE).response()
    session = await session_of(request)
    if session is None or not is_running(session.simulation):
        return Response(status_code=204)  # the browser does not reconnect
    access = session.id, owner_of(request).key
    stream = _stream(request, access, session.simulation)
    # Proxies must not buffer the events.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _stream(
    request: Request, access: tuple[str, str], simulation: Simulation
) -> AsyncIterator[bytes]:
    yield RETRY
    preferences = preferences_of(request)
    training = SharedTraining.of(request.app.state, access, simulation)
    with training.listening():
        while not training.ended:
            yield _event("", training.simulation, preferences)
            await training.progress()
    if not is_running(training.simulation):
        yield _event("over", training.simulation, preferences)


class SharedTraining:
    """The training of a session in this process, for all streams that listen to it.

    One task changes the session, however many tabs listen: a press on Stop waits for one chunk, and
    not for a chunk of each. The task ends between two chunks when nobody listens any more, so none
    is cut off while it is stored.
    """

    def __init__(self, state: State, access: tuple[str, str], simulation: Simulation) -> None:
        self.simulation = simulation
        self.ended = False
        self._state = state
        self._access = access
        self._listeners = 0
        self._next = asyncio.Event()  # of the next progress
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, state: State, access: tuple[str, str], simulation: Simulation) -> "SharedTraining":
        """Return the training of a session, which the first stream starts."""
        trainings: dict[tuple[str, str], SharedTraining] = state.trainings
        if access not in trainings:
            trainings[access] = cls(state, access, simulation)
        return trainings[access]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Keep the training going meanwhile."""
        self._listeners += 1
        self._task = self._task or asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._listeners -= 1

    async def progress(self) -> None:
        """Wait until there is something new to tell, or the training ends here."""
        await self._next.wait()

    async def _run(self) -> None:
        told, state = monotonic(), self._state
        try:
            while self._listeners and is_running(self.simulation) and not state.stopping.is_set():
                change = state.metrics.timing("train", continue_training)
                session = await state.sessions.change(*self._access, change, REPEATABLE)
                self.simulation = session.simulation
                if monotonic() - told >= EVERY:
                    told = monotonic()
                    self._tell()
                await asyncio.sleep(0)
        except ENDINGS as error:  # the browsers reconnect by themselves
            await asyncio.sleep(min(error.wait, 5) if isinstance(error, RateLimitExceeded) else 0)
        finally:
            state.trainings.pop(self._access)
            self.ended = True
            self._tell()

    def _tell(self) -> None:
        told, self._next = self._next, asyncio.Event()
        told.set()


def _event(name: str, simulation: Simulation, preferences: Preferences) -> bytes:
    training = simulation.training
    content = {
        "done": finished_iterations(simulation) - training.begun if training else 0,
        "of": training.iterations if training else 0,
        "text": training_message(
            simulation, translations(preferences.language).gettext, preferences.shown_digits
        ),
    }
    named = f"event: {name}\n".encode() if name else b""
    return named + b"data: " + encode(content) + b"\n\n"
