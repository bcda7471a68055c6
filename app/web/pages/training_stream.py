"""Training on the page, a chunk at a time, with its progress as server-sent events.

A chunk is an ordinary change and is stored at once. So a training can be stopped from any tab or
process without losing what is done, and other visitors get their turn in between. The request for
the events trains the next chunk; without JavaScript a button does.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from time import monotonic

import anyio
from msgspec.json import encode
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.sessions.codec import CorruptRecord
from app.sessions.rate_limits import RateLimitExceeded
from app.sessions.service import Conflict, NotFound, Session, TooLong
from app.sessions.stores.base import StoreUnavailable
from app.simulation.simulation import Simulation
from app.simulation.training import continue_training, finished_iterations, is_running
from app.view.rendering.languages import translations
from app.view.screen.training_status import training_message
from app.web.http.middleware import cross_site
from app.web.http.preferences import preferences_of
from app.web.http.problems import Problem
from app.web.pages.browser_session import session_of
from app.web.pages.query import current_session

EVERY = 0.1  # seconds between two events: as often as can be read
WITHOUT_SCRIPT = 1.0  # seconds of chunks for a browser that does not listen to events
RETRY = b"retry: 1000\n\n"  # milliseconds until a browser that lost the events reconnects
ENDINGS = (Conflict, CorruptRecord, NotFound, StoreUnavailable, TooLong, RateLimitExceeded)


async def continue_without_script(request: Request, session: Session) -> Session:
    """Train further chunks for a browser without JavaScript, as long as one waits for a page."""
    if not is_running(session.simulation) or "hx-request" in request.headers:
        return session
    cookie = (session.id, session.key) if session.key else current_session(request)
    if cookie is None:
        return session
    until = monotonic() + WITHOUT_SCRIPT
    while is_running(session.simulation) and monotonic() < until:
        try:
            later = await request.app.state.sessions.change(*cookie, continue_training)
        except ENDINGS:  # the page shows what is done so far, with a button to continue
            break
        session = replace(later, key=session.key)
    return session


async def events(request: Request) -> Response:
    """Train, and send the progress as server-sent events."""
    if cross_site(request.headers):
        return Problem(403, "Changes from another site are not allowed.").response()
    cookie = current_session(request)
    session = await session_of(request, cookie)
    if session is None or cookie is None or not is_running(session.simulation):
        return Response(status_code=204)  # the browser does not reconnect
    language = preferences_of(request).language
    stream = _stream(request, cookie, session.simulation, language)
    # Proxies must not buffer the events.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _stream(
    request: Request, cookie: tuple[str, str], simulation: Simulation, language: str
) -> AsyncIterator[bytes]:
    yield RETRY
    sent_at, state = 0.0, request.app.state
    while is_running(simulation) and not state.stopping.is_set():
        if monotonic() - sent_at >= EVERY:
            sent_at = monotonic()
            yield _event("", simulation, language)
        try:
            # A visitor who leaves does so between two chunks: none is cut off while it is stored.
            with anyio.CancelScope(shield=True):
                change = state.metrics.timing("train", continue_training)
                simulation = (await state.sessions.change(*cookie, change)).simulation
        except ENDINGS as error:
            await asyncio.sleep(min(error.wait, 5) if isinstance(error, RateLimitExceeded) else 0)
            return  # the browser reconnects by itself
        await asyncio.sleep(0)
    if not is_running(simulation):
        yield _event("over", simulation, language)


def _event(name: str, simulation: Simulation, language: str) -> bytes:
    training = simulation.training
    content = {
        "done": finished_iterations(simulation) - training.begun if training else 0,
        "of": training.iterations if training else 0,
        "text": training_message(simulation, translations(language).gettext),
    }
    named = f"event: {name}\n".encode() if name else b""
    return named + b"data: " + encode(content) + b"\n\n"
