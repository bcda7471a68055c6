"""What the API's routes that change a session share."""

from typing import Annotated, Any

from fastapi import Header, Path
from starlette.requests import Request
from starlette.responses import Response

from app.sessions.service import Change, Session
from app.web.api.openapi import OWNER, problems
from app.web.api.schemas import responses as answers
from app.web.api.schemas import serialize as state
from app.web.api.schemas.requests import error_message
from app.web.http.metrics import Metrics
from app.web.http.security import owner_key

Id = Annotated[str, Path(description="the session's id")]


async def owned_session(request: Request, id: str) -> Session:
    """The session, for its owner."""
    session: Session = await request.app.state.sessions.get(id, owner_key(request, id))
    return session


def session_response(session: Session, content: object) -> Response:
    """What was seen of a session, as JSON."""
    return Response(
        state.encoded(content), 200, {"ETag": etag(session)}, media_type="application/json"
    )


def etag(session: Session) -> str:
    """The version, as If-Match and If-None-Match take it."""
    return f'"{session.version}"'


ANY = "*"  # If-Match: any version

Version = Annotated[
    str,
    Header(
        alias="If-Match",
        pattern=r'^(\*|\d{1,15}|(W/)?"\d{1,15}")$',
        description="change only this version (an ETag), or answer 412",
    ),
    error_message('must be a version such as 12 or "12", or *'),
]

CHANGE: dict[str, Any] = {
    "openapi_extra": OWNER,
    "response_model": answers.State,
    "response_description": "Where the session stands now; the ETag is its version.",
    "responses": problems(403, 404, 409, 412, 413, 415, 422, 503),
}


async def change_session(request: Request, id: str, version: str, change: Change) -> Response:
    """Where the session stands after a change, made at that version if one is named."""
    expected = None if version == ANY else int(version.removeprefix("W/").strip('"'))
    metrics: Metrics = request.app.state.metrics
    name = request.scope["endpoint"].__name__
    timed = metrics.timing(name, change)
    session = await request.app.state.sessions.change(id, owner_key(request, id), timed, expected)
    return state_response(session)


def state_response(session: Session) -> Response:
    """Where a session stands, as JSON."""
    headers = {"ETag": etag(session)}
    return Response(state.encoded_state(session), 200, headers, "application/json")
