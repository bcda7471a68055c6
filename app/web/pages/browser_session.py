"""The session of a browser, and the presses that change it."""

from contextlib import suppress
from dataclasses import replace
from re import fullmatch
from secrets import token_hex

from starlette.requests import Request

from app.sessions.codec import CHANGE_ID, CorruptRecord
from app.sessions.rate_limits import RateLimitExceeded
from app.sessions.service import Change, NotFound, Press, Session
from app.view.rendering.page_state import PRESS
from app.web.http.rate_limiting import create_session
from app.web.http.security import read_cookie
from app.web.pages.query import DEFAULT, initial_example

Cookie = tuple[str, str]

RANDOM_BYTES = 6  # of the id of a page, and of a press on it


def press_of(request: Request, form: dict[str, str]) -> Press:
    """Return the id of a press, and what its page showed; the form loses the field that says so.

    The script sends both in a header. A form without it names its page only, so that it can be sent
    several times: each time is a press of its own.
    """
    sent = request.headers.get(PRESS, form.pop(PRESS, ""))
    if not sent:
        return Press()
    id, _, after = sent.partition("~")
    if "." not in id:
        id = f"{id}.{token_hex(RANDOM_BYTES)}"
    return Press(id, after) if fullmatch(CHANGE_ID, id) else Press()


def names_example(request: Request) -> bool:
    """Whether the request comes from a page that shows an example."""
    return bool(request.scope["query_string"] and initial_example(request.query_params))


async def session_of(request: Request, cookie: Cookie | None) -> Session | None:
    """Return the session of a cookie, None if there is none or it has expired."""
    with suppress(NotFound):
        if cookie is not None:
            session: Session = await request.app.state.sessions.get(*cookie)
            return session
    return None


async def current_session(request: Request, press: Press) -> Cookie | None:
    """Return the (id, key) of the session that a press changes, None if it creates a new one.

    A page of an example has no session, until a press on it creates one. Further ones, however fast
    they follow, continue it.
    """
    cookie = read_cookie(request)
    if not names_example(request):
        return cookie
    session = await _previous(request)
    return cookie if session and any(map(press.is_of_page, session.changes)) else None


async def change_session(request: Request, change: Change, press: Press) -> Session:
    """Change the browser's session, or a new one if it has none."""
    cookie = await current_session(request, press)
    if cookie is not None:
        with suppress(NotFound):  # expired, or of another server
            session: Session = await request.app.state.sessions.change(*cookie, change, press)
            return session
    start = (initial_example(request.query_params) or DEFAULT).simulation
    if previous := await _previous(request):  # its saved runs, to compare the new session with
        start = replace(start, saved_runs=previous.simulation.saved_runs)
    return await create_session(request, start, change, press)


async def _previous(request: Request) -> Session | None:
    """Return the browser's session if it can be read."""
    try:
        return await session_of(request, read_cookie(request))
    except (CorruptRecord, RateLimitExceeded):
        return None
