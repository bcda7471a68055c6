"""The session that a browser holds, and what a press on the page changes of it.

Every press counts, however fast one follows the other. The exception is the same press after one
whose answer was lost: it may have been made, and whoever sees the page unchanged presses again. So
the browser is given the version that it was meant for to keep, and the next such press is made only
if the session still stands there; else there is to see what came of the first.
"""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from app.sessions.codec import CorruptRecord
from app.sessions.rate_limits import RateLimitExceeded
from app.sessions.service import Change, NotFound, PreconditionFailed, Session
from app.sessions.stores.base import AnswerLost
from app.simulation.error_curve import SavedRun
from app.view.rendering.urls import url
from app.web.http.problems import answer
from app.web.http.rate_limiting import create_session
from app.web.http.security import cookies, read_cookie
from app.web.pages.query import DEFAULT, current_session, initial_example, short_hash

Action = tuple[object, ...]  # all that makes one what it is

UNCONFIRMED_COOKIE = "backstep_lost"
UNCONFIRMED_SECONDS = 24 * 60 * 60  # seconds


async def session_of(request: Request) -> Session | None:
    """The browser's session, None where it has none or no longer."""
    return await _session(request, current_session(request))


async def cookie_session(request: Request) -> Session | None:
    """The same, whatever the address names."""
    return await _session(request, read_cookie(request))


async def _session(request: Request, cookie: tuple[str, str] | None) -> Session | None:
    if cookie is None:
        return None
    try:
        session: Session = await request.app.state.sessions.get(*cookie)
    except NotFound:
        return None
    return session


async def change_session(request: Request, change: Change, press: Action) -> Session:
    """The session after a change; a new one where the browser has none.

    `press` tells what was pressed from anything else that might be. Raises AnswerLost, which
    `unconfirmed` answers.
    """
    sessions = request.app.state.sessions
    cookie = current_session(request)
    if cookie is not None:
        version = _intended_version(request, cookie[0], press)
        try:
            session: Session = await sessions.change(*cookie, change, version)
        except PreconditionFailed:  # the press before it was made, or another tab's
            session = await sessions.get(*cookie)
        except NotFound:
            return await _new_session(request, change)  # expired, or of another server
        return session
    return await _new_session(request, change)


async def _new_session(request: Request, change: Change) -> Session:
    start = (initial_example(request.query_params) or DEFAULT).simulation
    start = replace(start, saved_runs=await _saved_runs(request))
    return await create_session(request, start, change)


async def _saved_runs(request: Request) -> tuple[SavedRun, ...]:
    """The runs that the browser's session before this one kept: those of another network, or of
    other first weights, are what a new one is compared with."""
    cookie = read_cookie(request)
    if cookie is None:
        return ()
    try:
        before: Session = await request.app.state.sessions.get(*cookie)
    except (NotFound, CorruptRecord, RateLimitExceeded):
        return ()
    return before.simulation.saved_runs


async def unconfirmed(request: Request, error: AnswerLost, press: Action) -> Response:
    """The problem, and for the browser to keep what it would need to press again."""
    response = await answer(request, error)
    cookie = current_session(request)
    if cookie is not None and error.version is not None:
        response.set_cookie(
            UNCONFIRMED_COOKIE,
            f"{_name(cookie[0], press)}.{error.version}",
            max_age=UNCONFIRMED_SECONDS,
            path=url("/"),
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
    return response


def forget_unconfirmed(request: Request, response: Response) -> None:
    """The session is shown as it is: whatever was lost before is forgotten."""
    if UNCONFIRMED_COOKIE in cookies(request):
        response.delete_cookie(UNCONFIRMED_COOKIE, path=url("/"), httponly=True, samesite="lax")


def _intended_version(request: Request, id: str, press: Action) -> int | None:
    """The version for which the same press was lost, if one was."""
    kept = cookies(request).get(UNCONFIRMED_COOKIE)
    if kept is None:
        return None
    name, _, version = kept.partition(".")
    if name != _name(id, press) or not (version.isascii() and version.isdigit()):
        return None
    return int(version[:18])


def _name(id: str, press: Action) -> str:
    return short_hash(f"{id} {press}")
