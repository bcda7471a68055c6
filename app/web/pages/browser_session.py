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
from app.sessions.rate_limits import TooMany
from app.sessions.service import Change, NotFound, PreconditionFailed, Session
from app.sessions.stores.base import AnswerLost
from app.simulation.error_curve import SavedRun
from app.simulation.navigation import record_undo
from app.simulation.simulation import Simulation
from app.web.http.problems import answer
from app.web.http.rate_limiting import begin
from app.web.http.security import cookies, read_cookie
from app.web.pages.query import DEFAULT, held, mark, start_of

Press = tuple[object, ...]  # all that makes one what it is

LOST_COOKIE = "backstep_lost"
LOST_FOR = 24 * 60 * 60  # seconds


async def session_of(request: Request) -> Session | None:
    """The browser's session, None where it has none or no longer."""
    return await _session(request, held(request))


async def kept_session(request: Request) -> Session | None:
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


async def changed(request: Request, change: Change, press: Press) -> Session:
    """The session after a change; a new one where the browser has none.

    `press` tells what was pressed from anything else that might be. Raises AnswerLost, which
    `lost` answers.
    """
    sessions = request.app.state.sessions
    cookie = held(request)
    if cookie is not None:
        version = _meant_for(request, cookie[0], press)
        try:
            session: Session = await sessions.change(*cookie, change, version)
        except PreconditionFailed:  # the press before it was made, or another tab's
            session = await sessions.get(*cookie)
        except NotFound:
            return await _begun(request, change)  # expired, or of another server: it begins anew
        return session
    return await _begun(request, change)


async def _begun(request: Request, change: Change) -> Session:
    start = (start_of(request.query_params) or DEFAULT).simulation
    start = replace(start, runs=await _kept(request))
    outcome = change(start)
    if isinstance(outcome, Simulation):
        begun: Session = await begin(request, record_undo(outcome, start))
        return begun
    begun = await begin(request, start)
    done = await request.app.state.sessions.change(begun.id, begun.key, change)
    return Session(done.id, done.version, done.simulation, begun.key)


async def _kept(request: Request) -> tuple[SavedRun, ...]:
    """The runs that the browser's session before this one kept: those of another network, or of
    other first weights, are what a new one is compared with."""
    cookie = read_cookie(request)
    if cookie is None:
        return ()
    try:
        before: Session = await request.app.state.sessions.get(*cookie)
    except (NotFound, CorruptRecord, TooMany):
        return ()
    return before.simulation.runs


async def lost(request: Request, error: AnswerLost, press: Press) -> Response:
    """The problem, and for the browser to keep what it would need to press again."""
    response = await answer(request, error)
    cookie = held(request)
    if cookie is not None and error.version is not None:
        response.set_cookie(
            LOST_COOKIE,
            f"{_name(cookie[0], press)}.{error.version}",
            max_age=LOST_FOR,
            path="/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
    return response


def settled(request: Request, response: Response) -> None:
    """The session is shown as it is: whatever was lost before is forgotten."""
    if LOST_COOKIE in cookies(request):
        response.delete_cookie(LOST_COOKIE, path="/", httponly=True, samesite="lax")


def _meant_for(request: Request, id: str, press: Press) -> int | None:
    """The version for which the same press was lost, if one was."""
    kept = cookies(request).get(LOST_COOKIE)
    if kept is None:
        return None
    name, _, version = kept.partition(".")
    if name != _name(id, press) or not (version.isascii() and version.isdigit()):
        return None
    return int(version[:18])


def _name(id: str, press: Press) -> str:
    return mark(f"{id} {press}")
