"""The session of a browser, and the actions that change it.

Every action counts, however fast they follow each other, with one exception. If the store's answer
to an action is lost, it is unknown whether the session has changed, and the visitor, who sees an
unchanged page, may repeat the action. A cookie therefore keeps the version that the action was meant
for, and the same action is applied again only to that version.
"""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from app.sessions.codec import CorruptRecord
from app.sessions.rate_limits import RateLimitExceeded
from app.sessions.service import Change, NotFound, PreconditionFailed, Session
from app.sessions.stores.base import AnswerLost
from app.view.rendering.urls import url
from app.web.http.problems import answer
from app.web.http.rate_limiting import create_session
from app.web.http.security import cookies, read_cookie, set_cookie
from app.web.pages.query import DEFAULT, current_session, initial_example, short_hash

Action = tuple[object, ...]  # equal for equal actions

UNCONFIRMED_COOKIE = "backstep_lost"
UNCONFIRMED_SECONDS = 24 * 60 * 60


async def session_of(request: Request, cookie: tuple[str, str] | None) -> Session | None:
    """Return the session of a cookie, None if there is none or it has expired."""
    if cookie is None:
        return None
    try:
        session: Session = await request.app.state.sessions.get(*cookie)
    except NotFound:
        return None
    return session


async def change_session(request: Request, change: Change, action: Action) -> Session:
    """Change the browser's session, or a new one if it has none.

    Raises:
        AnswerLost: answer it with `unconfirmed`.
    """
    sessions = request.app.state.sessions
    cookie = current_session(request)
    if cookie is None:
        return await _new_session(request, change)
    version = _unconfirmed_version(request, cookie[0], action)
    try:
        session: Session = await sessions.change(*cookie, change, version)
    except PreconditionFailed:  # the same action was applied before, or another tab's
        session = await sessions.get(*cookie)
    except NotFound:  # expired, or of another server
        session = await _new_session(request, change)
    return session


async def _new_session(request: Request, change: Change) -> Session:
    start = (initial_example(request.query_params) or DEFAULT).simulation
    try:
        previous = await session_of(request, read_cookie(request))
    except (CorruptRecord, RateLimitExceeded):
        previous = None
    if previous is not None:  # its saved runs, to compare the new session with
        start = replace(start, saved_runs=previous.simulation.saved_runs)
    return await create_session(request, start, change)


async def unconfirmed(request: Request, error: AnswerLost, action: Action) -> Response:
    """Return the problem, with a cookie that names the action and the version."""
    response = await answer(request, error)
    cookie = current_session(request)
    if cookie is not None and error.version is not None:
        text = f"{_name(cookie[0], action)}.{error.version}"
        set_cookie(request, response, UNCONFIRMED_COOKIE, text, UNCONFIRMED_SECONDS)
    return response


def forget_unconfirmed(request: Request, response: Response) -> None:
    """Delete the cookie: the page shows whether the action was applied."""
    if UNCONFIRMED_COOKIE in cookies(request):
        response.delete_cookie(UNCONFIRMED_COOKIE, path=url("/"), httponly=True, samesite="lax")


def _unconfirmed_version(request: Request, id: str, action: Action) -> int | None:
    """Return the version that the same action was meant for, if its answer was lost."""
    cookie = cookies(request).get(UNCONFIRMED_COOKIE)
    if cookie is None:
        return None
    name, _, version = cookie.partition(".")
    if name != _name(id, action) or not (version.isascii() and version.isdigit()):
        return None
    return int(version[:18])


def _name(id: str, action: Action) -> str:
    return short_hash(f"{id} {action}")
